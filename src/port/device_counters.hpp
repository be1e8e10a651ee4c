// SPDX-License-Identifier: Apache-2.0
// What was lost below the worker. DPDK 22.11 hides most of it: its af_packet driver never asks the kernel how many
// frames found the ring full, and its af_xdp driver leaves the full receive ring out of its sum. Both own a socket in
// this process, so this file finds it and asks. Read once a second; a handful of system calls.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "regstorm/port/packet_port.hpp"
#include "regstorm/port/port_spec.hpp"

namespace regstorm::port {

/// The packet sockets (AF_PACKET or AF_XDP, `family`) that this process holds on an interface: duplicates of the
/// driver's, ours to close. Empty when there are none.
std::vector<int> duplicate_driver_sockets(int family, unsigned interface_index);

class DeviceCounters {
  public:
    DeviceCounters(PortKind kind, std::uint16_t port_id, std::string interface);
    ~DeviceCounters();
    DeviceCounters(const DeviceCounters&) = delete;
    DeviceCounters& operator=(const DeviceCounters&) = delete;

    /// Losses since construction.
    PortHealth read();

  private:
    struct Kernel {
        std::uint64_t rx_missed = 0;
        std::uint64_t tx_dropped = 0;
    };
    [[nodiscard]] Kernel read_interface() const;
    std::uint64_t read_sockets();

    PortKind kind_;
    std::uint16_t port_id_;
    std::string interface_;
    std::vector<int> sockets_;
    std::uint64_t packet_socket_drops_ = 0;  ///< the kernel forgets what it has told
    Kernel at_start_;
};

}  // namespace regstorm::port
