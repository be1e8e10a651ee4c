// SPDX-License-Identifier: Apache-2.0
// What the link costs per datagram: headers and checksum out, reading in. The base is CopyPayload, the memcpy of the
// payload that every writer pays anyway.
#include <array>
#include <benchmark/benchmark.h>
#include <vector>

#include "regstorm/net/checksum.hpp"
#include "regstorm/net/link.hpp"

namespace regstorm::net {
namespace {

constexpr std::uint32_t payload_bytes = 600;
constexpr base::MacAddress own_mac{{2, 0, 0, 0, 0, 1}};
constexpr base::MacAddress remote_mac{{2, 0, 0, 0, 0, 2}};
constexpr std::uint32_t first_source = 0xc6120001;  // 198.18.0.1
constexpr std::uint32_t first_remote = 0xc6130001;  // 198.19.0.1
constexpr std::uint32_t remotes = 4096;

LinkConfig config_of(std::uint32_t first, bool verify) {
    LinkConfig config;
    config.first_source = base::IpAddress::from_ipv4(first);
    config.source_count = remotes;
    config.prefix_length = 15;
    config.udp_ports = {{5060, 6083}};
    config.announce = false;
    config.verify_checksums = verify;
    return config;
}

LinkDevice device_of(const base::MacAddress& mac, bool offload) {
    return {.mac = mac, .mtu = 1500, .udp_checksum_offload = offload, .payload_bytes_max = 3968};
}

struct End {
    End(std::uint32_t first, const base::MacAddress& mac, bool verify, bool offload)
        : arena(Link::bytes_for()), link(config_of(first, verify), device_of(mac, offload), arena) {}

    base::Arena arena;
    Link link;
    std::array<char, 4096> frame{};
};

/// A datagram from the i-th phone to the remote end, as it lies in a receive buffer.
std::uint32_t write_frame(End& phones, const End& remote, std::uint32_t i, char* frame) {
    phones.frame.fill('x');
    std::memcpy(frame, phones.frame.data(), phones.frame.size());
    return phones.link.write_datagram(frame, payload_bytes,
                                      {static_cast<std::uint16_t>(i), static_cast<std::uint16_t>(5060 + i % 1024)},
                                      {remote.link.ip_of(0), 5060});
}

/// Both ends know each other's addresses by ARP replies.
void introduce(End& link, std::uint32_t first, const base::MacAddress& mac, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        std::array<char, 60> arp{};
        const std::array<std::uint8_t, 8> kind{0, 1, 8, 0, 6, 4, 0, 2};
        char* out = write_ethernet(arp.data(), link.link.ip_of(0).ipv4() == first_source ? own_mac : remote_mac, mac,
                                   std::nullopt, ethertype_arp);
        std::memcpy(out, kind.data(), kind.size());
        std::memcpy(out + 8, mac.bytes.data(), 6);
        store_be32(out + 14, first + i);
        store_be32(out + 24, link.link.ip_of(0).ipv4());
        Received received;
        CHECK(link.link.receive(arp.data(), arp.size(), ChecksumHint::unknown, received) == FrameFate::arp_reply);
    }
}

void CopyPayload(benchmark::State& state) {
    std::array<char, payload_bytes> in{};
    std::array<char, payload_bytes> out{};
    for (auto _ : state) {
        benchmark::DoNotOptimize(in.data());
        benchmark::DoNotOptimize(out.data());
        std::memcpy(out.data(), in.data(), in.size());
        benchmark::ClobberMemory();
    }
}
BENCHMARK(CopyPayload);

void Checksum600(benchmark::State& state) {
    std::array<char, payload_bytes> data{};
    data.fill('x');
    for (auto _ : state) {
        benchmark::DoNotOptimize(data.data());
        benchmark::ClobberMemory();
        benchmark::DoNotOptimize(checksum_of(sum_bytes(data.data(), data.size())));
    }
}
BENCHMARK(Checksum600);

/// The textbook's loop (RFC 1071 section 4.1), which sum_bytes replaces.
void Checksum600Textbook(benchmark::State& state) {
    std::array<char, payload_bytes> data{};
    data.fill('x');
    for (auto _ : state) {
        benchmark::DoNotOptimize(data.data());
        benchmark::ClobberMemory();
        std::uint32_t sum = 0;
        for (std::uint32_t at = 0; at < data.size(); at += 2) {
            sum += load_be16(data.data() + at);
            sum = (sum & 0xffff) + (sum >> 16);
        }
        benchmark::DoNotOptimize(~sum);
    }
}
BENCHMARK(Checksum600Textbook);

/// Argument 0: the device finishes the checksum, or software does. Argument 1: how many remotes take turns.
void WriteDatagram(benchmark::State& state) {
    End phones(first_source, own_mac, true, state.range(0) == 0);
    const auto count = static_cast<std::uint32_t>(state.range(1));
    introduce(phones, first_remote, remote_mac, count);
    std::uint32_t i = 0;
    for (auto _ : state) {
        const base::Source source{static_cast<std::uint16_t>(i % remotes), static_cast<std::uint16_t>(5060 + i % 1024)};
        const base::SocketAddress remote{base::IpAddress::from_ipv4(first_remote + i % count), 5060};
        benchmark::DoNotOptimize(phones.link.write_datagram(phones.frame.data(), payload_bytes, source, remote));
        benchmark::ClobberMemory();
        ++i;
    }
}
BENCHMARK(WriteDatagram)->ArgNames({"software_sum", "remotes"})->ArgsProduct({{0, 1}, {1, remotes}});

/// Argument 0: checksums verified in software, or trusted. Argument 1: how many phones send, out of cached frames.
void ReadDatagram(benchmark::State& state) {
    End phones(first_source, own_mac, true, false);
    End registrar(first_remote, remote_mac, state.range(0) == 1, false);
    introduce(phones, first_remote, remote_mac, 1);
    const auto count = static_cast<std::uint32_t>(state.range(1));
    std::vector<std::array<char, 4096>> frames(16);
    std::uint32_t frame_bytes = 0;
    for (std::uint32_t i = 0; i < frames.size(); ++i) {
        frame_bytes = write_frame(phones, registrar, i * (count / 16), frames[i].data());
    }
    std::uint32_t i = 0;
    Received received;
    for (auto _ : state) {
        const FrameFate fate =
            registrar.link.receive(frames[i++ % 16].data(), frame_bytes, ChecksumHint::unknown, received);
        CHECK(fate == FrameFate::datagram);
        benchmark::DoNotOptimize(received);
    }
}
BENCHMARK(ReadDatagram)->ArgNames({"software_sum", "phones"})->ArgsProduct({{0, 1}, {16, remotes}});

}  // namespace
}  // namespace regstorm::net

BENCHMARK_MAIN();
