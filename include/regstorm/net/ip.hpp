// SPDX-License-Identifier: Apache-2.0
// IPv4 (RFC 791), IPv6 (RFC 8200) and UDP (RFC 768) headers. Readers take what a stranger wrote: they check every
// length against the bytes that are there and never look behind them. They do not check checksums.
#pragma once

#include <cstdint>
#include <cstring>

#include "regstorm/base/socket_address.hpp"
#include "regstorm/net/bytes.hpp"
#include "regstorm/net/checksum.hpp"

namespace regstorm::net {

inline constexpr std::uint32_t ipv4_header_bytes = 20;  ///< without options: we send none, and skip those of others
inline constexpr std::uint32_t ipv6_header_bytes = 40;
inline constexpr std::uint32_t udp_header_bytes = 8;

inline constexpr std::uint8_t protocol_icmp = 1;
inline constexpr std::uint8_t protocol_udp = 17;
inline constexpr std::uint8_t protocol_ipv6_fragment = 44;
inline constexpr std::uint8_t protocol_icmp6 = 58;

inline constexpr std::uint8_t hop_limit_default = 64;
inline constexpr std::uint16_t ipv4_dont_fragment = 0x4000;

/// An IP packet whose lengths hold.
struct IpPacket {
    const char* header = nullptr;
    const char* addresses = nullptr;  ///< source and destination, one behind the other
    const char* transport = nullptr;
    std::uint32_t transport_bytes = 0;
    std::uint8_t address_bytes = 0;
    std::uint8_t hop_limit = 0;
    std::uint16_t fragment = 0;  ///< IPv4 flags and offset without DF: not zero in any fragment
    /// In another word than `fragment`: g++ 12 tests neighbours with one load, which waits for both stores (4 ns).
    alignas(8) std::uint8_t protocol = 0;

    [[nodiscard]] bool is_ipv4() const { return address_bytes == 4; }
    [[nodiscard]] std::uint32_t source_ipv4() const { return load_be32(addresses); }
    [[nodiscard]] std::uint32_t destination_ipv4() const { return load_be32(addresses + 4); }
    [[nodiscard]] const char* destination() const { return addresses + address_bytes; }
    void copy_source(base::IpAddress& ip) const { copy_ip(addresses, ip); }
    [[nodiscard]] base::IpAddress source_ip() const { return read_ip(addresses); }
    [[nodiscard]] base::IpAddress destination_ip() const { return read_ip(destination()); }

    /// Sum over the pseudo-header and `bytes` of the transport part.
    [[nodiscard]] std::uint64_t transport_sum(std::uint32_t bytes) const {
        return pseudo_header_sum(addresses, 2 * std::size_t{address_bytes}, protocol, bytes) +
               sum_bytes(transport, bytes);
    }

  private:
    [[nodiscard]] base::IpAddress read_ip(const char* at) const {
        base::IpAddress ip;
        copy_ip(at, ip);
        return ip;
    }
    /// One store of 16 bytes, in place: pieces that are read back as a whole would wait for each other.
    void copy_ip(const char* at, base::IpAddress& ip) const {
        if (is_ipv4()) {
            std::uint64_t halves[2] = {0, 0};
            std::memcpy(halves, at, 4);
            std::memcpy(ip.bytes.data(), halves, sizeof halves);
            ip.family = base::Family::ipv4;
        } else {
            std::memcpy(ip.bytes.data(), at, 16);
            ip.family = base::Family::ipv6;
        }
    }
};

/// `cut` is for packets that are quoted in ICMP: their total length may exceed what is there, and transport_bytes is
/// then what is there.
[[nodiscard]] inline bool read_ipv4(const char* data, std::uint32_t size, IpPacket& packet, bool cut = false) {
    if (size < ipv4_header_bytes || load_u8(data) >> 4 != 4) {
        return false;
    }
    const std::uint32_t header_bytes = (load_u8(data) & 0xfU) * 4;
    std::uint32_t total_bytes = load_be16(data + 2);
    if (cut && total_bytes > size) {
        total_bytes = size;
    }
    if (header_bytes < ipv4_header_bytes || header_bytes > total_bytes || total_bytes > size) {
        return false;
    }
    packet.header = data;
    packet.addresses = data + 12;
    packet.transport = data + header_bytes;
    packet.transport_bytes = total_bytes - header_bytes;
    packet.fragment = load_be16(data + 6) & 0x3fff;
    packet.address_bytes = 4;
    packet.protocol = load_u8(data + 9);
    packet.hop_limit = load_u8(data + 8);
    return true;
}

[[nodiscard]] inline bool ipv4_header_sum_holds(const IpPacket& packet) {
    const auto header_bytes = static_cast<std::size_t>(packet.transport - packet.header);
    // A length that is known unrolls into five additions.
    return sum_holds(header_bytes == ipv4_header_bytes ? sum_bytes(packet.header, ipv4_header_bytes)
                                                       : sum_bytes(packet.header, header_bytes));
}

/// Extension headers are not walked: what sits behind one is not UDP for us (`protocol` names the extension).
[[nodiscard]] inline bool read_ipv6(const char* data, std::uint32_t size, IpPacket& packet, bool cut = false) {
    if (size < ipv6_header_bytes || load_u8(data) >> 4 != 6) {
        return false;
    }
    std::uint32_t payload_bytes = load_be16(data + 4);
    if (cut && payload_bytes > size - ipv6_header_bytes) {
        payload_bytes = size - ipv6_header_bytes;
    }
    if (payload_bytes > size - ipv6_header_bytes) {
        return false;
    }
    packet.header = data;
    packet.addresses = data + 8;
    packet.transport = data + ipv6_header_bytes;
    packet.transport_bytes = payload_bytes;
    packet.fragment = 0;
    packet.address_bytes = 16;
    packet.protocol = load_u8(data + 6);
    packet.hop_limit = load_u8(data + 7);
    return true;
}

struct UdpHeader {
    std::uint16_t source = 0;
    std::uint16_t destination = 0;
    std::uint16_t bytes = 0;     ///< header and payload
    std::uint16_t checksum = 0;  ///< memory order; 0: the sender made none
};

/// Only the ports and what the header says; the length is not compared with anything (fragments, quotes).
[[nodiscard]] inline bool read_udp_header(const char* data, std::uint32_t size, UdpHeader& udp) {
    if (size < udp_header_bytes) {
        return false;
    }
    udp.source = load_be16(data);
    udp.destination = load_be16(data + 2);
    udp.bytes = load_be16(data + 4);
    udp.checksum = load_word(data + 6);
    return true;
}

/// The same, and the datagram is whole: its length covers the header and lies within the packet.
[[nodiscard]] inline bool read_udp(const char* data, std::uint32_t size, UdpHeader& udp) {
    return read_udp_header(data, size, udp) && udp.bytes >= udp_header_bytes && udp.bytes <= size;
}

/// What a header needs that is written by itself: ICMP answers, questions to neighbours, the datagram template.
struct IpHeader {
    base::IpAddress source;
    base::IpAddress destination;
    std::uint16_t transport_bytes = 0;
    std::uint16_t id = 0;  ///< IPv4 only; free to choose because DF is set (RFC 6864)
    std::uint8_t protocol = 0;
    std::uint8_t hop_limit = hop_limit_default;
};

/// Writes the header of the family of `ip.source`, IPv4 checksum included; returns one past it.
char* write_ip(char* out, const IpHeader& ip);

}  // namespace regstorm::net
