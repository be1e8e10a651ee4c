// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/port_spec.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <vector>

#include "regstorm/base/nearest.hpp"

namespace regstorm::port {
namespace {

enum class Argument : std::uint8_t { none, optional, required };

struct KindRow {
    PortKind kind;
    std::string_view name;
    Argument argument;
    std::string_view usage;
};

constexpr std::array kinds{
    KindRow{PortKind::memory, "memory", Argument::none, "memory"},
    KindRow{PortKind::udp, "udp", Argument::optional, "udp[:ADDR]"},
    KindRow{PortKind::af_packet, "af_packet", Argument::required, "af_packet:INTERFACE"},
    KindRow{PortKind::af_xdp, "af_xdp", Argument::required, "af_xdp:INTERFACE"},
    KindRow{PortKind::tap, "tap", Argument::optional, "tap[:NAME]"},
    KindRow{PortKind::pci, "pci", Argument::required, "pci:ADDR"},
};

PortSpecResult refuse(std::string error) { return {std::nullopt, std::move(error)}; }

PortSpecResult refuse_kind(std::string_view text, std::string_view name) {
    std::string allowed;
    std::vector<std::string_view> names;
    for (const KindRow& row : kinds) {
        allowed += allowed.empty() ? "" : ", ";
        allowed += row.usage;
        names.emplace_back(row.name);
    }
    const std::string_view meant = base::nearest(name, names);
    return refuse(fmt::format("port '{}' is unknown; allowed: {}{}", text, allowed,
                              meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant)));
}

/// What the kernel accepts as an interface name (IFNAMSIZ, no '/', no blanks), less the comma and the equals sign:
/// the name becomes part of a DPDK device argument, where both separate.
bool is_interface_name(std::string_view name) {
    constexpr std::size_t bytes_max = 15;
    const auto allowed = [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ',' && c != '=' && c != ':'; };
    return !name.empty() && name.size() <= bytes_max && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), allowed);
}

/// "03:00.0" or "0000:03:00.0" with the domain made explicit, lower case; empty when it is neither.
std::string normal_pci_address(std::string_view text) {
    std::string address(text);
    if (address.size() == std::string_view("03:00.0").size()) {
        address = "0000:" + address;
    }
    constexpr std::string_view shape = "xxxx:xx:xx.x";
    if (address.size() != shape.size()) {
        return {};
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const char c = static_cast<char>(address[i] >= 'A' && address[i] <= 'F' ? address[i] - 'A' + 'a' : address[i]);
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (shape[i] == 'x' ? !hex : c != shape[i]) {
            return {};
        }
        address[i] = c;
    }
    return address.back() <= '7' ? address : std::string{};
}

PortSpecResult parse_argument(const KindRow& row, std::string_view text, std::string_view argument) {
    PortSpec spec{.kind = row.kind, .device = {}, .address = {}};
    switch (row.kind) {
        case PortKind::memory:
            return {spec, {}};
        case PortKind::udp:
            spec.address = base::parse_socket_address(argument, 0);
            if (!spec.address) {
                return refuse(fmt::format(
                    "port '{}': '{}' is no address; allowed: udp, udp:192.0.2.1, udp:[2001:db8::1]", text, argument));
            }
            return {spec, {}};
        case PortKind::pci:
            spec.device = normal_pci_address(argument);
            if (spec.device.empty()) {
                return refuse(fmt::format("port '{}': '{}' is no PCI address; allowed: pci:0000:03:00.0 or pci:03:00.0",
                                          text, argument));
            }
            return {spec, {}};
        case PortKind::af_packet:
        case PortKind::af_xdp:
        case PortKind::tap:
            break;
    }
    if (!is_interface_name(argument)) {
        return refuse(
            fmt::format("port '{}': '{}' is no interface name; allowed: 1 to 15 characters without blank, "
                        "'/', ':', ',' or '='",
                        text, argument));
    }
    spec.device = argument;
    return {spec, {}};
}

}  // namespace

PortSpecResult parse_port_spec(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    const auto row = std::find_if(kinds.begin(), kinds.end(), [&](const KindRow& r) { return r.name == name; });
    if (row == kinds.end()) {
        return refuse_kind(text, name);
    }
    if (colon != std::string_view::npos) {
        if (row->argument == Argument::none) {
            return refuse(fmt::format("port '{}': '{}' takes no argument; allowed: {}", text, name, row->usage));
        }
        return parse_argument(*row, text, text.substr(colon + 1));
    }
    if (row->argument == Argument::required) {
        return refuse(fmt::format("port '{}' needs to know which device; allowed: {}", text, row->usage));
    }
    PortSpec spec{.kind = row->kind, .device = {}, .address = {}};
    if (row->kind == PortKind::tap) {
        spec.device = default_tap_name;
    }
    return {spec, {}};
}

std::string to_text(const PortSpec& spec) {
    const auto row = std::find_if(kinds.begin(), kinds.end(), [&](const KindRow& r) { return r.kind == spec.kind; });
    std::string text(row->name);
    if (spec.address) {
        text += ':';
        text += spec.address->udp_port == 0 ? base::to_text(spec.address->ip) : base::to_text(*spec.address);
    } else if (!spec.device.empty()) {
        text += ':' + spec.device;
    }
    return text;
}

}  // namespace regstorm::port
