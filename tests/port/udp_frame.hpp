// SPDX-License-Identifier: Apache-2.0
// The plainest UDP/IPv4 frame that a kernel accepts, for tests of devices; the product's frames are made in `net`.
#pragma once

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>

#include <cstdint>
#include <cstring>
#include <optional>

#include "regstorm/base/mac_address.hpp"

namespace regstorm::port {

struct UdpFrame {
    base::MacAddress source_mac;
    base::MacAddress target_mac;
    const char* source_ip = nullptr;
    const char* target_ip = nullptr;
    std::uint32_t number = 0;
};

inline constexpr std::uint32_t udp_frame_payload_bytes = 400;
inline constexpr std::uint16_t udp_frame_port = 5060;

inline std::uint16_t ipv4_header_checksum(const iphdr& header) {
    std::uint16_t words[sizeof(iphdr) / 2];
    std::memcpy(words, &header, sizeof header);
    std::uint32_t sum = 0;
    for (const std::uint16_t word : words) {
        sum += word;
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~(sum + (sum >> 16)));
}

/// Returns the size of the frame. No UDP checksum: IPv4 allows it.
inline std::uint32_t write_udp_frame(char* out, const UdpFrame& frame) {
    std::memcpy(out, frame.target_mac.bytes.data(), 6);
    std::memcpy(out + 6, frame.source_mac.bytes.data(), 6);
    out[12] = 0x08;
    out[13] = 0x00;
    iphdr ip{};
    ip.version = 4;
    ip.ihl = 5;
    ip.tot_len = htons(static_cast<std::uint16_t>(sizeof(iphdr) + sizeof(udphdr) + udp_frame_payload_bytes));
    ip.ttl = 64;
    ip.protocol = IPPROTO_UDP;
    inet_pton(AF_INET, frame.source_ip, &ip.saddr);
    inet_pton(AF_INET, frame.target_ip, &ip.daddr);
    ip.check = ipv4_header_checksum(ip);
    udphdr udp{};
    udp.source = htons(udp_frame_port);
    udp.dest = htons(udp_frame_port);
    udp.len = htons(static_cast<std::uint16_t>(sizeof(udphdr) + udp_frame_payload_bytes));
    std::memcpy(out + 14, &ip, sizeof ip);
    std::memcpy(out + 34, &udp, sizeof udp);
    std::memset(out + 42, 'x', udp_frame_payload_bytes);
    std::memcpy(out + 42, &frame.number, sizeof frame.number);
    return 42 + udp_frame_payload_bytes;
}

/// The number in a frame that write_udp_frame() made and an echo sent back; nothing for all other frames.
inline std::optional<std::uint32_t> read_udp_number(const char* frame, std::uint32_t size) {
    if (size < 46 || frame[12] != 0x08 || frame[13] != 0x00 || frame[23] != IPPROTO_UDP) {
        return std::nullopt;
    }
    std::uint16_t target = 0;
    std::memcpy(&target, frame + 36, sizeof target);
    if (ntohs(target) != udp_frame_port) {
        return std::nullopt;
    }
    std::uint32_t number = 0;
    std::memcpy(&number, frame + 42, sizeof number);
    return number;
}

}  // namespace regstorm::port
