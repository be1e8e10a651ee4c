// SPDX-License-Identifier: Apache-2.0
// The `memory` port: mbuf pointers pass through rings, nothing is copied and no kernel is asked. Each side allocates
// from pools of its own, one per queue; what it sends is freed by the other side, through that thread's mempool cache.
#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_lcore.h>

#include <algorithm>
#include <fmt/format.h>

#include "eth_device_setup.hpp"
#include "eth_driver.hpp"
#include "regstorm/port/eal.hpp"
#include "regstorm/port/problem.hpp"

namespace regstorm::port {
namespace {

/// Queues that a net_ring device can have (RTE_PMD_RING_MAX_RX_RINGS); more workers get more devices.
constexpr int queues_per_ethdev = 16;

unsigned numa_node() {
    const unsigned node = rte_socket_id();
    return node == static_cast<unsigned>(SOCKET_ID_ANY) ? 0 : node;
}

RingPointer make_ring() {
    RingPointer ring(rte_ring_create(unique_name("ring").c_str(), memory_ring_frames(), static_cast<int>(numa_node()),
                                     RING_F_SP_ENQ | RING_F_SC_DEQ));
    if (ring == nullptr) {
        throw PortError({fmt::format("no memory for the rings of the memory port: {}", rte_strerror(rte_errno)),
                         "fewer workers, or more memory"},
                        eal_log_tail());
    }
    return ring;
}

struct Side {
    std::vector<rte_ring*> rx;
    std::vector<rte_ring*> tx;
};

std::uint16_t make_ethdev(const std::string& name, Side& side) {
    const unsigned count = static_cast<unsigned>(side.rx.size());
    const int port_id = rte_eth_from_rings(name.c_str(), side.rx.data(), count, side.tx.data(), count, numa_node());
    if (port_id < 0) {
        throw PortError({fmt::format("the memory port cannot be made: {}", rte_strerror(rte_errno)), {}},
                        eal_log_tail());
    }
    return static_cast<std::uint16_t>(port_id);
}

/// Up to sixteen queues: one ethdev and its pools; its queues are appended to the device.
void append_ethdev(EthDeviceParts& parts, Side& side, std::uint8_t mac_last) {
    const std::string name = unique_name("memory");
    parts.ethdevs.push_back(std::make_unique<Ethdev>(make_ethdev(name, side), "net_ring_" + name));
    const std::uint16_t port_id = parts.ethdevs.back()->port_id();
    const QueueMemory memory = queue_memory(PortKind::memory);
    const Descriptors rings = descriptors(PortKind::memory);
    StartOptions start{"the memory port", port_id, rings.rx, rings.tx, {}, false};
    for (std::size_t i = 0; i < side.rx.size(); ++i) {
        EthQueue queue;
        queue.port_id = port_id;
        queue.queue_id = static_cast<std::uint16_t>(i);
        queue.udp_checksum = UdpChecksum::nobody;
        queue.rx_checksums_trusted = true;
        queue.tx_pool = parts.add_pool(
            {unique_name("memory"), memory.tx_mbufs, memory.tx_room, SOCKET_ID_ANY, PoolMemory::own_mapping});
        queue.mac = {{2, 0, 0, 0, 0, mac_last}};
        queue.mtu = usable_mtu(PortKind::memory, UINT16_MAX);
        start.rx_pools.push_back(queue.tx_pool);  // DPDK wants one; net_ring never allocates
        parts.queues.push_back(queue);
    }
    start_ethdev(start);
}

}  // namespace

MemoryPair MemoryPair::open(std::uint16_t queues) {
    auto generator = std::make_unique<EthDeviceParts>();
    auto registrar = std::make_unique<EthDeviceParts>();
    // What lies in a ring when one side goes belongs to a pool of that side: memory lives until both are closed.
    auto shared = std::make_shared<std::vector<std::shared_ptr<void>>>();
    for (int first = 0; first < queues; first += queues_per_ethdev) {
        Side generator_side;
        Side registrar_side;
        const int count = std::min(queues - first, queues_per_ethdev);
        for (int i = 0; i < count; ++i) {
            std::shared_ptr<rte_ring> to_registrar = make_ring();
            std::shared_ptr<rte_ring> to_generator = make_ring();
            generator_side.tx.push_back(to_registrar.get());
            registrar_side.rx.push_back(to_registrar.get());
            registrar_side.tx.push_back(to_generator.get());
            generator_side.rx.push_back(to_generator.get());
            shared->push_back(std::move(to_registrar));
            shared->push_back(std::move(to_generator));
        }
        append_ethdev(*generator, generator_side, 1);
        append_ethdev(*registrar, registrar_side, 2);
    }
    for (EthDeviceParts* parts : {generator.get(), registrar.get()}) {
        shared->insert(shared->end(), parts->memory.begin(), parts->memory.end());
        parts->memory.assign(1, shared);
    }
    return {EthDevice(std::move(generator)), EthDevice(std::move(registrar))};
}

}  // namespace regstorm::port
