// SPDX-License-Identifier: Apache-2.0
// The ICMPv6 half that replaces ARP (RFC 4861 sections 4.3, 4.4 and 7).
#include <algorithm>

#include "regstorm/net/icmp.hpp"

namespace regstorm::net {
namespace {

constexpr std::uint8_t hop_limit_on_link = 255;  // a router would have lowered it: whoever sends this is a neighbour
constexpr std::uint8_t option_source_mac = 1;
constexpr std::uint8_t option_target_mac = 2;
constexpr std::uint32_t option_unit_bytes = 8;
constexpr std::uint32_t flag_solicited = 0x40000000;
constexpr std::uint32_t flag_override = 0x20000000;

base::IpAddress ipv6_of(std::array<std::uint8_t, 16> bytes) { return {bytes, base::Family::ipv6}; }

/// False when an option has no length or runs over the end. The loop ends: every option is at least 8 bytes.
bool read_mac_option(const char* at, std::uint32_t size, std::uint8_t wanted, std::optional<base::MacAddress>& mac) {
    while (size != 0) {
        const std::uint32_t option_bytes = size >= 2 ? load_u8(at + 1) * option_unit_bytes : 0;
        if (option_bytes == 0 || option_bytes > size) {
            return false;
        }
        if (load_u8(at) == wanted && option_bytes == option_unit_bytes) {
            mac.emplace();
            std::memcpy(mac->bytes.data(), at + 2, 6);
        }
        at += option_bytes;
        size -= option_bytes;
    }
    return true;
}

struct Message {
    std::uint8_t type;
    std::uint8_t option;
    std::uint32_t flags;
};

char* write_neighbour(char* out, const IpHeader& ip, const Message& message, const base::IpAddress& target,
                      const base::MacAddress& own) {
    char* icmp = write_ip(out, ip);
    store_u8(icmp, message.type);
    store_u8(icmp + 1, 0);
    store_word(icmp + 2, 0);
    store_be32(icmp + 4, message.flags);
    std::memcpy(icmp + 8, target.bytes.data(), 16);
    store_u8(icmp + 24, message.option);
    store_u8(icmp + 25, 1);
    std::memcpy(icmp + 26, own.bytes.data(), 6);
    const std::uint32_t bytes = neighbour_message_bytes + option_unit_bytes;
    store_word(icmp + 2, checksum_of(pseudo_header_sum(out + 8, 32, protocol_icmp6, bytes) + sum_bytes(icmp, bytes)));
    return icmp + bytes;
}

constexpr std::uint16_t message_bytes = neighbour_message_bytes + option_unit_bytes;

}  // namespace

std::optional<NeighbourMessage> read_neighbour(const IpPacket& packet) {
    const char* icmp = packet.transport;
    if (packet.is_ipv4() || packet.hop_limit != hop_limit_on_link || packet.transport_bytes < neighbour_message_bytes ||
        load_u8(icmp + 1) != 0 || load_u8(icmp + 8) == 0xff) {
        return std::nullopt;
    }
    NeighbourMessage message;
    message.target.family = base::Family::ipv6;
    std::memcpy(message.target.bytes.data(), icmp + 8, 16);
    const std::uint8_t option = load_u8(icmp) == icmp6_neighbour_solicitation ? option_source_mac : option_target_mac;
    if (!read_mac_option(icmp + neighbour_message_bytes, packet.transport_bytes - neighbour_message_bytes, option,
                         message.mac)) {
        return std::nullopt;
    }
    if (message.mac && message.mac->is_group()) {
        message.mac.reset();
    }
    return message;
}

base::IpAddress all_nodes() { return ipv6_of({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}); }

base::IpAddress solicited_node(const base::IpAddress& ip) {
    base::IpAddress group = ipv6_of({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0});
    std::copy(ip.bytes.begin() + 13, ip.bytes.end(), group.bytes.begin() + 13);
    return group;
}

base::MacAddress group_mac(const base::IpAddress& group) {
    base::MacAddress mac{{0x33, 0x33, 0, 0, 0, 0}};
    std::copy(group.bytes.begin() + 12, group.bytes.end(), mac.bytes.begin() + 2);
    return mac;
}

char* write_solicitation(char* out, const base::IpAddress& source, const base::IpAddress& target,
                         const base::MacAddress& own) {
    const IpHeader ip = {.source = source,
                         .destination = solicited_node(target),
                         .transport_bytes = message_bytes,
                         .protocol = protocol_icmp6,
                         .hop_limit = hop_limit_on_link};
    return write_neighbour(out, ip, {icmp6_neighbour_solicitation, option_source_mac, 0}, target, own);
}

char* write_advertisement(char* out, const base::IpAddress& target, const base::MacAddress& own,
                          const std::optional<base::IpAddress>& asked_by) {
    const IpHeader ip = {.source = target,
                         .destination = asked_by.value_or(all_nodes()),
                         .transport_bytes = message_bytes,
                         .protocol = protocol_icmp6,
                         .hop_limit = hop_limit_on_link};
    const std::uint32_t flags = asked_by ? flag_solicited | flag_override : flag_override;
    return write_neighbour(out, ip, {icmp6_neighbour_advertisement, option_target_mac, flags}, target, own);
}

}  // namespace regstorm::net
