// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/eth_port.hpp"

#include "device_counters.hpp"

namespace regstorm::port {

EthPort::~EthPort() {
    rte_pktmbuf_free_bulk(rx_.data(), rx_count_);
    rte_pktmbuf_free_bulk(tx_.data(), tx_count_);
    rte_pktmbuf_free_bulk(fresh_.data(), fresh_count_);
}

PortHealth EthPort::health() {
    PortHealth health = queue_.counters != nullptr ? queue_.counters->read() : PortHealth{};
    health.tx_dropped += tx_dropped_;
    return health;
}

}  // namespace regstorm::port
