// SPDX-License-Identifier: Apache-2.0
// What was lost below the worker: DPDK's counters, the kernel's counters of the interface, and those of the driver's
// sockets. Read once a second; a handful of system calls.
#pragma once

#include <cstdint>
#include <string>

#include "driver_sockets.hpp"
#include "regstorm/port/packet_port.hpp"
#include "regstorm/port/port_spec.hpp"

namespace regstorm::port {

class DeviceCounters {
  public:
    DeviceCounters(PortKind kind, std::uint16_t port_id, std::string interface, const DriverSockets& sockets);

    /// Losses since construction.
    PortHealth read();

  private:
    struct Kernel {
        std::uint64_t rx_missed = 0;
        std::uint64_t tx_dropped = 0;
    };
    [[nodiscard]] Kernel read_interface() const;

    PortKind kind_;
    std::uint16_t port_id_;
    std::string interface_;
    const DriverSockets* sockets_;
    std::uint64_t socket_drops_ = 0;
    Kernel at_start_;
};

}  // namespace regstorm::port
