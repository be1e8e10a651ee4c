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
#include <optional>
#include <span>
#include <vector>

#include "regstorm/base/socket_address.hpp"
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

    /// The queue that receives what `remote` sends to `local`; nothing when the device does not tell.
    [[nodiscard]] std::optional<std::uint16_t> queue_of(const base::SocketAddress& remote,
                                                        const base::SocketAddress& local) const;
};

/// The hash that NICs choose a receive queue by (Toeplitz): of the bytes of an address pair and a port pair.
[[nodiscard]] std::uint32_t toeplitz_hash(std::span<const std::uint8_t> key, std::span<const std::uint8_t> tuple);

/// Which source port a phone gets, so that what is sent to it arrives at the queue of its own worker. A planned port p
/// becomes the first of p, p + stride, p + 2 stride, ... that the device sorts into that queue: with as many planned
/// ports in a row as the stride says, no two phones meet. Where none fits, or the device does not tell, p stays.
struct SourceSteering {
    RxSteering steering;
    base::SocketAddress remote;
    std::uint32_t stride = 1;
    std::uint16_t udp_port_last = 65'535;

    [[nodiscard]] base::SocketAddress choose(base::SocketAddress planned, std::uint16_t queue) const;
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
