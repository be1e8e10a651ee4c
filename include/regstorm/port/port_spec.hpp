// SPDX-License-Identifier: Apache-2.0
// What the user wrote after --port, understood. Text in, plain data or one line of complaint out; nothing is opened
// here and no DPDK is involved, so that a scenario can be checked on a machine that could not run it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "regstorm/base/socket_address.hpp"

namespace regstorm::port {

enum class PortKind : std::uint8_t { memory, udp, af_packet, af_xdp, tap, pci };

struct PortSpec {
    PortKind kind = PortKind::memory;
    /// Interface (af_packet, af_xdp, tap) or PCI address with its domain ("0000:03:00.0"); empty for the others.
    std::string device;
    /// udp: the local address; the UDP port is 0 when none was given. Absent: the kernel chooses.
    std::optional<base::SocketAddress> address;

    friend bool operator==(const PortSpec&, const PortSpec&) = default;
};

struct PortSpecResult {
    std::optional<PortSpec> spec;
    std::string problem;  ///< when there is no spec: what is wrong with the text, ready to stand after it
};

/// `memory`, `udp[:ADDR]`, `af_packet:IF`, `af_xdp:IF`, `tap[:NAME]`, `pci:ADDR`.
[[nodiscard]] PortSpecResult parse_port_spec(std::string_view text);

/// The text that parse_port_spec() would understand as `spec`.
[[nodiscard]] std::string to_text(const PortSpec& spec);

/// Whether the port is a DPDK device that carries frames: everything but udp.
[[nodiscard]] constexpr bool carries_frames(PortKind kind) { return kind != PortKind::udp; }

/// Whether it owns its link on a network: it answers ARP and sends from addresses that the kernel does not have.
[[nodiscard]] constexpr bool owns_link(PortKind kind) { return kind >= PortKind::af_packet; }

/// Whether several workers can share its device, each with a queue of its own.
[[nodiscard]] constexpr bool has_queues(PortKind kind) { return kind == PortKind::pci || kind == PortKind::af_packet; }

/// The name of a tap interface that was not given one.
inline constexpr std::string_view default_tap_name = "regstorm0";

}  // namespace regstorm::port
