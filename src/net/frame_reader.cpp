// SPDX-License-Identifier: Apache-2.0
#include "regstorm/net/frame_reader.hpp"

#include <algorithm>

#include "regstorm/net/arp.hpp"
#include "regstorm/net/icmp.hpp"

namespace regstorm::net {

FrameFate FrameReader::read_rare(const EthernetFrame& frame, ChecksumHint hint, Received& received) const {
    if (frame.destination != mac_ && !frame.destination.is_group()) {
        return FrameFate::stranger;
    }
    switch (frame.ethertype) {
        case ethertype_arp:
            return read_arp_message(frame);
        case ethertype_ipv6:
            return read_ipv6_packet(frame, hint, received);
        case ethertype_ipv4:  // to a group: DHCP, mDNS and the like; a unicast packet in it is none (RFC 1122 3.3.6)
            return FrameFate::stranger;
        default:
            return FrameFate::other_protocol;
    }
}

FrameFate FrameReader::read_arp_message(const EthernetFrame& frame) const {
    ArpMessage arp;
    switch (read_arp(frame.packet, frame.packet_bytes, arp)) {
        case ArpRead::too_short:
            return FrameFate::bad_length;
        case ArpRead::not_ipv4:
            return FrameFate::arp_other;
        case ArpRead::ok:
            break;
    }
    std::uint16_t offset = 0;
    if (arp.sender_mac == mac_) {
        return FrameFate::reflection;
    }
    if (arp.sender_mac.is_group()) {
        return FrameFate::arp_other;
    }
    if (own_.find_ipv4(arp.sender_ip, offset)) {
        return FrameFate::arp_conflict;
    }
    if (!own_.find_ipv4(arp.target_ip, offset)) {
        return FrameFate::arp_other;
    }
    if (arp.operation == arp_operation_request) {
        return FrameFate::arp_request;
    }
    return arp.operation == arp_operation_reply ? FrameFate::arp_reply : FrameFate::arp_other;
}

FrameFate FrameReader::read_ipv4_rare(const IpPacket& packet, Received& received) const {
    if (packet.fragment != 0) {
        return read_first_fragment(packet, received);
    }
    if (packet.protocol != protocol_icmp) {
        return FrameFate::other_protocol;
    }
    if (packet.transport_bytes < icmp_header_bytes) {
        return FrameFate::bad_length;
    }
    if (!icmp_sum_holds(packet)) {
        return FrameFate::bad_checksum;
    }
    if (load_u8(packet.transport) == icmp_echo_request) {
        return FrameFate::echo_request;
    }
    return read_delivery_error(packet, received);
}

/// The first piece stands for its datagram, as `oversized`; the others are only counted. A datagram in fragments is
/// then reported once, whatever becomes of its other pieces.
FrameFate FrameReader::read_first_fragment(const IpPacket& packet, Received& received) const {
    constexpr std::uint16_t offset_mask = 0x1fff;
    UdpHeader udp;
    if (packet.protocol != protocol_udp || (packet.fragment & offset_mask) != 0 ||
        !read_udp_header(packet.transport, packet.transport_bytes, udp) || !own_.has_udp_port(udp.destination)) {
        return FrameFate::fragment;
    }
    deliver(packet, udp, std::min(packet.transport_bytes - udp_header_bytes, payload_bytes_max_), received);
    return FrameFate::oversized;
}

FrameFate FrameReader::read_delivery_error(const IpPacket& packet, Received& received) const {
    if (!is_delivery_error(packet)) {
        return FrameFate::icmp_other;
    }
    const std::optional<QuotedDatagram> quoted = read_quoted(packet);
    std::uint16_t offset = 0;
    // Ours, or somebody makes it up: it quotes the address that it came to, and a port that we send from.
    if (!quoted || !own_.find(quoted->source.ip, offset) || offset != received.source.address ||
        !own_.has_udp_port(quoted->source.udp_port)) {
        return FrameFate::icmp_other;
    }
    received.data = quoted->data;
    received.size = std::min(quoted->size, payload_bytes_max_);
    received.source.udp_port = quoted->source.udp_port;
    received.remote = quoted->destination;
    return FrameFate::unreachable;
}

FrameFate FrameReader::read_ipv6_packet(const EthernetFrame& frame, ChecksumHint hint, Received& received) const {
    IpPacket packet;
    if (!read_ipv6(frame.packet, frame.packet_bytes, packet)) {
        return FrameFate::bad_length;
    }
    std::uint16_t offset = 0;
    if (own_.find_ipv6(packet.addresses, offset)) {
        return FrameFate::reflection;
    }
    const bool to_us = own_.find_ipv6(packet.destination(), received.source.address);
    const bool to_group = load_u8(packet.destination()) == 0xff;
    if (packet.protocol == protocol_icmp6 && (to_us || to_group)) {
        return read_icmp6(frame, packet, received);
    }
    // From a group or from nobody (RFC 4291 2.5.2, 2.7), or by Ethernet group to one host.
    constexpr char nobody[16] = {};
    const bool from_nobody = std::memcmp(packet.addresses, nobody, sizeof nobody) == 0;
    if (!to_us || load_u8(packet.addresses) == 0xff || from_nobody || frame.destination != mac_) {
        return FrameFate::stranger;
    }
    if (packet.protocol == protocol_ipv6_fragment) {
        return FrameFate::fragment;
    }
    return packet.protocol == protocol_udp ? read_datagram(packet, hint, received) : FrameFate::other_protocol;
}

FrameFate FrameReader::read_icmp6(const EthernetFrame& frame, const IpPacket& packet, Received& received) const {
    if (packet.transport_bytes < icmp_header_bytes) {
        return FrameFate::bad_length;
    }
    if (!icmp_sum_holds(packet)) {
        return FrameFate::bad_checksum;
    }
    const std::uint8_t type = load_u8(packet.transport);
    if (type == icmp6_neighbour_solicitation || type == icmp6_neighbour_advertisement) {
        const std::optional<NeighbourMessage> message = read_neighbour(packet);
        std::uint16_t offset = 0;
        if (!message) {
            return FrameFate::bad_length;
        }
        if (type == icmp6_neighbour_advertisement) {
            return FrameFate::neighbour_advertisement;
        }
        return own_.find(message->target, offset) ? FrameFate::neighbour_solicitation : FrameFate::icmp_other;
    }
    if (load_u8(packet.destination()) == 0xff || frame.destination != mac_) {
        return FrameFate::icmp_other;
    }
    return type == icmp6_echo_request ? FrameFate::echo_request : read_delivery_error(packet, received);
}

}  // namespace regstorm::net
