// SPDX-License-Identifier: Apache-2.0
// Targets and ranges as people write them. A target keeps its name: resolving is the run's business, and a
// scenario can be checked on a machine without DNS.
#include <charconv>
#include <fmt/format.h>

#include "regstorm/config/values.hpp"

namespace regstorm::config {
namespace {

using base::Family;
using base::IpAddress;

__extension__ using Wide = unsigned __int128;

std::uint32_t bits_of(Family family) { return family == Family::ipv4 ? 32 : 128; }

Wide as_number(const IpAddress& ip) {
    Wide number = 0;
    for (std::uint32_t i = 0; i < bits_of(ip.family) / 8; ++i) {
        number = number << 8 | ip.bytes[i];
    }
    return number;
}

IpAddress as_address(Wide number, Family family) {
    IpAddress ip;
    ip.family = family;
    for (std::uint32_t i = bits_of(family) / 8; i-- > 0; number >>= 8) {
        ip.bytes[i] = static_cast<std::uint8_t>(number);
    }
    return ip;
}

std::optional<std::uint32_t> parse_decimal(std::string_view digits, std::uint32_t max) {
    std::uint32_t value = 0;
    const std::from_chars_result done = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = done.ec == std::errc{} && done.ptr == digits.data() + digits.size();
    return whole && value <= max ? std::optional(value) : std::nullopt;
}

/// A DNS name: letters, digits, "-", "_" and dots, not all of it a number that looks like a broken IPv4 address.
bool is_host_name(std::string_view host) {
    bool letter = false;
    for (const char c : host) {
        const bool alpha = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!alpha && !(c >= '0' && c <= '9') && c != '-' && c != '.' && c != '_') {
            return false;
        }
        letter |= alpha;
    }
    const bool dotted_well = !host.starts_with('.') && !host.starts_with('-') && host.find("..") == host.npos;
    return letter && dotted_well && !host.empty() && host.size() <= 253;
}

Parsed<AddressRange> range_of(Wide first, Wide last, Family family) {
    if (last < first) {
        return {{}, "ends before it starts"};
    }
    if (last - first >= range_addresses_max) {
        return {{}, fmt::format("has more than {} addresses", range_addresses_max)};
    }
    return {{as_address(first, family), static_cast<std::uint32_t>(last - first) + 1}, {}};
}

/// The hosts of a prefix: without network and broadcast address, where IPv4 has them (RFC 3021 spares /31).
Parsed<AddressRange> parse_cidr(std::string_view text, std::size_t slash) {
    const std::optional<IpAddress> ip = base::parse_ip(text.substr(0, slash));
    if (!ip) {
        return {{}, "does not start with an IP address"};
    }
    const std::uint32_t bits = bits_of(ip->family);
    const std::optional<std::uint32_t> prefix = parse_decimal(text.substr(slash + 1), bits);
    if (!prefix) {
        return {{}, fmt::format("needs a prefix length of 0 to {}", bits)};
    }
    const std::uint32_t host_bits = bits - *prefix;
    if (host_bits > 16) {
        return {{},
                fmt::format("has more than {} addresses; the largest block is /{}", range_addresses_max, bits - 16)};
    }
    const Wide mask = (Wide{1} << host_bits) - 1;
    const Wide network = as_number(*ip) & ~mask;
    const bool spare_ends = ip->family == Family::ipv4 && host_bits >= 2;
    return range_of(network + (spare_ends ? 1 : 0), network + mask - (spare_ends ? 1 : 0), ip->family);
}

}  // namespace

IpAddress AddressRange::at(std::uint32_t offset) const { return as_address(as_number(first) + offset, first.family); }

bool AddressRange::contains(const IpAddress& ip) const {
    return given() && ip.family == first.family && as_number(ip) >= as_number(first) &&
           as_number(ip) - as_number(first) < count;
}

Parsed<AddressRange> parse_address_range(std::string_view text) {
    if (const std::size_t slash = text.find('/'); slash != text.npos) {
        return parse_cidr(text, slash);
    }
    const std::size_t dash = text.find('-');
    const std::optional<IpAddress> first = base::parse_ip(text.substr(0, dash));
    const std::optional<IpAddress> last = dash == text.npos ? first : base::parse_ip(text.substr(dash + 1));
    if (!first || !last || first->family != last->family) {
        return {{}, "is not an address range; write 198.18.0.1-198.18.0.200, 198.18.0.0/24 or one address"};
    }
    return range_of(as_number(*first), as_number(*last), first->family);
}

Parsed<Target> parse_target(std::string_view text) {
    constexpr const char* forms = "is not a target; write 192.0.2.10, 192.0.2.10:5060, [2001:db8::1]:5060 or a name";
    Target target;
    if (text.empty()) {
        return {target, {}};
    }
    if (const std::optional<base::IpAddress> bare = base::parse_ip(text)) {
        target.host = base::to_text(*bare);
        return {target, {}};
    }
    std::string_view host = text;
    if (const std::size_t colon = text.rfind(':'); colon != text.npos) {
        const std::string_view digits = text.substr(colon + 1);
        const std::optional<std::uint32_t> udp_port = parse_decimal(digits, 65'535);
        if (!udp_port || *udp_port == 0) {
            return {{}, fmt::format("has \"{}\" for a UDP port; allowed: 1 to 65535", digits)};
        }
        target.udp_port = static_cast<std::uint16_t>(*udp_port);
        host = text.substr(0, colon);
    }
    const std::optional<base::IpAddress> ip = base::parse_ip(host);
    if (ip && (ip->family == Family::ipv4 || host.front() == '[')) {
        target.host = base::to_text(*ip);
    } else if (is_host_name(host)) {
        target.host = host;
    } else {
        return {{}, text.starts_with("sip:") ? "is a URI; write only host:port" : forms};
    }
    return {target, {}};
}

Parsed<UdpPortRange> parse_udp_ports(std::string_view text) {
    const std::size_t dash = text.find('-');
    const std::optional<std::uint32_t> first = parse_decimal(text.substr(0, dash), 65'535);
    const std::optional<std::uint32_t> last = dash == text.npos ? first : parse_decimal(text.substr(dash + 1), 65'535);
    if (!first || !last || *first == 0) {
        return {{}, "is not a range of UDP ports; write 10000-59999 or 5060"};
    }
    if (*last < *first) {
        return {{}, "ends before it starts"};
    }
    return {{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)}, {}};
}

std::string to_text(const Target& target) {
    if (!target.given()) {
        return {};
    }
    const bool ipv6 = target.host.find(':') != std::string::npos;
    return ipv6 ? fmt::format("[{}]:{}", target.host, target.udp_port)
                : fmt::format("{}:{}", target.host, target.udp_port);
}

std::string to_text(const AddressRange& range) {
    if (range.count <= 1) {
        return range.given() ? base::to_text(range.first) : std::string{};
    }
    return base::to_text(range.first) + "-" + base::to_text(range.at(range.count - 1));
}

std::string to_text(const UdpPortRange& ports) {
    return ports.first == ports.last ? std::to_string(ports.first) : fmt::format("{}-{}", ports.first, ports.last);
}

}  // namespace regstorm::config
