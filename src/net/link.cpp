// SPDX-License-Identifier: Apache-2.0
#include "regstorm/net/link.hpp"

#include "regstorm/net/arp.hpp"
#include "regstorm/net/icmp.hpp"

namespace regstorm::net {
namespace {

bool read_packet(const EthernetFrame& frame, IpPacket& packet) {
    return frame.ethertype == ethertype_ipv4 ? read_ipv4(frame.packet, frame.packet_bytes, packet)
                                             : read_ipv6(frame.packet, frame.packet_bytes, packet);
}

std::uint32_t padded(char* frame, const char* end) { return pad_frame(frame, static_cast<std::uint32_t>(end - frame)); }

}  // namespace

Link::Link(const LinkConfig& config, const LinkDevice& device, base::Arena& arena)
    : own_(config, arena),
      cache_(arena),
      reader_(config, device, own_),
      writer_(config, device, own_),
      resolver_(config),
      device_(device),
      vlan_id_(config.vlan_id) {}

void Link::receive_rare(FrameFate fate, const EthernetFrame& frame, const Received& received) {
    switch (fate) {
        case FrameFate::oversized:
            return learn_sender(received.remote.ip, frame.source);
        case FrameFate::arp_request:
        case FrameFate::arp_reply:
            return learn_from_arp(frame, true);
        case FrameFate::arp_other:
            return learn_from_arp(frame, false);
        case FrameFate::neighbour_solicitation:
            return learn_from_neighbour(frame, true);
        case FrameFate::neighbour_advertisement:
            return learn_from_neighbour(frame, false);
        default:
            return;
    }
}

void Link::learn_from_arp(const EthernetFrame& frame, bool to_us) {
    ArpMessage arp;
    if (read_arp(frame.packet, frame.packet_bytes, arp) != ArpRead::ok || arp.sender_mac.is_group()) {
        return;
    }
    const base::IpAddress sender = base::IpAddress::from_ipv4(arp.sender_ip);
    if (resolver_.learn(sender, arp.sender_mac)) {
        routed_ = false;
    }
    if (to_us) {
        learn_sender(sender, arp.sender_mac);
    }
}

/// A solicitation tells where the one who asks is, an advertisement where its target is.
void Link::learn_from_neighbour(const EthernetFrame& frame, bool asks) {
    IpPacket packet;
    if (!read_packet(frame, packet)) {
        return;
    }
    const std::optional<NeighbourMessage> message = read_neighbour(packet);
    if (!message || !message->mac || *message->mac == device_.mac) {
        return;
    }
    const base::IpAddress neighbour = asks ? packet.source_ip() : message->target;
    if (resolver_.learn(neighbour, *message->mac)) {
        routed_ = false;
    }
    learn_sender(neighbour, *message->mac);
}

bool Link::route(const base::SocketAddress& remote) {
    if (remote.ip.family != own_.family()) {
        return false;
    }
    const base::IpAddress* next_hop = resolver_.next_hop_of(remote.ip);
    const base::MacAddress* mac = next_hop != nullptr ? resolver_.find(*next_hop) : nullptr;
    if (mac == nullptr) {
        mac = cache_.find(remote.ip);
    }
    if (mac == nullptr) {
        if (next_hop != nullptr) {
            resolver_.want(*next_hop);
        }
        return false;
    }
    writer_.set_remote(remote, *mac);
    remote_ = remote;
    routed_ = true;
    return true;
}

std::uint32_t Link::write_answer(const char* data, std::uint32_t size, char* out, std::uint32_t out_bytes) {
    EthernetFrame frame;
    CHECK(read_ethernet(data, size, frame));
    // Nothing that we answer with is longer than what asked, but for the option of a neighbour advertisement.
    const std::uint32_t packet_bytes = std::max<std::uint32_t>(frame.packet_bytes, neighbour_packet_bytes);
    if (packet_bytes > device_.mtu || packet_bytes + ethernet_header_bytes + vlan_tag_bytes > out_bytes) {
        ++counters_.dropped_too_long;
        return 0;
    }
    ++counters_.answers_sent;
    return padded(out, frame.ethertype == ethertype_arp ? write_arp_answer(out, frame) : write_ip_answer(out, frame));
}

char* Link::write_arp_answer(char* out, const EthernetFrame& frame) const {
    ArpMessage asked;
    CHECK(read_arp(frame.packet, frame.packet_bytes, asked) == ArpRead::ok);
    return write_arp(write_header(out, asked.sender_mac, ethertype_arp), {.operation = arp_operation_reply,
                                                                          .sender_mac = device_.mac,
                                                                          .sender_ip = asked.target_ip,
                                                                          .target_mac = asked.sender_mac,
                                                                          .target_ip = asked.sender_ip});
}

char* Link::write_ip_answer(char* out, const EthernetFrame& frame) {
    IpPacket packet;
    CHECK(read_packet(frame, packet));
    const bool asks_neighbour = !packet.is_ipv4() && load_u8(packet.transport) == icmp6_neighbour_solicitation;
    if (!asks_neighbour) {
        return write_echo_reply(write_header(out, frame.source, frame.ethertype), packet, ++answer_id_);
    }
    const std::optional<NeighbourMessage> asked = read_neighbour(packet);
    CHECK(asked);
    const base::IpAddress asked_by = packet.source_ip();
    if (asked_by == base::IpAddress{{}, base::Family::ipv6}) {
        // Somebody checks whether the address is free (RFC 4862 section 5.4): say to all that it is not.
        return write_advertisement(write_header(out, group_mac(all_nodes()), ethertype_ipv6), asked->target,
                                   device_.mac, std::nullopt);
    }
    return write_advertisement(write_header(out, asked->mac.value_or(frame.source), ethertype_ipv6), asked->target,
                               device_.mac, asked_by);
}

char* Link::write_arp_question(char* out, std::uint32_t sender_ip, std::uint32_t target_ip) const {
    return write_arp(write_header(out, base::broadcast_mac, ethertype_arp), {.operation = arp_operation_request,
                                                                             .sender_mac = device_.mac,
                                                                             .sender_ip = sender_ip,
                                                                             .target_mac = {},
                                                                             .target_ip = target_ip});
}

std::uint32_t Link::write_due(base::Nanoseconds now_ns, char* out) {
    const Resolver::Due due = resolver_.take_due(now_ns);
    const bool ipv4 = own_.family() == base::Family::ipv4;
    switch (due.deed) {
        case Resolver::Deed::nothing:
            break;
        case Resolver::Deed::ask: {
            ++counters_.questions_sent;
            if (ipv4) {
                return padded(out, write_arp_question(out, own_.first().ipv4(), due.ip.ipv4()));
            }
            char* packet = write_header(out, group_mac(solicited_node(due.ip)), ethertype_ipv6);
            return padded(out, write_solicitation(packet, own_.first(), due.ip, device_.mac));
        }
        case Resolver::Deed::announce: {
            ++counters_.announcements_sent;
            const base::IpAddress ip = own_.ip_of(due.offset);
            if (ipv4) {
                return padded(out, write_arp_question(out, ip.ipv4(), ip.ipv4()));
            }
            char* packet = write_header(out, group_mac(all_nodes()), ethertype_ipv6);
            return padded(out, write_advertisement(packet, ip, device_.mac, std::nullopt));
        }
    }
    return 0;
}

}  // namespace regstorm::net
