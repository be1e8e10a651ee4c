// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/port_spec.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace regstorm::port {
namespace {

enum class Argument : std::uint8_t { none, optional, required };

struct KindRow {
    PortKind kind;
    std::string_view name;
    Argument argument;
    std::string_view example;
};

constexpr std::array kinds{
    KindRow{PortKind::memory, "memory", Argument::none, "memory"},
    KindRow{PortKind::udp, "udp", Argument::optional, "udp:192.0.2.1"},
    KindRow{PortKind::af_packet, "af_packet", Argument::required, "af_packet:eth1"},
    KindRow{PortKind::af_xdp, "af_xdp", Argument::required, "af_xdp:eth1"},
    KindRow{PortKind::tap, "tap", Argument::optional, "tap:sip0"},
    KindRow{PortKind::pci, "pci", Argument::required, "pci:0000:03:00.0"},
};

PortSpecResult refuse(std::string problem) { return {std::nullopt, std::move(problem)}; }

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

PortSpecResult parse_argument(const KindRow& row, std::string_view argument) {
    PortSpec spec{.kind = row.kind, .device = {}, .address = {}};
    switch (row.kind) {
        case PortKind::memory:
            break;
        case PortKind::udp:
            spec.address = base::parse_socket_address(argument, 0);
            if (!spec.address) {
                return refuse(fmt::format("binds \"{}\", which is not an IP address", argument));
            }
            break;
        case PortKind::pci:
            spec.device = normal_pci_address(argument);
            if (spec.device.empty()) {
                return refuse(fmt::format("has \"{}\" for a PCI address; write {}", argument, row.example));
            }
            break;
        case PortKind::af_packet:
        case PortKind::af_xdp:
        case PortKind::tap:
            if (!is_interface_name(argument)) {
                return refuse(
                    fmt::format("has \"{}\" for an interface; its name has 1 to 15 characters without blank, "
                                "slash, colon, comma or equals sign",
                                argument));
            }
            spec.device = argument;
            break;
    }
    return {spec, {}};
}

}  // namespace

PortSpecResult parse_port_spec(std::string_view text) {
    const std::size_t colon = text.find(':');
    const std::string_view name = text.substr(0, colon);
    const auto row = std::find_if(kinds.begin(), kinds.end(), [&](const KindRow& r) { return r.name == name; });
    if (row == kinds.end()) {
        return refuse("is not a port");
    }
    if (colon != std::string_view::npos) {
        const std::string_view argument = text.substr(colon + 1);
        if (argument.empty()) {
            return refuse("has nothing after its colon");
        }
        if (row->argument == Argument::none) {
            return refuse(fmt::format("has an argument, and {} takes none", name));
        }
        return parse_argument(*row, argument);
    }
    if (row->argument == Argument::required) {
        return refuse(
            fmt::format("needs {}: {}", row->kind == PortKind::pci ? "a device" : "an interface", row->example));
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
    } else if (!spec.device.empty() && (spec.kind != PortKind::tap || spec.device != default_tap_name)) {
        text += ':' + spec.device;
    }
    return text;
}

}  // namespace regstorm::port
