// SPDX-License-Identifier: Apache-2.0
#include "app/drive.hpp"

#include <algorithm>
#include <memory>

#include "app/drive_on.hpp"
#include "app/drive_recording.hpp"
#include "app/drive_tapped.hpp"
#include "app/registrar_table.hpp"
#include "app/rigs.hpp"
#include "regstorm/port/problem.hpp"

namespace regstorm::app {
namespace {

/// With taps, with a recording of timers, or plain: decided once, here.
template <class Rig>
Driven drive_phones(const RunPlan& plan, const Watch& watch, const typename Rig::Setup& setup) {
    if (!plan.record_timers.empty()) {
        return drive_recording(plan, watch, setup);
    }
    return plan.taps.empty() ? drive_on<Rig>(plan, watch, setup) : drive_tapped(plan, watch, setup);
}

/// Ends a registrar of our own and asks it what it did.
template <class Rig>
void end(RegistrarThread<Rig>& thread, const RunPlan& plan, Driven& driven) {
    if (const std::string& failure = thread.stop(); !failure.empty()) {
        throw port::PortError({"the embedded registrar could not start: " + failure, ""});
    }
    driven.registrar_said = misbehaviour_table(plan.registrar_plan.rules, thread.counters(), thread.held_at_end());
}

Driven drive_udp(const RunPlan& plan, const Watch& watch) {
    port::UdpPortConfig setup;
    setup.bind = plan.port.address.value_or(base::SocketAddress{{.family = plan.registrar.ip.family}, 0});
    setup.target = plan.registrar;
    setup.merge_reads = true;
    if (!plan.own_registrar) {
        return drive_phones<UdpRig>(plan, watch, setup);
    }
    port::UdpPortConfig of_registrar;
    of_registrar.bind = plan.registrar;
    of_registrar.merge_reads = true;
    RegistrarThread<UdpRig> thread(plan.registrar_plan, of_registrar, 1, plan.workers.size());
    thread.wait_until_serving();  // its socket is bound by then: before, phones would hear that nobody is there
    Driven driven = drive_phones<UdpRig>(plan, watch, setup);
    end(thread, plan, driven);
    return driven;
}

Driven drive_memory(const RunPlan& plan, const Watch& watch) {
    const auto queues = static_cast<std::uint16_t>(plan.workers.size());
    port::start_eal({.memory_bytes = port::memory_needed(plan.port, queues)});
    const port::MemoryPair pair = port::MemoryPair::open(queues);
    const EthRig::Setup phones{&pair.generator, plan.link};
    const EthRig::Setup registrar{&pair.registrar, plan.registrar_link};
    // The workers take the first cores, the registrar the next one.
    RegistrarThread<EthRig> thread(plan.registrar_plan, registrar, queues, queues);
    Driven driven = drive_phones<EthRig>(plan, watch, phones);
    end(thread, plan, driven);
    return driven;
}

Driven drive_device(const RunPlan& plan, const Watch& watch) {
    const auto queues = static_cast<std::uint16_t>(plan.workers.size());
    port::EalOptions eal{.memory_bytes = port::memory_needed(plan.port, queues)};
    if (plan.port.kind == port::PortKind::pci) {
        eal.pci_addresses = {plan.port.device};
    }
    port::start_eal(eal);
    const port::EthDevice device = port::EthDevice::open(plan.port, {.queues = queues});
    if (queues == 1) {
        return drive_phones<EthRig>(plan, watch, EthRig::Setup{&device, plan.link});
    }
    engine::Crossing crossing(queues);
    const engine::WorkerPlan& worker = plan.workers.front();
    const port::SourceSteering steering{device.rx_steering(), worker.groups.front().registrar, worker.sources.udp_ports,
                                        plan.link.udp_ports.front().last};
    return drive_on<SteeredRig>(plan, watch, {&device, plan.link, &crossing, steering, worker.salt, worker.worker});
}

Driven drive_any(const RunPlan& plan, const Watch& watch) {
    switch (plan.port.kind) {
        case port::PortKind::udp:
            return drive_udp(plan, watch);
        case port::PortKind::memory:
            return drive_memory(plan, watch);
        default:
            return drive_device(plan, watch);
    }
}

}  // namespace

Driven drive(const RunPlan& plan, const Watch& watch) {
    Driven driven = drive_any(plan, watch);
    if (watch.head != nullptr) {
        driven.ranks = watch.head->ranks();
    }
    const auto failed =
        std::ranges::find_if(driven.reports, [](const auto& report) { return !report.failure.empty(); });
    driven.failure = failed == driven.reports.end() ? "" : failed->failure;
    return driven;
}

}  // namespace regstorm::app
