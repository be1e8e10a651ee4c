// SPDX-License-Identifier: Apache-2.0
// ICMP (RFC 792) and ICMPv6 (RFC 4443, RFC 4861) as far as a SIP endpoint meets them: pings to answer, errors about
// datagrams that we sent, and IPv6 neighbour discovery. RFC 3261 section 18.4 names the errors that count: host,
// network, port and protocol unreachable, and parameter problems; time exceeded and source quench are ignored. Of
// ICMPv6 packet too big counts too: our datagrams are lost then, as with code 4 of destination unreachable in IPv4.
#pragma once

#include <cstdint>
#include <optional>

#include "regstorm/base/mac_address.hpp"
#include "regstorm/base/socket_address.hpp"
#include "regstorm/net/ip.hpp"

namespace regstorm::net {

inline constexpr std::uint32_t icmp_header_bytes = 8;

inline constexpr std::uint8_t icmp_echo_reply = 0;
inline constexpr std::uint8_t icmp_unreachable = 3;
inline constexpr std::uint8_t icmp_echo_request = 8;
inline constexpr std::uint8_t icmp_parameter_problem = 12;

inline constexpr std::uint8_t icmp6_unreachable = 1;
inline constexpr std::uint8_t icmp6_too_big = 2;
inline constexpr std::uint8_t icmp6_parameter_problem = 4;
inline constexpr std::uint8_t icmp6_echo_request = 128;
inline constexpr std::uint8_t icmp6_echo_reply = 129;
inline constexpr std::uint8_t icmp6_neighbour_solicitation = 135;
inline constexpr std::uint8_t icmp6_neighbour_advertisement = 136;

/// True for the error messages that say a datagram of ours was not delivered.
[[nodiscard]] bool is_delivery_error(const IpPacket& packet);

/// The sum over the whole message holds (with the pseudo-header for ICMPv6). Needs icmp_header_bytes.
[[nodiscard]] bool icmp_sum_holds(const IpPacket& packet);

/// The start of a datagram as an error message quotes it: as much as the router kept.
struct QuotedDatagram {
    base::SocketAddress source;
    base::SocketAddress destination;
    const char* data = nullptr;  ///< of its payload
    std::uint32_t size = 0;
};

/// Nothing when the quoted packet is no first piece of a UDP datagram, or is cut within its headers.
[[nodiscard]] std::optional<QuotedDatagram> read_quoted(const IpPacket& error);

/// The whole IP packet that answers the echo request; `id` for IPv4. `out` needs the size of the request without
/// options. Returns one past it.
char* write_echo_reply(char* out, const IpPacket& request, std::uint16_t id);

/// A neighbour solicitation or advertisement, as far as it concerns resolving: the address that is asked for or
/// announced, and the MAC of its option (source or target link-layer address).
struct NeighbourMessage {
    base::IpAddress target;
    std::optional<base::MacAddress> mac;
};

inline constexpr std::uint32_t neighbour_message_bytes = 24;  ///< without options
/// A packet with one link-layer option: header, message, option.
inline constexpr std::uint32_t neighbour_packet_bytes = ipv6_header_bytes + neighbour_message_bytes + 8;

/// Nothing when it breaks RFC 4861 section 7.1 (hop limit 255, code 0, length, target, options).
[[nodiscard]] std::optional<NeighbourMessage> read_neighbour(const IpPacket& packet);

/// "Who has `target`", from one of our addresses to the solicited-node group.
char* write_solicitation(char* out, const base::IpAddress& source, const base::IpAddress& target,
                         const base::MacAddress& own);
/// "`target` is at `own`": to whom asked, or unasked to all nodes when `asked_by` is empty.
char* write_advertisement(char* out, const base::IpAddress& target, const base::MacAddress& own,
                          const std::optional<base::IpAddress>& asked_by);

/// ff02::1:ffXX:XXXX of an address, and the Ethernet group of any IPv6 group (RFC 2464 section 7).
[[nodiscard]] base::IpAddress solicited_node(const base::IpAddress& ip);
[[nodiscard]] base::MacAddress group_mac(const base::IpAddress& group);
[[nodiscard]] base::IpAddress all_nodes();

}  // namespace regstorm::net
