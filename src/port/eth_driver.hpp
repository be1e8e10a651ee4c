// SPDX-License-Identifier: Apache-2.0
// What differs between DPDK's drivers: arguments, sizes of rings and buffers, and a truth or two about each.
#pragma once

#include <cstdint>
#include <string>

#include "kernel_interface.hpp"
#include "regstorm/port/port_spec.hpp"

namespace regstorm::port {

/// Memory of one queue: how many mbufs, and how large.
struct QueueMemory {
    std::uint32_t rx_mbufs = 0;  ///< 0: nothing is received into mbufs of ours
    std::uint16_t rx_room = 0;
    std::uint32_t tx_mbufs = 0;
    std::uint16_t tx_room = 0;
};
[[nodiscard]] QueueMemory queue_memory(PortKind kind);

struct Descriptors {
    std::uint16_t rx = 0;
    std::uint16_t tx = 0;
};
[[nodiscard]] Descriptors descriptors(PortKind kind);

/// "net_af_packet", "net_af_xdp", "net_tap".
[[nodiscard]] const char* driver_name(PortKind kind);
[[nodiscard]] std::string driver_arguments(const PortSpec& spec, std::uint32_t mtu, std::uint16_t queues);

/// The largest IP packet for which every buffer on the way has room.
[[nodiscard]] std::uint32_t usable_mtu(PortKind kind, std::uint32_t interface_mtu);

/// The address that our end of the wire uses.
[[nodiscard]] base::MacAddress own_mac(PortKind kind, const base::MacAddress& interface_mac);

/// Frames that may be under way in one direction of one queue of a memory port.
[[nodiscard]] std::uint32_t memory_ring_frames();

}  // namespace regstorm::port
