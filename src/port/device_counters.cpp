// SPDX-License-Identifier: Apache-2.0
#include "device_counters.hpp"

#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <rte_ethdev.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace regstorm::port {
namespace {

bool is_socket_of(int fd, int family, unsigned interface_index) {
    int domain = 0;
    socklen_t size = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != family) {
        return false;
    }
    sockaddr_storage address{};
    size = sizeof address;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        return false;
    }
    if (family == AF_PACKET) {
        return reinterpret_cast<const sockaddr_ll*>(&address)->sll_ifindex == static_cast<int>(interface_index);
    }
    return reinterpret_cast<const sockaddr_xdp*>(&address)->sxdp_ifindex == interface_index;
}

int family_of(PortKind kind) {
    return kind == PortKind::af_packet ? AF_PACKET : kind == PortKind::af_xdp ? AF_XDP : 0;
}

}  // namespace

std::vector<int> duplicate_driver_sockets(int family, unsigned interface_index) {
    std::vector<int> sockets;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
        const std::string name = entry.path().filename().string();
        int fd = -1;
        std::from_chars(name.data(), name.data() + name.size(), fd);
        if (fd >= 0 && is_socket_of(fd, family, interface_index)) {
            const int duplicate = dup(fd);
            if (duplicate >= 0) {
                sockets.push_back(duplicate);
            }
        }
    }
    return sockets;
}

DeviceCounters::DeviceCounters(PortKind kind, std::uint16_t port_id, std::string interface)
    : kind_(kind), port_id_(port_id), interface_(std::move(interface)) {
    const int family = family_of(kind);
    if (family != 0) {
        sockets_ = duplicate_driver_sockets(family, if_nametoindex(interface_.c_str()));
    }
    rte_eth_stats_reset(port_id_);
    at_start_ = read_interface();
}

DeviceCounters::~DeviceCounters() {
    for (const int fd : sockets_) {
        close(fd);
    }
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

std::uint64_t DeviceCounters::read_sockets() {
    std::uint64_t xdp_drops = 0;
    for (const int fd : sockets_) {
        if (kind_ == PortKind::af_packet) {
            tpacket_stats counts{};
            socklen_t size = sizeof counts;
            if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &counts, &size) == 0) {
                packet_socket_drops_ += counts.tp_drops;
            }
        } else {
            xdp_statistics counts{};
            socklen_t size = sizeof counts;
            if (getsockopt(fd, SOL_XDP, XDP_STATISTICS, &counts, &size) == 0) {
                xdp_drops += counts.rx_dropped + counts.rx_ring_full;
            }
        }
    }
    return packet_socket_drops_ + xdp_drops;
}

PortHealth DeviceCounters::read() {
    PortHealth health;
    rte_eth_stats stats{};
    rte_eth_stats_get(port_id_, &stats);
    const Kernel now = read_interface();
    const std::uint64_t interface_tx_dropped = now.tx_dropped - at_start_.tx_dropped;
    health.rx_dropped = stats.rx_nombuf + now.rx_missed - at_start_.rx_missed + read_sockets();
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
