// SPDX-License-Identifier: Apache-2.0
#include "regstorm/net/icmp.hpp"

#include <algorithm>

namespace regstorm::net {

bool is_delivery_error(const IpPacket& packet) {
    const std::uint8_t type = load_u8(packet.transport);
    if (packet.is_ipv4()) {
        return type == icmp_unreachable || type == icmp_parameter_problem;
    }
    return type == icmp6_unreachable || type == icmp6_too_big || type == icmp6_parameter_problem;
}

bool icmp_sum_holds(const IpPacket& packet) {
    return sum_holds(packet.is_ipv4() ? sum_bytes(packet.transport, packet.transport_bytes)
                                      : packet.transport_sum(packet.transport_bytes));
}

std::optional<QuotedDatagram> read_quoted(const IpPacket& error) {
    const char* quoted = error.transport + icmp_header_bytes;
    std::uint32_t quoted_bytes = error.transport_bytes - icmp_header_bytes;
    // Behind the quoted packet there may be extensions; the quote's length is then in the header (RFC 4884 section 4).
    const std::uint32_t said_bytes =
        error.is_ipv4() ? load_u8(error.transport + 5) * 4U : load_u8(error.transport + 4) * 8U;
    const bool has_length = error.is_ipv4() || load_u8(error.transport) == icmp6_unreachable;
    if (has_length && said_bytes != 0) {
        quoted_bytes = std::min(quoted_bytes, said_bytes);
    }

    IpPacket packet;
    const bool readable =
        error.is_ipv4() ? read_ipv4(quoted, quoted_bytes, packet, true) : read_ipv6(quoted, quoted_bytes, packet, true);
    UdpHeader udp;
    if (!readable || packet.protocol != protocol_udp || packet.fragment != 0 ||
        !read_udp_header(packet.transport, packet.transport_bytes, udp) || udp.bytes < udp_header_bytes) {
        return std::nullopt;
    }
    return QuotedDatagram{{packet.source_ip(), udp.source},
                          {packet.destination_ip(), udp.destination},
                          packet.transport + udp_header_bytes,
                          std::min<std::uint32_t>(packet.transport_bytes, udp.bytes) - udp_header_bytes};
}

char* write_echo_reply(char* out, const IpPacket& request, std::uint16_t id) {
    char* message = write_ip(out, {.source = request.destination_ip(),
                                   .destination = request.source_ip(),
                                   .transport_bytes = static_cast<std::uint16_t>(request.transport_bytes),
                                   .id = id,
                                   .protocol = request.protocol});
    std::memcpy(message, request.transport, request.transport_bytes);
    const std::uint16_t asked = load_word(message);
    store_u8(message, request.is_ipv4() ? icmp_echo_reply : icmp6_echo_reply);
    // Only the type changes; swapping the addresses of the pseudo-header does not change the sum.
    store_word(message + 2, patched_checksum(load_word(message + 2), asked, load_word(message)));
    return message + request.transport_bytes;
}

}  // namespace regstorm::net
