// SPDX-License-Identifier: Apache-2.0
// The parts that make up an open device, shared by those that open one (kernel interfaces and NICs in
// eth_device.cpp, the in-process pair in memory_pair.cpp).
#pragma once

#include <rte_ring.h>

#include <memory>
#include <string>
#include <vector>

#include "device_counters.hpp"
#include "kernel_interface.hpp"
#include "mbuf_pool.hpp"
#include "regstorm/port/eth_device.hpp"

namespace regstorm::port {

struct PoolDeleter {
    void operator()(rte_mempool* pool) const { free_mbuf_pool(pool); }
};
using PoolPointer = std::unique_ptr<rte_mempool, PoolDeleter>;

struct RingDeleter {
    void operator()(rte_ring* ring) const { rte_ring_free(ring); }
};
using RingPointer = std::unique_ptr<rte_ring, RingDeleter>;

/// One ethdev: stopped, closed and, where it is a virtual one, taken off the bus.
class Ethdev {
  public:
    Ethdev(std::uint16_t port_id, std::string vdev_name) : port_id_(port_id), vdev_name_(std::move(vdev_name)) {}
    ~Ethdev();
    Ethdev(const Ethdev&) = delete;
    Ethdev& operator=(const Ethdev&) = delete;
    [[nodiscard]] std::uint16_t port_id() const { return port_id_; }

  private:
    std::uint16_t port_id_;
    std::string vdev_name_;  ///< empty for a NIC
};

/// What an open device consists of. Destroyed from the last member to the first: the device goes before its sockets
/// and its memory.
struct EthDeviceParts {
    std::vector<std::shared_ptr<void>> memory;  ///< pools and rings; a pair shares them, for mbufs cross over
    std::unique_ptr<DriverSockets> sockets;
    std::vector<std::unique_ptr<Ethdev>> ethdevs;
    std::unique_ptr<DeviceCounters> counters;
    std::unique_ptr<AllMulticast> multicast;
    std::vector<EthQueue> queues;
    RxSteering steering;

    /// A pool that lives as long as the device.
    rte_mempool* add_pool(const PoolOptions& options);
};

/// DPDK's names are global, and a device may be opened again: "what" and a number never used before.
[[nodiscard]] std::string unique_name(std::string_view what);

/// Configures `port_id` with equal numbers of queues each way, and starts it. Throws PortError naming `what`.
struct StartOptions {
    std::string what;
    std::uint16_t port_id = 0;
    std::uint16_t rx_descriptors = 0;
    std::uint16_t tx_descriptors = 0;
    std::vector<rte_mempool*> rx_pools;  ///< one per queue
    bool offloads = false;               ///< use what the NIC offers: checksums, RSS
};
/// Who completes UDP checksums on that device.
UdpChecksum start_ethdev(const StartOptions& options);

}  // namespace regstorm::port
