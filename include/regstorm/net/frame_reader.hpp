// SPDX-License-Identifier: Apache-2.0
// From the bytes of a frame to its fate. Pure: it changes nothing, so any bytes may be tried on it; the link counts
// and acts on what it returns. Everything in a frame was written by a stranger: each length is compared with what is
// there before a byte behind it is read, and the checks come in the order of the headers, so a frame that is wrong
// twice is counted for its outermost fault.
//
// Only IPv4 UDP, which is what arrives in bulk, is inlined into the poll loop.
#pragma once

#include <cstdint>

#include "regstorm/net/ethernet.hpp"
#include "regstorm/net/frame_fate.hpp"
#include "regstorm/net/ip.hpp"
#include "regstorm/net/link_config.hpp"
#include "regstorm/net/own_addresses.hpp"

namespace regstorm::net {

/// What the device says of the checksums of a frame.
enum class ChecksumHint : std::uint8_t { unknown, good, bad };

/// Filled for the fates that are delivered.
struct Received {
    const char* data = nullptr;
    std::uint32_t size = 0;
    base::Source source;         ///< ours
    base::SocketAddress remote;  ///< theirs
};

class FrameReader {
  public:
    FrameReader(const LinkConfig& config, const LinkDevice& device, const OwnAddresses& own)
        : own_(own),
          mac_(device.mac),
          payload_bytes_max_(device.payload_bytes_max),
          vlan_id_(config.vlan_id.value_or(0)),
          verify_(config.verify_checksums) {}

    /// `frame` is set as far as the Ethernet header goes; for any fate but bad_length it is complete.
    [[nodiscard]] FrameFate read(const char* data, std::uint32_t size, ChecksumHint hint, EthernetFrame& frame,
                                 Received& received) const {
        if (!read_ethernet(data, size, frame) || frame.source.is_group()) {
            return FrameFate::bad_length;
        }
        if (frame.source == mac_) {
            return FrameFate::reflection;
        }
        // Devices may take the tag off and leave no trace of it here: no tag is as good as ours.
        if (frame.vlan_id != 0 && frame.vlan_id != vlan_id_) {
            return FrameFate::other_vlan;
        }
        if (frame.destination == mac_ && frame.ethertype == ethertype_ipv4) [[likely]] {
            return read_ipv4_packet(frame, hint, received);
        }
        return read_rare(frame, hint, received);
    }

  private:
    [[nodiscard]] FrameFate read_ipv4_packet(const EthernetFrame& frame, ChecksumHint hint, Received& received) const {
        IpPacket packet;
        if (!read_ipv4(frame.packet, frame.packet_bytes, packet)) {
            return FrameFate::bad_length;
        }
        if (hint != ChecksumHint::good && !ipv4_header_sum_holds(packet)) {
            return FrameFate::bad_checksum;
        }
        if (!own_.find_ipv4(packet.destination_ipv4(), received.source.address)) {
            return FrameFate::stranger;
        }
        if (const FrameFate fate = judge_ipv4_source(packet.source_ipv4()); fate != FrameFate::datagram) {
            return fate;
        }
        if (packet.protocol != protocol_udp || packet.fragment != 0) [[unlikely]] {
            return read_ipv4_rare(packet, received);
        }
        return read_datagram(packet, hint, received);
    }

    /// Multicast, broadcast and "this network" are nobody's address; ours come back only by a loop (RFC 1812 5.3.7).
    [[nodiscard]] FrameFate judge_ipv4_source(std::uint32_t ip) const {
        std::uint16_t offset = 0;
        if (own_.find_ipv4(ip, offset)) {
            return FrameFate::reflection;
        }
        return ip >= 0xe0000000 || ip >> 24 == 0 ? FrameFate::stranger : FrameFate::datagram;
    }

    /// A whole UDP datagram for one of our addresses (TPT-8: length and checksum before anybody parses it).
    [[nodiscard]] FrameFate read_datagram(const IpPacket& packet, ChecksumHint hint, Received& received) const {
        UdpHeader udp;
        if (!read_udp(packet.transport, packet.transport_bytes, udp)) {
            return FrameFate::bad_length;
        }
        if (verify_ && hint != ChecksumHint::good && !datagram_sum_holds(packet, udp, hint)) {
            return FrameFate::bad_checksum;
        }
        if (!own_.has_udp_port(udp.destination)) {
            return FrameFate::stranger;
        }
        deliver(packet, udp, udp.bytes - udp_header_bytes, received);
        if (received.size > payload_bytes_max_) [[unlikely]] {
            received.size = payload_bytes_max_;
            return FrameFate::oversized;
        }
        return FrameFate::datagram;
    }

    [[nodiscard]] static bool datagram_sum_holds(const IpPacket& packet, const UdpHeader& udp, ChecksumHint hint) {
        if (hint == ChecksumHint::bad) {
            return false;
        }
        // IPv6 has no datagrams without a checksum (RFC 8200 section 8.1).
        return udp.checksum == 0 ? packet.is_ipv4() : sum_holds(packet.transport_sum(udp.bytes));
    }

    static void deliver(const IpPacket& packet, const UdpHeader& udp, std::uint32_t size, Received& received) {
        received.data = packet.transport + udp_header_bytes;
        received.size = size;
        received.source.udp_port = udp.destination;
        packet.copy_source(received.remote.ip);
        received.remote.udp_port = udp.source;
    }

    [[nodiscard]] FrameFate read_rare(const EthernetFrame& frame, ChecksumHint hint, Received& received) const;
    [[nodiscard]] FrameFate read_arp_message(const EthernetFrame& frame) const;
    [[nodiscard]] FrameFate read_ipv4_rare(const IpPacket& packet, Received& received) const;
    [[nodiscard]] FrameFate read_ipv6_packet(const EthernetFrame& frame, ChecksumHint hint, Received& received) const;
    [[nodiscard]] FrameFate read_icmp6(const EthernetFrame& frame, const IpPacket& packet, Received& received) const;
    [[nodiscard]] FrameFate read_first_fragment(const IpPacket& packet, Received& received) const;
    [[nodiscard]] FrameFate read_delivery_error(const IpPacket& packet, Received& received) const;

    OwnAddresses own_;
    base::MacAddress mac_;
    std::uint32_t payload_bytes_max_;
    std::uint16_t vlan_id_;
    bool verify_;
};

}  // namespace regstorm::net
