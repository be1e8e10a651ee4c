// SPDX-License-Identifier: Apache-2.0
// Frames as an enemy or a broken switch makes them. Each lies in a heap block of its size (fake_frame_port.hpp), so
// under a sanitizer the first byte read too far is an error; without one, the sums still have to hold.
#include <gtest/gtest.h>
#include <vector>

#include "regstorm/base/prng.hpp"
#include "station.hpp"

namespace regstorm::net {
namespace {

std::vector<wire::Bytes> valid_frames() {
    const wire::Ethernet tagged{own_mac, registrar_mac, 7};
    const wire::Ethernet to_all{base::broadcast_mac, registrar_mac, {}};
    const std::string text = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 198.18.0.1:5060;branch=z9hG4bK1\r\n\r\n";
    const wire::Ip icmp = {.source = registrar.ip, .destination = phone(5).ip, .protocol = 1};
    const wire::Ip icmp6 = {.source = registrar6.ip, .destination = phone6(5).ip, .protocol = 58, .hop_limit = 255};
    const wire::Ip options = {.source = registrar.ip, .destination = phone(0).ip, .options = wire::Bytes(8, '\x01')};
    const wire::Bytes own_datagram = wire::udp_packet(phone(5), registrar, text);
    const wire::Bytes own_datagram6 = wire::udp_packet(phone6(5), registrar6, text);
    const wire::Bytes asked_mac = wire::Bytes("\x01\x01", 2) + wire::mac_bytes(registrar_mac);
    const wire::Bytes told_mac = wire::Bytes("\x02\x01", 2) + wire::mac_bytes(registrar_mac);
    return {
        answer_frame(0, text),
        wire::udp_frame(tagged, registrar, phone(1), text),
        wire::frame(from_registrar, 0x0800, wire::packet(options, wire::udp(registrar, phone(0), text))),
        wire::frame(to_all, 0x0806, wire::arp(1, registrar_mac, registrar.ip, zero_mac, phone(0).ip)),
        wire::frame(from_registrar, 0x0806, wire::arp(2, registrar_mac, registrar.ip, own_mac, phone(0).ip)),
        wire::frame(from_registrar, 0x0800, wire::packet(icmp, wire::icmp(8, 0, 1, text))),
        wire::frame(from_registrar, 0x0800, wire::packet(icmp, wire::icmp(3, 3, 0, own_datagram))),
        wire::udp_frame(from_registrar, registrar6, phone6(0), text),
        wire::frame(tagged, 0x86dd, wire::packet(icmp6, wire::icmp6(icmp6, 1, 4, 0, own_datagram6))),
        wire::frame(from_registrar, 0x86dd, wire::packet(icmp6, wire::icmp6(icmp6, 128, 0, 1, text))),
        wire::frame(from_registrar, 0x86dd,
                    wire::packet(icmp6, wire::icmp6(icmp6, 135, 0, 0, wire::ip_bytes(phone6(5).ip) + asked_mac))),
        wire::frame(from_registrar, 0x86dd,
                    wire::packet(icmp6, wire::icmp6(icmp6, 136, 0, 0, wire::ip_bytes(registrar6.ip) + told_mac))),
    };
}

LinkConfig hostile_config(const char* first_source, bool verify) {
    LinkConfig config = phones(first_source);
    config.vlan_id = 7;
    config.verify_checksums = verify;
    return config;
}

/// What is delivered never reaches out of its frame and never exceeds what the poll loop takes; touch every byte.
void check_delivered(const std::vector<Delivered>& delivered, const wire::Bytes& frame) {
    ASSERT_LE(delivered.size(), 1);
    for (const Delivered& datagram : delivered) {
        ASSERT_LE(datagram.data.size(), frame.size());
        ASSERT_LE(datagram.data.size(), port::payload_bytes_max);
        ASSERT_LT(datagram.source.address, 200);
        ASSERT_TRUE(datagram.source.udp_port >= 5060 && datagram.source.udp_port <= 5069);
    }
}

TEST(HostileFrames, INV_5_EveryTruncationOfAValidFrameEndsInOneCounter) {
    for (const char* first_source : {"198.18.0.1", "2001:db8::1"}) {
        for (const bool verify : {true, false}) {
            Station station(hostile_config(first_source, verify));
            for (const wire::Bytes& whole : valid_frames()) {
                for (std::size_t size = 0; size <= whole.size(); ++size) {
                    const wire::Bytes frame = whole.substr(0, size);
                    const std::vector<Delivered> delivered = station.receive(frame);
                    check_delivered(delivered, frame);
                    EXPECT_TRUE(size == whole.size() || delivered.empty()) << "a cut frame is never delivered";
                }
            }
            station.check_sums();
        }
    }
}

TEST(HostileFrames, TPT_8_NoTruncationOfADatagramPasses) {
    Station station(hostile_config("198.18.0.1", false));
    const wire::Bytes whole = answer_frame(0, "SIP/2.0 200 OK");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_EQ(station.fate_of(whole.substr(0, size)), FrameFate::bad_length) << size;
    }
    EXPECT_EQ(station.fate_of(whole), FrameFate::datagram);
}

/// Bends a frame a few times: bit flips, edge values, random bytes, cuts, growth.
wire::Bytes mutate(wire::Bytes frame, base::Prng& prng) {
    constexpr unsigned char edges[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0x04, 0x06, 0x11, 0x3a};
    for (std::uint64_t i = 1 + prng.below(4); i != 0 && !frame.empty(); --i) {
        // Headers are where the reader decides; half of the changes go there.
        const std::size_t reach = prng.below(2) == 0 ? std::min<std::size_t>(frame.size(), 70) : frame.size();
        const std::size_t at = prng.below(reach);
        switch (prng.below(6)) {
            case 0:
            case 1:
                frame[at] = static_cast<char>(frame[at] ^ (1 << prng.below(8)));
                break;
            case 2:
                frame[at] = static_cast<char>(edges[prng.below(sizeof edges)]);
                break;
            case 3:
                frame[at] = static_cast<char>(prng.next());
                break;
            case 4:
                frame.resize(prng.below(frame.size() + 1));
                break;
            default:
                frame.insert(at, prng.below(40), static_cast<char>(prng.next()));
                break;
        }
    }
    return frame;
}

/// Makes the outer checksums right again, so that mutants get past them.
void repair(wire::Bytes& frame) {
    const std::size_t tag_bytes = frame.size() > 16 && wire::number_at(frame, 12, 2) == 0x8100 ? 4 : 0;
    const std::size_t ip_at = 14 + tag_bytes;
    if (frame.size() < ip_at + 20 || wire::number_at(frame, ip_at - 2, 2) != 0x0800) {
        return;
    }
    const std::size_t header_bytes =
        std::min<std::size_t>((wire::byte_at(frame, ip_at) & 0xf) * 4, frame.size() - ip_at);
    wire::put(frame, ip_at + 10, 0, 2);
    wire::put(frame, ip_at + 10, wire::slow_checksum(frame.substr(ip_at, header_bytes)), 2);
    const std::size_t icmp_at = ip_at + header_bytes;
    const std::size_t total = wire::number_at(frame, ip_at + 2, 2);
    if (wire::byte_at(frame, ip_at + 9) == 1 && total > header_bytes + 4 && icmp_at + 4 <= frame.size()) {
        wire::put(frame, icmp_at + 2, 0, 2);
        wire::put(frame, icmp_at + 2, wire::slow_checksum(frame.substr(icmp_at, total - header_bytes)), 2);
    }
}

TEST(HostileFrames, INV_5_AMillionMutantsAreCountedAndSurvived) {
    constexpr std::uint64_t seed = 0x5eed;
    SCOPED_TRACE(seed);
    base::Prng prng(seed);
    const std::vector<wire::Bytes> seeds = valid_frames();
    Station ipv4(hostile_config("198.18.0.1", false));
    Station ipv6(hostile_config("2001:db8::1", false));
    std::uint64_t delivered = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        wire::Bytes frame;
        if (prng.below(16) == 0) {
            frame.resize(prng.below(200));
            for (char& byte : frame) {
                byte = static_cast<char>(prng.next());
            }
        } else {
            frame = mutate(seeds[prng.below(seeds.size())], prng);
            if (prng.below(2) == 0) {
                repair(frame);
            }
        }
        Station& station = prng.below(2) == 0 ? ipv4 : ipv6;
        const std::vector<Delivered> datagrams = station.receive(frame);
        check_delivered(datagrams, frame);
        if (testing::Test::HasFatalFailure()) {
            FAIL() << "mutant " << i;
        }
        delivered += datagrams.size();
        station.frames.sent.clear();
    }
    EXPECT_GT(delivered, 1000) << "mutants that die at the first check prove nothing";
    for (const FateRow& row : fate_rows) {
        EXPECT_GT(ipv4.port.link_counters()[row.fate] + ipv6.port.link_counters()[row.fate], 0) << row.name;
    }
    ipv4.check_sums();
    ipv6.check_sums();
}

}  // namespace
}  // namespace regstorm::net
