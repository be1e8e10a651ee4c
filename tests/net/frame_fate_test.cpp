// SPDX-License-Identifier: Apache-2.0
// What becomes of each kind of frame: every test sends frames to a station and asks which counter moved.
#include "regstorm/net/frame_fate.hpp"

#include <gtest/gtest.h>

#include "station.hpp"

namespace regstorm::net {
namespace {

/// Puts the IPv4 header checksum right after a test bent the header.
wire::Bytes with_header_sum(wire::Bytes frame) {
    wire::put(frame, 24, 0, 2);
    wire::put(frame, 24, wire::slow_checksum(frame.substr(14, 20)), 2);
    return frame;
}

TEST(FrameFate, DatagramsForUsAreDeliveredWithBothAddresses) {
    Station station;
    const std::vector<Delivered> delivered =
        station.receive(wire::udp_frame(from_registrar, {registrar.ip, 5077}, phone(199, 5069), "SIP/2.0 200 OK"));
    ASSERT_EQ(delivered.size(), 1);
    EXPECT_EQ(delivered[0].kind, port::RxKind::payload);
    EXPECT_EQ(delivered[0].data, "SIP/2.0 200 OK");
    EXPECT_EQ(delivered[0].source, (base::Source{199, 5069}));
    EXPECT_EQ(delivered[0].remote, (base::SocketAddress{registrar.ip, 5077}));
    EXPECT_EQ(station.port.address_of(delivered[0].source), phone(199, 5069));
    station.check_sums();
}

TEST(FrameFate, PaddingAndIpOptionsAreNoPartOfThePayload) {
    Station station;
    const wire::Bytes padded = wire::padded(answer_frame(0, "\r\n"));
    ASSERT_EQ(padded.size(), 60);
    EXPECT_EQ(station.receive(padded).at(0).data, "\r\n");

    const wire::Ip with_options = {
        .source = registrar.ip, .destination = phone(0).ip, .options = wire::Bytes(4, '\x01')};
    const wire::Bytes packet = wire::packet(with_options, wire::udp(registrar, phone(0), "behind options"));
    EXPECT_EQ(station.receive(wire::frame(from_registrar, 0x0800, packet)).at(0).data, "behind options");

    EXPECT_EQ(station.receive(answer_frame(0, "")).at(0).data, "");
    station.check_sums();
}

TEST(FrameFate, FramesForOthersAreStrangers) {
    Station station;
    const wire::Ethernet to_other{gateway_mac, registrar_mac, {}};
    const wire::Ethernet to_all{base::broadcast_mac, registrar_mac, {}};
    const base::SocketAddress before{wire::ip("198.18.0.0"), 5060};
    for (const wire::Bytes& frame : {
             wire::udp_frame(to_other, registrar, phone(0), "x"),
             wire::udp_frame(to_all, registrar, phone(0), "x"),
             wire::udp_frame(to_all, registrar, {wire::ip("255.255.255.255"), 5060}, "x"),
             wire::udp_frame(from_registrar, registrar, before, "x"),
             wire::udp_frame(from_registrar, registrar, phone(200), "x"),
             wire::udp_frame(from_registrar, registrar, phone(0, 5059), "x"),
             wire::udp_frame(from_registrar, registrar, phone(0, 5070), "x"),
             wire::udp_frame(from_registrar, {wire::ip("224.0.0.1"), 5060}, phone(0), "x"),
             wire::udp_frame(from_registrar, {wire::ip("255.255.255.255"), 5060}, phone(0), "x"),
             wire::udp_frame(from_registrar, {wire::ip("0.0.0.0"), 5060}, phone(0), "x"),
         }) {
        EXPECT_EQ(station.fate_of(frame), FrameFate::stranger);
    }
    EXPECT_EQ(station.fate_of(wire::frame(from_registrar, 0x88cc, "LLDP")), FrameFate::other_protocol);
    const wire::Ip tcp = {.source = registrar.ip, .destination = phone(0).ip, .protocol = 6};
    EXPECT_EQ(station.fate_of(wire::frame(from_registrar, 0x0800, wire::packet(tcp, wire::Bytes(20, 'x')))),
              FrameFate::other_protocol);
    station.check_sums();
}

TEST(FrameFate, OwnReflectionsAreDropped) {
    Station station;
    const wire::Ethernet own_frame{own_mac, own_mac, {}};
    const wire::Ethernet looped{base::broadcast_mac, own_mac, {}};
    EXPECT_EQ(station.fate_of(wire::udp_frame(own_frame, registrar, phone(0), "x")), FrameFate::reflection);
    EXPECT_EQ(station.fate_of(wire::frame(looped, 0x0806, wire::arp(1, own_mac, phone(0).ip, zero_mac, registrar.ip))),
              FrameFate::reflection);
    EXPECT_EQ(station.fate_of(wire::udp_frame(from_registrar, phone(3), phone(0), "x")), FrameFate::reflection);
    EXPECT_TRUE(station.frames.sent.empty());
    station.check_sums();
}

TEST(FrameFate, TheFirstFragmentIsReportedAndTheOthersAreCounted) {
    Station station;
    constexpr std::uint16_t more = 0x2000;
    const wire::Bytes datagram = wire::udp(registrar, phone(7), wire::Bytes(3000, 'c'));
    const auto fragment = [&](std::uint16_t flags, const wire::Bytes& piece) {
        const wire::Ip ip = {.source = registrar.ip, .destination = phone(7).ip, .fragment = flags};
        return wire::frame(from_registrar, 0x0800, wire::packet(ip, piece));
    };
    const std::vector<Delivered> delivered = station.receive(fragment(more, datagram.substr(0, 1480)));
    ASSERT_EQ(delivered.size(), 1);
    EXPECT_EQ(delivered[0].kind, port::RxKind::oversized);
    EXPECT_EQ(delivered[0].data, wire::Bytes(1472, 'c'));
    EXPECT_EQ(delivered[0].source, (base::Source{7, 5060}));
    EXPECT_EQ(delivered[0].remote, registrar);

    EXPECT_EQ(station.fate_of(fragment(more | 185, datagram.substr(1480, 1480))), FrameFate::fragment);
    EXPECT_EQ(station.fate_of(fragment(370, datagram.substr(2960))), FrameFate::fragment);
    EXPECT_EQ(station.fate_of(fragment(more, "7 bytes")), FrameFate::fragment);
    const wire::Bytes to_other_port = wire::udp(registrar, phone(7, 9), wire::Bytes(1472, 'c'));
    EXPECT_EQ(station.fate_of(fragment(more, to_other_port)), FrameFate::fragment);
    station.check_sums();
}

TEST(FrameFate, WhatIsTooLongForThePollLoopIsDeliveredCut) {
    Station station;
    const std::vector<Delivered> whole = station.receive(answer_frame(0, wire::Bytes(port::payload_bytes_max, 'x')));
    EXPECT_EQ(whole.at(0).kind, port::RxKind::payload);
    const std::vector<Delivered> cut = station.receive(answer_frame(0, wire::Bytes(port::payload_bytes_max + 1, 'x')));
    EXPECT_EQ(cut.at(0).kind, port::RxKind::oversized);
    EXPECT_EQ(cut.at(0).data.size(), port::payload_bytes_max);
    station.check_sums();
}

TEST(FrameFate, TPT_8_LengthsAreValidatedBeforeAnybodyParses) {
    Station station;
    struct Case {
        const char* what;
        std::size_t at;
        std::uint32_t value;
        std::size_t width;
    };
    const wire::Bytes good = answer_frame(0, "SIP/2.0 200 OK");  // 20 + 8 + 14 bytes of packet
    for (const Case& test : {
             Case{"version 6 as IPv4", 14, 0x65, 1},
             Case{"header of 16 bytes", 14, 0x44, 1},
             Case{"header longer than the packet", 14, 0x4f, 1},
             Case{"total length beyond the frame", 16, 43, 2},
             Case{"total length within the header", 16, 19, 2},
             Case{"total length cuts the UDP header", 16, 27, 2},
             Case{"UDP length beyond the packet", 38, 23, 2},
             Case{"UDP length within its header", 38, 7, 2},
             Case{"UDP length zero", 38, 0, 2},
         }) {
        wire::Bytes frame = good;
        wire::put(frame, test.at, test.value, test.width);
        EXPECT_EQ(station.fate_of(with_header_sum(frame)), FrameFate::bad_length) << test.what;
    }
    wire::Bytes group_source = good;
    wire::put(group_source, 6, 0x03, 1);
    EXPECT_EQ(station.fate_of(group_source), FrameFate::bad_length);
    EXPECT_EQ(station.fate_of(good), FrameFate::datagram);
    station.check_sums();
}

TEST(FrameFate, TPT_8_ChecksumsAreValidatedBeforeAnybodyParses) {
    Station station;
    const wire::Bytes good = answer_frame(0, "SIP/2.0 200 OK");
    for (std::size_t at = 14; at < good.size(); ++at) {
        wire::Bytes frame = good;
        frame[at] = static_cast<char>(frame[at] ^ 0x10);
        const FrameFate fate = station.fate_of(frame);
        EXPECT_TRUE(fate == FrameFate::bad_checksum || fate == FrameFate::bad_length) << at;
    }
    wire::Bytes none = good;
    wire::put(none, 40, 0, 2);
    EXPECT_EQ(station.fate_of(none), FrameFate::datagram) << "IPv4 may leave the checksum out";
    station.check_sums();
}

TEST(FrameFate, TPT_8_TheDeviceIsBelievedAboutChecksums) {
    Station station;
    wire::Bytes wrong = answer_frame(0, "SIP/2.0 200 OK");
    wire::put(wrong, 40, 0x1234, 2);
    EXPECT_EQ(station.fate_of(wrong), FrameFate::bad_checksum);
    station.frames.checksum_ok = true;
    EXPECT_EQ(station.fate_of(wrong), FrameFate::datagram);
    station.frames.checksum_ok = false;
    station.frames.checksum_bad = true;
    EXPECT_EQ(station.fate_of(answer_frame(0, "SIP/2.0 200 OK")), FrameFate::bad_checksum);
    station.check_sums();
}

/// veth and tap hand over frames of the local kernel before the UDP checksum is complete.
TEST(FrameFate, PartialUdpChecksumsPassWhereTheyAreNotVerified) {
    LinkConfig config = phones();
    config.verify_checksums = false;
    Station station(config);
    wire::Bytes partial = answer_frame(0, "SIP/2.0 200 OK");
    wire::put(partial, 40, 0x1234, 2);
    EXPECT_EQ(station.fate_of(partial), FrameFate::datagram);
    station.frames.checksum_bad = true;
    EXPECT_EQ(station.fate_of(partial), FrameFate::datagram);
    wire::put(partial, 24, 0x1234, 2);
    EXPECT_EQ(station.fate_of(partial), FrameFate::bad_checksum) << "the IP header's is always there";
    station.check_sums();
}

TEST(FrameFate, TagsOfOtherVlansAreNotForUs) {
    LinkConfig config = phones();
    config.vlan_id = 42;
    Station tagged(config);
    Station untagged;
    const auto frame = [](std::optional<std::uint16_t> tag) {
        return wire::udp_frame({own_mac, registrar_mac, tag}, registrar, phone(0), "x");
    };
    EXPECT_EQ(tagged.fate_of(frame(42)), FrameFate::datagram);
    EXPECT_EQ(tagged.fate_of(frame(0xe000 | 42)), FrameFate::datagram) << "with a priority";
    EXPECT_EQ(tagged.fate_of(frame({})), FrameFate::datagram) << "the device took the tag off";
    EXPECT_EQ(tagged.fate_of(frame(43)), FrameFate::other_vlan);
    EXPECT_EQ(untagged.fate_of(frame(42)), FrameFate::other_vlan);
    EXPECT_EQ(untagged.fate_of(frame(0xe000)), FrameFate::datagram) << "only a priority";
    tagged.check_sums();
    untagged.check_sums();
}

}  // namespace
}  // namespace regstorm::net
