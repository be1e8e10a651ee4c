// SPDX-License-Identifier: Apache-2.0
// The few steps between an ethdev that exists and one that carries frames, the same for every driver.
#include <rte_bus_vdev.h>
#include <rte_ethdev.h>

#include <fmt/format.h>

#include "eth_device_setup.hpp"
#include "regstorm/port/eal.hpp"
#include "regstorm/port/problem.hpp"

namespace regstorm::port {
namespace {

void require(int status, const StartOptions& options, const char* step) {
    if (status < 0) {
        throw PortError(
            {fmt::format("{}: the driver refuses to {}: {}", options.what, step, rte_strerror(-status)), {}},
            eal_log_tail());
    }
}

/// What the NIC can do for us; nothing unless `offloads`, because virtual devices "offload" in software, per frame.
rte_eth_conf configuration(const StartOptions& options, const rte_eth_dev_info& info) {
    rte_eth_conf conf{};
    if (!options.offloads) {
        return conf;
    }
    constexpr std::uint64_t rx_wanted = RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_IPV4_CKSUM;
    // FAST_FREE is ours to promise: each transmit queue has one pool and nobody else holds its mbufs.
    constexpr std::uint64_t tx_wanted = RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
    conf.rxmode.offloads = rx_wanted & info.rx_offload_capa;
    conf.txmode.offloads = tx_wanted & info.tx_offload_capa;
    if (options.rx_pools.size() > 1) {
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        conf.rx_adv_conf.rss_conf.rss_hf =
            (RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV6_UDP) & info.flow_type_rss_offloads;
    }
    return conf;
}

}  // namespace

UdpChecksum start_ethdev(const StartOptions& options) {
    const std::uint16_t port_id = options.port_id;
    rte_eth_dev_info info{};
    require(rte_eth_dev_info_get(port_id, &info), options, "describe itself");
    const std::uint16_t queues = static_cast<std::uint16_t>(options.rx_pools.size());
    const std::uint16_t queues_max = std::min(info.max_rx_queues, info.max_tx_queues);
    if (queues > queues_max) {
        throw PortError({fmt::format("{} has {} queue pairs, one is needed for each of {} workers", options.what,
                                     queues_max, queues),
                         fmt::format("--workers {}", queues_max)});
    }
    const rte_eth_conf conf = configuration(options, info);
    require(rte_eth_dev_configure(port_id, queues, queues, &conf), options, "be configured");
    std::uint16_t rx_descriptors = options.rx_descriptors;
    std::uint16_t tx_descriptors = options.tx_descriptors;
    require(rte_eth_dev_adjust_nb_rx_tx_desc(port_id, &rx_descriptors, &tx_descriptors), options, "size its rings");
    const unsigned numa_node = static_cast<unsigned>(rte_eth_dev_socket_id(port_id));
    for (std::uint16_t queue = 0; queue < queues; ++queue) {
        rte_eth_rxconf rx_conf = info.default_rxconf;
        rx_conf.offloads = conf.rxmode.offloads;
        require(rte_eth_rx_queue_setup(port_id, queue, rx_descriptors, numa_node, &rx_conf, options.rx_pools[queue]),
                options, "set up a receive queue");
        rte_eth_txconf tx_conf = info.default_txconf;
        tx_conf.offloads = conf.txmode.offloads;
        require(rte_eth_tx_queue_setup(port_id, queue, tx_descriptors, numa_node, &tx_conf), options,
                "set up a transmit queue");
    }
    require(rte_eth_dev_start(port_id), options, "start");
    const bool offloaded = (conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_UDP_CKSUM) != 0;
    return offloaded ? UdpChecksum::device : UdpChecksum::sender;
}

Ethdev::~Ethdev() {
    rte_eth_dev_stop(port_id_);
    rte_eth_dev_close(port_id_);
    if (!vdev_name_.empty()) {
        rte_vdev_uninit(vdev_name_.c_str());
    }
}

}  // namespace regstorm::port
