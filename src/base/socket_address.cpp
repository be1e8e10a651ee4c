// SPDX-License-Identifier: Apache-2.0
#include "regstorm/base/socket_address.hpp"

#include <arpa/inet.h>

#include <charconv>

#include "regstorm/base/text.hpp"

namespace regstorm::base {

std::optional<IpAddress> parse_ip(std::string_view text) {
    const bool bracketed = text.size() >= 2 && text.front() == '[' && text.back() == ']';
    text = bracketed ? text.substr(1, text.size() - 2) : text;
    // inet_pton wants a NUL; on the stack, because the registrar reads the addresses of contacts.
    std::array<char, INET6_ADDRSTRLEN> host{};
    if (text.size() >= host.size()) {
        return std::nullopt;
    }
    text.copy(host.data(), text.size());
    IpAddress ip;
    if (!bracketed && inet_pton(AF_INET, host.data(), ip.bytes.data()) == 1) {
        return ip;
    }
    if (inet_pton(AF_INET6, host.data(), ip.bytes.data()) == 1) {
        ip.family = Family::ipv6;
        return ip;
    }
    return std::nullopt;
}

std::optional<SocketAddress> parse_socket_address(std::string_view text, std::uint16_t default_port) {
    if (const std::optional<IpAddress> bare = parse_ip(text)) {
        return SocketAddress{*bare, default_port};
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view digits = text.substr(colon + 1);
    std::uint16_t udp_port = 0;
    const std::from_chars_result parsed = std::from_chars(digits.data(), digits.data() + digits.size(), udp_port);
    if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) {
        return std::nullopt;
    }
    // "::1:5060" is an IPv6 address by itself; with a port it needs its brackets.
    const std::string_view host = text.substr(0, colon);
    const std::optional<IpAddress> ip = parse_ip(host);
    if (!ip || (ip->family == Family::ipv6 && host.front() != '[')) {
        return std::nullopt;
    }
    return SocketAddress{*ip, udp_port};
}

char* write_ip(char* out, const IpAddress& ip) noexcept {
    if (ip.family == Family::ipv6) {
        char text[INET6_ADDRSTRLEN];
        return write_text(out, inet_ntop(AF_INET6, ip.bytes.data(), text, sizeof text));
    }
    // By hand: a registrar writes one per answer, and inet_ntop goes through snprintf.
    for (std::size_t i = 0; i < 4; ++i) {
        out = write_decimal(out, ip.bytes[i]);
        *out++ = '.';
    }
    return out - 1;
}

std::string to_text(const IpAddress& ip) {
    char text[ip_chars_max];
    return {text, write_ip(text, ip)};
}

std::string to_text(const SocketAddress& address) {
    const std::string host = to_text(address.ip);
    const std::string in_uri = address.ip.family == Family::ipv6 ? "[" + host + "]" : host;
    return in_uri + ":" + std::to_string(address.udp_port);
}

}  // namespace regstorm::base
