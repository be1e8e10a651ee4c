// SPDX-License-Identifier: Apache-2.0
// A worker's packet port with what it stands on, built on the worker's own thread. One struct per way of packets;
// the poll loop is compiled once for each.
#pragma once

#include <string>

#include "app/plan.hpp"
#include "regstorm/base/arena.hpp"
#include "regstorm/engine/crossing.hpp"
#include "regstorm/engine/linked_port.hpp"
#include "regstorm/engine/phones_wheel.hpp"
#include "regstorm/port/eal.hpp"
#include "regstorm/port/eth_device.hpp"
#include "regstorm/port/eth_port.hpp"
#include "regstorm/port/udp_port.hpp"

namespace regstorm::app {

/// Kernel UDP: sockets of its own.
template <class UdpPort>
struct BasicUdpRig {
    using Setup = port::UdpPortConfig;
    using Port = UdpPort;

    BasicUdpRig(const Setup& setup, std::uint32_t /*worker*/, base::Arena&) : port(setup) {}
    [[nodiscard]] static std::size_t bytes_for(const Setup&) { return 0; }
    [[nodiscard]] std::string link_failure() const { return {}; }

    Port port;
};
using UdpRig = BasicUdpRig<port::UdpPort>;

/// Makes this thread known to DPDK for as long as it lives.
struct DpdkThread {
    DpdkThread() : registered(port::register_worker_thread()) {}
    ~DpdkThread() {
        if (registered) {
            port::unregister_worker_thread();
        }
    }
    DpdkThread(const DpdkThread&) = delete;
    DpdkThread& operator=(const DpdkThread&) = delete;

    bool registered;
};

/// A queue of a DPDK device with our own link layer on top.
template <class LinkedPort>
struct BasicEthRig {
    struct Setup {
        const port::EthDevice* device = nullptr;
        net::LinkConfig link;
    };
    using Port = LinkedPort;

    BasicEthRig(const Setup& setup, std::uint32_t worker, base::Arena& arena)
        : frames(setup.device->queue(static_cast<std::uint16_t>(worker))), port(frames, setup.link, arena) {}
    [[nodiscard]] static std::size_t bytes_for(const Setup&) { return net::Link::bytes_for(); }
    [[nodiscard]] std::string link_failure() const { return port.failure_reason(); }

    DpdkThread thread;
    port::EthPort frames;
    Port port;
};
using EthRig = BasicEthRig<engine::LinkedPort<port::EthPort>>;

/// The same for workers that write down what they do to their timers.
using RecordingUdpRig = BasicUdpRig<engine::Recorded<port::UdpPort>>;
using RecordingEthRig = BasicEthRig<engine::Recorded<engine::LinkedPort<port::EthPort>>>;

/// A linked port whose phones get source ports that the device sorts into this worker's queue.
class SteeredPort : public engine::LinkedPort<engine::CrossPort<port::EthPort>> {
  public:
    SteeredPort(engine::CrossPort<port::EthPort>& frames, const net::LinkConfig& link, base::Arena& arena,
                const port::SourceSteering& steering, std::uint16_t queue)
        : LinkedPort(frames, link, arena), steering_(steering), queue_(queue) {}

    [[nodiscard]] base::SocketAddress address_of(base::Source source) const {
        return steering_.choose(LinkedPort::address_of(source), queue_);
    }

  private:
    const port::SourceSteering& steering_;
    std::uint16_t queue_;
};

/// One of several queues of a DPDK device. What arrives at the wrong one crosses over.
struct SteeredRig {
    struct Setup {
        const port::EthDevice* device = nullptr;
        net::LinkConfig link;
        engine::Crossing* crossing = nullptr;
        port::SourceSteering steering;
        std::uint64_t salt = 0;
        std::uint32_t first_worker = 0;  ///< the run's number of the device's first one
    };
    using Port = SteeredPort;

    SteeredRig(const Setup& setup, std::uint32_t worker, base::Arena& arena)
        : frames(setup.device->queue(static_cast<std::uint16_t>(worker))),
          crossing(frames, *setup.crossing, worker, setup.salt, setup.first_worker),
          port(crossing, setup.link, arena, setup.steering, static_cast<std::uint16_t>(worker)) {}
    [[nodiscard]] static std::size_t bytes_for(const Setup&) { return net::Link::bytes_for(); }
    [[nodiscard]] std::string link_failure() const { return port.failure_reason(); }

    DpdkThread thread;
    port::EthPort frames;
    engine::CrossPort<port::EthPort> crossing;
    Port port;
};

}  // namespace regstorm::app
