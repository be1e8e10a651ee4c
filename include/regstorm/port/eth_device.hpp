// SPDX-License-Identifier: Apache-2.0
// A DPDK device opened for the workers: one queue pair each, with memory of its own. Cold: opening, closing, counters.
//
//     start_eal({.memory_bytes = memory_needed(spec, workers)});
//     EthDevice device = EthDevice::open(spec, {.queues = workers});
//     EthPort port(device.queue(worker));          // on the worker's thread, after register_worker_thread()
//
// Ports go before their device; the device goes before the program ends. The same interface can be opened again.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "regstorm/port/eth_port.hpp"
#include "regstorm/port/port_spec.hpp"

namespace regstorm::port {

struct EthOptions {
    std::uint16_t queues = 1;  ///< one per worker
};

/// Bytes of EAL or huge-page memory that a port of this kind takes, for EalOptions::memory_bytes. A memory port counts
/// both of its sides.
[[nodiscard]] std::uint64_t memory_needed(const PortSpec& spec, std::uint16_t queues);

/// How the device chooses the queue of a frame that arrives, for those who must choose source ports to match.
struct RxSteering {
    enum class Rule : std::uint8_t {
        own_queue,  ///< what is answered comes back on the queue that asked: one queue, memory, tap
        toeplitz,   ///< RSS over addresses and UDP ports: table[hash % table.size()] with `key`
        unknown,    ///< the kernel's secret: learn it from what arrives
    };
    Rule rule = Rule::own_queue;
    std::vector<std::uint8_t> key;
    std::vector<std::uint16_t> table;
};

struct EthDeviceParts;

class EthDevice {
  public:
    /// Opens af_packet, af_xdp, tap or pci; the interface is left as it was, but for tap, which is made and brought
    /// up. Throws PortError; preflight() finds most reasons beforehand and says more.
    [[nodiscard]] static EthDevice open(const PortSpec& spec, const EthOptions& options);

    EthDevice(EthDevice&& other) noexcept;
    EthDevice& operator=(EthDevice&& other) noexcept;
    ~EthDevice();

    [[nodiscard]] std::uint16_t queue_count() const;
    [[nodiscard]] EthQueue queue(std::uint16_t index) const;
    [[nodiscard]] RxSteering rx_steering() const;

    /// Stops the device and gives everything back. No EthPort of it may be alive.
    void close();

    /// For those in this room who put a device together.
    explicit EthDevice(std::unique_ptr<EthDeviceParts> parts);

  private:
    std::unique_ptr<EthDeviceParts> parts_;
};

/// Two devices that are each other's wire, inside this process: queue i of one is connected to queue i of the other.
struct MemoryPair {
    EthDevice generator;
    EthDevice registrar;

    [[nodiscard]] static MemoryPair open(std::uint16_t queues);
};

}  // namespace regstorm::port
