// SPDX-License-Identifier: Apache-2.0
#include "device_counters.hpp"

#include <rte_ethdev.h>

#include <fstream>
#include <sstream>

namespace regstorm::port {

DeviceCounters::DeviceCounters(PortKind kind, std::uint16_t port_id, std::string interface,
                               const DriverSockets& sockets)
    : kind_(kind), port_id_(port_id), interface_(std::move(interface)), sockets_(&sockets) {
    rte_eth_stats_reset(port_id_);
    at_start_ = read_interface();
}

/// /proc/thread-self follows the network namespace of the caller, /sys shows the one it was mounted in.
DeviceCounters::Kernel DeviceCounters::read_interface() const {
    Kernel found;
    if (interface_.empty()) {
        return found;
    }
    std::ifstream table("/proc/thread-self/net/dev");
    std::string line;
    while (std::getline(table, line)) {
        const std::size_t colon = line.find(':');
        const std::size_t first = line.find_first_not_of(' ');
        if (colon == std::string::npos || line.substr(first, colon - first) != interface_) {
            continue;
        }
        // Receive: bytes packets errs drop fifo frame compressed multicast; transmit: bytes packets errs drop ...
        std::istringstream columns(line.substr(colon + 1));
        std::uint64_t column[12] = {};
        for (std::uint64_t& value : column) {
            columns >> value;
        }
        found.rx_missed = column[4];
        found.tx_dropped = column[11];
    }
    return found;
}

PortHealth DeviceCounters::read() {
    PortHealth health;
    rte_eth_stats stats{};
    rte_eth_stats_get(port_id_, &stats);
    const Kernel now = read_interface();
    const std::uint64_t interface_tx_dropped = now.tx_dropped - at_start_.tx_dropped;
    socket_drops_ = sockets_->read_drops() + (kind_ == PortKind::af_packet ? socket_drops_ : 0);
    health.rx_dropped = stats.rx_nombuf + now.rx_missed - at_start_.rx_missed + socket_drops_;
    switch (kind_) {
        case PortKind::af_packet:
            // The driver calls frames sent that the kernel refused, and counts them as errors.
            health.tx_dropped = stats.oerrors + interface_tx_dropped;
            break;
        case PortKind::af_xdp:
            health.tx_dropped = interface_tx_dropped;
            break;
        case PortKind::tap:
            health.rx_dropped += interface_tx_dropped;  // what the kernel sends is what we receive
            break;
        case PortKind::pci:
            health.rx_dropped += stats.imissed;
            health.tx_dropped = stats.oerrors;
            health.rx_bad = stats.ierrors;
            break;
        case PortKind::memory:
        case PortKind::udp:
            break;
    }
    return health;
}

}  // namespace regstorm::port
