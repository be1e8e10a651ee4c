// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/eth_device.hpp"

#include <rte_bus_vdev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fmt/format.h>
#include <thread>

#include "eal_log.hpp"
#include "eth_device_setup.hpp"
#include "eth_driver.hpp"
#include "regstorm/base/check.hpp"
#include "regstorm/port/eal.hpp"
#include "regstorm/port/problem.hpp"

namespace regstorm::port {
namespace {

[[noreturn]] void fail(std::string what) { throw PortError({std::move(what), "regstorm doctor"}, eal_log_tail()); }

std::unique_ptr<Ethdev> attach_vdev(const PortSpec& spec, std::uint16_t queues) {
    const std::uint32_t mtu = spec.kind == PortKind::tap ? 1500 : read_kernel_interface(spec.device).mtu;
    const std::string name = unique_name(driver_name(spec.kind));
    const std::uint64_t mark = log_mark();
    const int status = rte_vdev_init(name.c_str(), driver_arguments(spec, mtu, queues).c_str());
    std::uint16_t port_id = 0;
    if (status != 0 || rte_eth_dev_get_port_by_name(name.c_str(), &port_id) != 0) {
        const std::string complaint = first_complaint_since(mark);
        fail(fmt::format("port {}: the driver {} refuses: {}", to_text(spec), driver_name(spec.kind),
                         complaint.empty() ? rte_strerror(status < 0 ? -status : ENODEV) : complaint));
    }
    return std::make_unique<Ethdev>(port_id, name);
}

std::unique_ptr<Ethdev> attach_nic(const PortSpec& spec) {
    std::uint16_t port_id = 0;
    if (rte_eth_dev_get_port_by_name(spec.device.c_str(), &port_id) != 0) {
        // Why, DPDK has said last; what a device lacks and what its bus lacks are two lines.
        fail(fmt::format("port {}: no DPDK driver took the device: {}", to_text(spec), last_words(5)));
    }
    return std::make_unique<Ethdev>(port_id, std::string{});
}

/// A NIC negotiates its link after the start. What is sent before is lost, so wait, but not for ever: the run then
/// says that the neighbour cannot be resolved.
void await_link(std::uint16_t port_id) {
    constexpr int attempts_max = 50;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
        rte_eth_link link{};
        if (rte_eth_link_get_nowait(port_id, &link) == 0 && link.link_status == RTE_ETH_LINK_UP) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

RxSteering read_steering(std::uint16_t port_id, std::uint16_t queues, PortKind kind) {
    RxSteering steering;
    if (queues == 1 || kind == PortKind::tap) {
        return steering;  // tap: the kernel remembers which queue a flow was sent from, and answers there
    }
    steering.rule = RxSteering::Rule::unknown;
    rte_eth_dev_info info{};
    if (kind != PortKind::pci || rte_eth_dev_info_get(port_id, &info) != 0 || info.hash_key_size == 0) {
        return steering;
    }
    steering.key.resize(info.hash_key_size);
    rte_eth_rss_conf hash{};
    hash.rss_key = steering.key.data();
    hash.rss_key_len = info.hash_key_size;
    std::vector<rte_eth_rss_reta_entry64> table((info.reta_size + RTE_ETH_RETA_GROUP_SIZE - 1) /
                                                RTE_ETH_RETA_GROUP_SIZE);
    for (rte_eth_rss_reta_entry64& group : table) {
        group.mask = UINT64_MAX;
    }
    if (table.empty() || rte_eth_dev_rss_hash_conf_get(port_id, &hash) != 0 ||
        (hash.rss_hf & RTE_ETH_RSS_NONFRAG_IPV4_UDP) == 0 ||
        rte_eth_dev_rss_reta_query(port_id, table.data(), info.reta_size) != 0) {
        return steering;
    }
    for (std::uint16_t i = 0; i < info.reta_size; ++i) {
        steering.table.push_back(table[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE]);
    }
    steering.rule = RxSteering::Rule::toeplitz;
    return steering;
}

/// The pools of every queue, and what start_ethdev() must know of them.
std::vector<rte_mempool*> add_pools(EthDeviceParts& parts, PortKind kind, std::uint16_t queues) {
    const QueueMemory memory = queue_memory(kind);
    const std::uint16_t port_id = parts.ethdevs.front()->port_id();
    const int numa_node = rte_eth_dev_socket_id(port_id);
    const PoolMemory where = kind == PortKind::pci ? PoolMemory::dpdk : PoolMemory::own_mapping;
    std::vector<rte_mempool*> rx_pools;
    for (std::uint16_t i = 0; i < queues; ++i) {
        EthQueue queue;
        queue.port_id = port_id;
        queue.queue_id = i;
        queue.tx_pool = parts.add_pool({unique_name("tx"), memory.tx_mbufs, memory.tx_room, numa_node, where});
        parts.queues.push_back(queue);
        rx_pools.push_back(parts.add_pool({unique_name("rx"), memory.rx_mbufs, memory.rx_room, numa_node, where}));
    }
    return rx_pools;
}

/// Address and MTU: of the interface below, or of the NIC itself.
void describe_queues(EthDeviceParts& parts, const PortSpec& spec, UdpChecksum udp_checksum) {
    const std::uint16_t port_id = parts.ethdevs.front()->port_id();
    base::MacAddress mac;
    std::uint32_t mtu = 1500;
    if (spec.kind == PortKind::pci) {
        rte_ether_addr address{};
        rte_eth_macaddr_get(port_id, &address);
        std::copy_n(address.addr_bytes, mac.bytes.size(), mac.bytes.begin());
        rte_eth_allmulticast_enable(port_id);  // not every NIC can; IPv4 does not need it
    } else {
        const KernelInterface interface = read_kernel_interface(spec.device);
        mac = own_mac(spec.kind, interface.mac);
        mtu = interface.mtu;
        parts.multicast = std::make_unique<AllMulticast>(interface.index);
    }
    parts.counters = std::make_unique<DeviceCounters>(spec.kind, port_id, spec.device, *parts.sockets);
    for (EthQueue& queue : parts.queues) {
        queue.mac = mac;
        queue.mtu = usable_mtu(spec.kind, mtu);
        queue.udp_checksum = udp_checksum;
        queue.rx_checksums_trusted = spec.kind != PortKind::pci;
    }
    parts.queues.front().counters = parts.counters.get();
}

}  // namespace

std::string unique_name(std::string_view what) {
    static std::atomic<unsigned> serial{0};
    return fmt::format("{}{}", what, serial++);
}

rte_mempool* EthDeviceParts::add_pool(const PoolOptions& options) {
    rte_mempool* pool = make_mbuf_pool(options);
    memory.push_back(std::shared_ptr<void>(PoolPointer(pool)));
    return pool;
}

std::uint64_t memory_needed(const PortSpec& spec, std::uint16_t queues) {
    if (!carries_frames(spec.kind)) {
        return 0;
    }
    const QueueMemory queue = queue_memory(spec.kind);
    constexpr std::uint64_t ring_bytes = 64 * 1024;
    const std::uint64_t sides = spec.kind == PortKind::memory ? 2 : 1;
    const std::uint64_t rx_bytes = queue.rx_mbufs == 0 ? 0 : mbuf_pool_bytes(queue.rx_mbufs, queue.rx_room);
    return sides * queues * (rx_bytes + mbuf_pool_bytes(queue.tx_mbufs, queue.tx_room) + ring_bytes);
}

namespace {

/// The kernel now and then refuses a first af_xdp bind with EINVAL on an interface on which the next one succeeds
/// (DPDK 22.11, veth; tests/port, VethPort.AfXdp*). Everything of the failed attempt is given back in between.
constexpr int xdp_open_attempts = 5;
constexpr std::chrono::milliseconds xdp_open_pause{100};

EthDevice open_once(const PortSpec& spec, const EthOptions& options) {
    auto parts = std::make_unique<EthDeviceParts>();
    parts->sockets = std::make_unique<DriverSockets>(spec.kind);
    const bool nic = spec.kind == PortKind::pci;
    parts->ethdevs.push_back(nic ? attach_nic(spec) : attach_vdev(spec, options.queues));
    const std::uint16_t port_id = parts->ethdevs.front()->port_id();
    const Descriptors rings = descriptors(spec.kind);
    const UdpChecksum udp_checksum = start_ethdev({.what = "port " + to_text(spec),
                                                   .port_id = port_id,
                                                   .rx_descriptors = rings.rx,
                                                   .tx_descriptors = rings.tx,
                                                   .rx_pools = add_pools(*parts, spec.kind, options.queues),
                                                   .offloads = nic});
    parts->sockets->adopt();
    describe_queues(*parts, spec, udp_checksum);
    parts->steering = read_steering(port_id, options.queues, spec.kind);
    if (nic) {
        await_link(port_id);
    }
    return EthDevice(std::move(parts));
}

}  // namespace

EthDevice EthDevice::open(const PortSpec& spec, const EthOptions& options) {
    CHECK(carries_frames(spec.kind) && spec.kind != PortKind::memory);
    for (int attempt = 1; spec.kind == PortKind::af_xdp && attempt < xdp_open_attempts; ++attempt) {
        try {
            return open_once(spec, options);
        } catch (const PortError&) {
            std::this_thread::sleep_for(xdp_open_pause);  // the last attempt's reason is the one that is told
        }
    }
    return open_once(spec, options);
}

EthDevice::EthDevice(std::unique_ptr<EthDeviceParts> parts) : parts_(std::move(parts)) {}
EthDevice::EthDevice(EthDevice&& other) noexcept = default;
EthDevice& EthDevice::operator=(EthDevice&& other) noexcept = default;
EthDevice::~EthDevice() = default;

std::uint16_t EthDevice::queue_count() const { return static_cast<std::uint16_t>(parts_->queues.size()); }

EthQueue EthDevice::queue(std::uint16_t index) const { return parts_->queues.at(index); }

RxSteering EthDevice::rx_steering() const { return parts_->steering; }

void EthDevice::close() { parts_.reset(); }

}  // namespace regstorm::port
