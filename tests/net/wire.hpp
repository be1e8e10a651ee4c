// SPDX-License-Identifier: Apache-2.0
// Frames for tests, built byte by byte without any code of src/net: what both share cannot be tested. The checksum
// is the textbook's, a 16-bit big-endian sum with end-around carry.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "regstorm/base/mac_address.hpp"
#include "regstorm/base/socket_address.hpp"

namespace regstorm::net::wire {

using Bytes = std::string;

inline std::uint8_t byte_at(const Bytes& bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes.at(at)); }
inline std::uint32_t number_at(const Bytes& bytes, std::size_t at, std::size_t width) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        value = value << 8 | byte_at(bytes, at + i);
    }
    return value;
}
inline void put(Bytes& bytes, std::size_t at, std::uint32_t value, std::size_t width) {
    for (std::size_t i = 0; i < width; ++i) {
        bytes.at(at + i) = static_cast<char>(value >> 8 * (width - 1 - i));
    }
}
inline void append(Bytes& bytes, std::uint32_t value, std::size_t width) {
    bytes.append(width, '\0');
    put(bytes, bytes.size() - width, value, width);
}

/// One's complement sum, big-endian words, carry added back at once (RFC 1071 section 4.1, without its shortcuts).
inline std::uint16_t slow_sum(const Bytes& bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        sum += std::uint32_t{byte_at(bytes, i)} << 8;
        sum += i + 1 < bytes.size() ? byte_at(bytes, i + 1) : 0U;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(sum);
}
inline std::uint16_t slow_checksum(const Bytes& bytes) { return static_cast<std::uint16_t>(~slow_sum(bytes)); }

inline Bytes mac_bytes(const base::MacAddress& mac) { return {mac.bytes.begin(), mac.bytes.end()}; }
inline Bytes ip_bytes(const base::IpAddress& ip) {
    return {ip.bytes.begin(), ip.bytes.begin() + (ip.family == base::Family::ipv4 ? 4 : 16)};
}
inline base::IpAddress ip(const char* text) { return *base::parse_ip(text); }
inline base::MacAddress mac(const char* text) { return *base::parse_mac(text); }

struct Ethernet {
    base::MacAddress destination;
    base::MacAddress source;
    std::optional<std::uint16_t> tag = {};  ///< whole TCI: priority and VLAN id
};

inline Bytes frame(const Ethernet& ethernet, std::uint16_t ethertype, const Bytes& packet) {
    Bytes bytes = mac_bytes(ethernet.destination) + mac_bytes(ethernet.source);
    if (ethernet.tag) {
        append(bytes, 0x8100, 2);
        append(bytes, *ethernet.tag, 2);
    }
    append(bytes, ethertype, 2);
    return bytes + packet;
}

struct Ip {
    base::IpAddress source;
    base::IpAddress destination;
    std::uint8_t protocol = 17;
    std::uint16_t fragment = 0;  ///< flags and offset
    std::uint8_t hop_limit = 64;
    Bytes options = {};
};

/// Both families; the IPv4 header with its checksum.
inline Bytes packet(const Ip& ip, const Bytes& transport) {
    Bytes bytes;
    if (ip.source.family == base::Family::ipv6) {
        append(bytes, 0x60000000, 4);
        append(bytes, static_cast<std::uint32_t>(transport.size()), 2);
        append(bytes, ip.protocol, 1);
        append(bytes, ip.hop_limit, 1);
        return bytes + ip_bytes(ip.source) + ip_bytes(ip.destination) + transport;
    }
    const std::size_t header_bytes = 20 + ip.options.size();
    append(bytes, static_cast<std::uint32_t>(0x40 | header_bytes / 4), 1);
    append(bytes, 0, 1);
    append(bytes, static_cast<std::uint32_t>(header_bytes + transport.size()), 2);
    append(bytes, 0x1234, 2);
    append(bytes, ip.fragment, 2);
    append(bytes, ip.hop_limit, 1);
    append(bytes, ip.protocol, 1);
    append(bytes, 0, 2);
    bytes += ip_bytes(ip.source) + ip_bytes(ip.destination) + ip.options;
    put(bytes, 10, slow_checksum(bytes), 2);
    return bytes + transport;
}

inline Bytes pseudo_header(const base::IpAddress& source, const base::IpAddress& destination, std::uint8_t protocol,
                           std::size_t transport_bytes) {
    Bytes bytes = ip_bytes(source) + ip_bytes(destination);
    append(bytes, protocol, 4);
    append(bytes, static_cast<std::uint32_t>(transport_bytes), 4);
    return bytes;
}

inline Bytes udp(const base::SocketAddress& source, const base::SocketAddress& destination, std::string_view payload) {
    Bytes bytes;
    append(bytes, source.udp_port, 2);
    append(bytes, destination.udp_port, 2);
    append(bytes, static_cast<std::uint32_t>(8 + payload.size()), 2);
    append(bytes, 0, 2);
    bytes += payload;
    const std::uint16_t checksum = slow_checksum(pseudo_header(source.ip, destination.ip, 17, bytes.size()) + bytes);
    put(bytes, 6, checksum == 0 ? 0xffff : checksum, 2);
    return bytes;
}

inline std::uint16_t ethertype_of(const base::IpAddress& ip) {
    return ip.family == base::Family::ipv4 ? 0x0800 : 0x86dd;
}

inline Bytes udp_packet(const base::SocketAddress& source, const base::SocketAddress& destination,
                        std::string_view payload) {
    return packet({.source = source.ip, .destination = destination.ip}, udp(source, destination, payload));
}

inline Bytes udp_frame(const Ethernet& ethernet, const base::SocketAddress& source,
                       const base::SocketAddress& destination, std::string_view payload) {
    return frame(ethernet, ethertype_of(source.ip), udp_packet(source, destination, payload));
}

/// Type, code, the four bytes behind the checksum, body.
inline Bytes icmp(std::uint8_t type, std::uint8_t code, std::uint32_t rest, const Bytes& body) {
    Bytes bytes;
    append(bytes, type, 1);
    append(bytes, code, 1);
    append(bytes, 0, 2);
    append(bytes, rest, 4);
    bytes += body;
    put(bytes, 2, slow_checksum(bytes), 2);
    return bytes;
}
inline Bytes icmp6(const Ip& ip, std::uint8_t type, std::uint8_t code, std::uint32_t rest, const Bytes& body) {
    Bytes bytes = icmp(type, code, rest, body);
    put(bytes, 2, 0, 2);
    put(bytes, 2, slow_checksum(pseudo_header(ip.source, ip.destination, 58, bytes.size()) + bytes), 2);
    return bytes;
}

inline Bytes arp(std::uint16_t operation, const base::MacAddress& sender_mac, const base::IpAddress& sender,
                 const base::MacAddress& target_mac, const base::IpAddress& target) {
    Bytes bytes;
    append(bytes, 1, 2);
    append(bytes, 0x0800, 2);
    append(bytes, 0x0604, 2);
    append(bytes, operation, 2);
    return bytes + mac_bytes(sender_mac) + ip_bytes(sender) + mac_bytes(target_mac) + ip_bytes(target);
}

/// Zeros up to what a wire carries.
inline Bytes padded(Bytes bytes) {
    bytes.resize(std::max<std::size_t>(bytes.size(), 60), '\0');
    return bytes;
}

}  // namespace regstorm::net::wire
