// SPDX-License-Identifier: Apache-2.0
// What a link needs to know: from the plan (LinkConfig) and from the device (LinkDevice). Fixed for the run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "regstorm/base/mac_address.hpp"
#include "regstorm/base/socket_address.hpp"
#include "regstorm/base/units.hpp"

namespace regstorm::net {

struct UdpPortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;  ///< inclusive
};

/// base::Source::address is 16 bits wide.
inline constexpr std::uint32_t source_count_max = 65'536;
/// Next hops that are kept resolved: one gateway and a farm of registrars on the same link.
inline constexpr std::uint32_t next_hops_max = 64;

struct LinkConfig {
    base::IpAddress first_source;         ///< addresses first_source .. first_source + source_count - 1 are ours
    std::uint32_t source_count = 1;       ///< up to source_count_max
    std::uint8_t prefix_length = 24;      ///< of the network of first_source: what is inside is on the link
    std::vector<UdpPortRange> udp_ports;  ///< datagrams for other ports are strangers
    std::optional<base::IpAddress> gateway;
    std::optional<std::uint16_t> vlan_id;  ///< written into what we send; frames tagged otherwise are not for us

    /// Whom we shall send to: ready when the next hop of each has answered. A registrar has none and is ready at
    /// once; it answers the way a datagram came.
    std::vector<base::IpAddress> remotes;
    base::Nanoseconds resolve_timeout_ns = 5 * base::ns_per_s;

    /// Announce our addresses at start (gratuitous ARP, RFC 5227 section 3), for neighbours that remember an earlier
    /// owner. Where several links share a range, one of them does it.
    bool announce = true;
    /// Check UDP checksums of what arrives. Off for vdevs on kernel interfaces: veth and tap hand over frames of the
    /// local kernel before their UDP checksum is filled in. IP and ICMP checksums and all lengths are always checked.
    bool verify_checksums = false;
    /// IPv4 may leave the UDP checksum out (RFC 768). IPv6 and devices that compute it ignore this.
    bool ipv4_udp_checksum = true;
};

struct LinkDevice {
    base::MacAddress mac;
    std::uint32_t mtu = 1500;             ///< longest IP packet
    bool udp_checksum_offload = false;    ///< the pseudo-header sum goes into the UDP checksum field
    std::uint32_t payload_bytes_max = 0;  ///< longest payload that is delivered whole and accepted for sending
};

/// One sentence about the first thing that cannot be, empty when all is well. Configuration is checked with this
/// before a Link is made of it.
[[nodiscard]] std::string find_fault(const LinkConfig& config);

}  // namespace regstorm::net
