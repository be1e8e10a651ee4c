// SPDX-License-Identifier: Apache-2.0
// `regstorm registrar`: the embedded registrar alone, on kernel UDP or on a device of its own, until it is interrupted.
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/commands.hpp"
#include "app/crew.hpp"
#include "app/interrupt.hpp"
#include "app/open.hpp"
#include "app/plan.hpp"
#include "app/registrar_table.hpp"
#include "app/rigs.hpp"
#include "regstorm/report/terminal.hpp"

namespace regstorm::app {
namespace {

constexpr std::chrono::milliseconds look_every{20};

/// Says it, if there is one.
bool reported(const std::string& failure) {
    if (!failure.empty()) {
        fmt::print(stderr, "regstorm: {}\n", failure);
    }
    return !failure.empty();
}

template <class Rig>
int serve(const config::Scenario& scenario, const typename Rig::Setup& setup, const std::string& where) {
    const registrar::RegistrarPlan plan = make_registrar_plan(scenario, scenario.run.endpoints, seed_of(scenario), 1);
    RegistrarThread<Rig> thread(plan, setup, 1, 0);
    thread.wait_until_serving();  // whoever reads the line below may send at once
    if (thread.ended() && reported(thread.stop())) {
        return cannot_run;
    }
    fmt::print(stderr, "registrar on {}, room for {} phones, {}; Ctrl-C ends it\n", where,
               report::with_separators(plan.aors),
               plan.authenticate ? "digest for realm \"" + plan.realm + "\"" : std::string("no authentication"));
    const timer::SystemClock clock;
    const base::Nanoseconds start_ns = clock.now_ns();
    const auto until_ns = static_cast<base::Nanoseconds>(scenario.run.duration.count());
    while (interruptions() == 0 && !thread.ended() && (until_ns == 0 || clock.now_ns() - start_ns < until_ns)) {
        std::this_thread::sleep_for(look_every);
    }
    if (reported(thread.stop())) {
        return cannot_run;
    }
    fmt::print("{}{}{}", registrar_table(thread.counters(), thread.live_bindings()),
               misbehaviour_table(plan.rules, thread.counters(), thread.held_at_end()), load_text(thread.load()));
    return passed;
}

int serve_udp(const config::Scenario& scenario) {
    port::UdpPortConfig setup;
    setup.bind = scenario.registrar.listen;
    setup.merge_reads = true;
    return serve<UdpRig>(scenario, setup, base::to_text(setup.bind));
}

int serve_device(const config::Scenario& scenario, const port::PortSpec& spec) {
    net::LinkConfig link = make_link(scenario);
    link.first_source = scenario.registrar.listen.ip;
    link.source_count = 1;
    link.udp_ports = {{scenario.registrar.listen.udp_port, scenario.registrar.listen.udp_port}};
    if (const std::string fault = net::find_fault(link); !fault.empty()) {
        fmt::print(stderr, "regstorm: {}\n", fault);
        return bad_usage;
    }
    port::EalOptions eal{.memory_bytes = port::memory_needed(spec, 1)};
    if (spec.kind == port::PortKind::pci) {
        eal.pci_addresses = {spec.device};
    }
    port::start_eal(eal);
    const port::EthDevice device = port::EthDevice::open(spec, {.queues = 1});
    return serve<EthRig>(scenario, EthRig::Setup{&device, link}, base::to_text(scenario.registrar.listen));
}

}  // namespace

int registrar_command(const config::Scenario& scenario) {
    const port::PortSpec& spec = *scenario.run.port;
    if (!can_open(spec, scenario, 1)) {
        return cannot_run;
    }
    watch_interruptions();
    return port::carries_frames(spec.kind) ? serve_device(scenario, spec) : serve_udp(scenario);
}

}  // namespace regstorm::app
