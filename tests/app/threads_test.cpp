// SPDX-License-Identifier: Apache-2.0
// The threads of a run as `regstorm run` starts them: workers, the registrar and the controller, over kernel UDP on
// loopback, with the sums asserted at the end. Its own program in suite 'threads': the thread sanitizer runs it as
// well, which is why it holds no DPDK.
#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <vector>

#include "app/controller.hpp"
#include "app/crew.hpp"
#include "books.hpp"
#include "regstorm/port/udp_port.hpp"
#include "simulation.hpp"

namespace regstorm::app {
namespace {

using engine::Phase;
using engine::Snapshot;
using registration::State;
using stats::Counter;

constexpr base::IpAddress loopback = base::IpAddress::from_ipv4(0x7f00'0001);

/// Sockets that were opened before the threads, so that everybody knows the ports that the kernel chose.
struct LoopbackRig {
    using Setup = std::vector<std::unique_ptr<port::UdpPort>>;
    using Port = port::UdpPort;

    LoopbackRig(const Setup& setup, std::uint32_t worker, base::Arena& /*arena*/) : port(find(setup, worker)) {}
    [[nodiscard]] static std::size_t bytes_for(const Setup& /*setup*/) { return 0; }
    [[nodiscard]] std::string link_failure() const { return {}; }

    port::UdpPort& port;

  private:
    static port::UdpPort& find(const Setup& setup, std::uint32_t worker) {
        if (setup[worker] == nullptr) {
            throw std::runtime_error("this worker has no port");
        }
        return *setup[worker];
    }
};

LoopbackRig::Setup open_ports(std::uint32_t count) {
    LoopbackRig::Setup ports;
    for (std::uint32_t i = 0; i < count; ++i) {
        ports.push_back(std::make_unique<port::UdpPort>(port::UdpPortConfig{.bind = {loopback, 0}}));
    }
    return ports;
}

/// `workers` with `phones` each. At most 32 requests of each are under way, which any socket's buffer holds.
RunPlan make_run(std::uint32_t workers, std::uint32_t phones, const base::SocketAddress& registrar) {
    RunPlan plan;
    for (std::uint32_t worker = 0; worker < workers; ++worker) {
        engine::WorkerPlan& share = plan.workers.emplace_back(engine::make_plan(phones));
        share.worker = static_cast<std::uint8_t>(worker);
        share.workers = static_cast<std::uint8_t>(workers);
        share.first_number = worker * phones;
        share.groups[0].registrar = registrar;
        share.sources = {.addresses = 1, .udp_ports = 1, .udp_port_first = 0};
        share.unlimited = true;
        share.window = 32;
        share.publish_every_ns = 2 * base::ns_per_ms;
    }
    plan.schedule = {.stop_timeout_ns = 120 * base::ns_per_s,
                     .interval_ns = 20 * base::ns_per_ms,
                     .unregister = true,
                     .endpoints = workers * phones};
    return plan;
}

registrar::RegistrarPlan make_registrar(std::uint32_t phones) {
    return {.aors = phones, .bindings = phones, .realm = "example.test", .password = "secret", .secret = 7};
}

/// All that was seen of a run, from the controller's thread.
struct Seen {
    Outcome outcome;
    std::vector<WorkerReport> reports;
    std::vector<std::uint64_t> attempted;  ///< at each look
    Total total;
};

/// The run. Once a phone has tried to register it is interrupted: once more each time that the controller asks, up to
/// `interruptions` times.
Seen drive(const RunPlan& plan, const LoopbackRig::Setup& ports, int interruptions = 0) {
    Seen seen;
    Crew<LoopbackRig> crew(plan, ports);
    const std::vector<engine::Mailbox*> mailboxes = crew.mailboxes();
    Controller controller(
        mailboxes, plan.schedule,
        [&](const Interval& interval) { seen.attempted.push_back(interval.total.counters.of(Counter::attempted)); },
        [&, asked = 0]() mutable {
            const bool loaded = !seen.attempted.empty() && seen.attempted.back() != 0;
            return loaded && asked < interruptions ? ++asked : asked;
        });
    seen.outcome = controller.run();
    seen.reports = crew.join();
    seen.total = add_up(seen.outcome.last);
    return seen;
}

std::uint32_t in_state(const engine::Census& census, State state) { return census[static_cast<std::size_t>(state)]; }

TEST(Threads, ThousandsOfPhonesRegisterAndLeaveAndEveryBookBalances) {
    constexpr std::uint32_t workers = 2;
    constexpr std::uint32_t phones = 1500;
    const LoopbackRig::Setup desk = open_ports(1);
    const LoopbackRig::Setup ports = open_ports(workers);
    const RunPlan plan = make_run(workers, phones, desk[0]->address_of({}));
    const registrar::RegistrarPlan registrar = make_registrar(workers * phones);
    RegistrarThread<LoopbackRig> thread(registrar, desk, 1, workers);
    const Seen seen = drive(plan, ports);
    EXPECT_EQ(thread.stop(), "");

    EXPECT_EQ(seen.outcome.end, End::completed);
    for (std::uint32_t worker = 0; worker < workers; ++worker) {
        const Snapshot& last = seen.outcome.last[worker];
        EXPECT_EQ(seen.reports[worker].failure, "");
        EXPECT_EQ(last.phase, Phase::done);
        EXPECT_EQ(last.first_outcomes, phones);
        EXPECT_EQ(in_state(last.census_at_stop, State::registered), phones);
        engine::expect_sums(last);
    }
    const stats::Counters& counters = seen.total.counters;
    EXPECT_EQ(counters.of(Counter::succeeded), workers * phones);
    EXPECT_EQ(counters.of(Counter::removals_succeeded), workers * phones);
    EXPECT_EQ(in_state(seen.total.census, State::removed), workers * phones);
    EXPECT_EQ(seen.total.rrd.count(), counters.of(Counter::succeeded));
    EXPECT_TRUE(std::ranges::is_sorted(seen.attempted)) << "counters only grow";

    EXPECT_TRUE(thread.counters().balanced());
    EXPECT_EQ(thread.live_bindings(), 0U);
    EXPECT_LE(thread.counters().received, counters.of(Counter::sent));
    EXPECT_GE(thread.counters().accepted, 2 * workers * phones);
    EXPECT_GE(thread.counters().challenged, workers * phones);
}

TEST(Threads, AnInterruptedRunStopsInOrder) {
    constexpr std::uint32_t workers = 2;
    constexpr std::uint32_t phones = 5000;
    const LoopbackRig::Setup desk = open_ports(1);
    const LoopbackRig::Setup ports = open_ports(workers);
    RunPlan plan = make_run(workers, phones, desk[0]->address_of({}));
    plan.schedule.unregister = false;
    plan.schedule.hold_ns = 3600 * base::ns_per_s;  // however fast the machine is, the interruption comes first
    const registrar::RegistrarPlan registrar = make_registrar(workers * phones);
    RegistrarThread<LoopbackRig> thread(registrar, desk, 1, workers);
    const Seen seen = drive(plan, ports, 1);
    EXPECT_EQ(thread.stop(), "");

    EXPECT_EQ(seen.outcome.end, End::interrupted);
    for (const Snapshot& last : seen.outcome.last) {
        EXPECT_EQ(last.phase, Phase::done);
        engine::expect_sums(last);
    }
    const stats::Counters& counters = seen.total.counters;
    EXPECT_GT(counters.of(Counter::attempted), 0U);
    EXPECT_LE(counters.of(Counter::attempted), workers * phones);
    EXPECT_EQ(counters.of(Counter::abandoned), 0U) << "what was under way has ended";
    EXPECT_TRUE(thread.counters().balanced());
    EXPECT_EQ(thread.live_bindings(), in_state(seen.total.census, State::registered));
}

TEST(Threads, ASecondInterruptionAbandonsWhatIsUnderWay) {
    constexpr std::uint32_t workers = 2;
    const LoopbackRig::Setup silent = open_ports(1);
    const LoopbackRig::Setup ports = open_ports(workers);
    const RunPlan plan = make_run(workers, 1000, silent[0]->address_of({}));
    const Seen seen = drive(plan, ports, 3);

    EXPECT_EQ(seen.outcome.end, End::killed);
    for (const Snapshot& last : seen.outcome.last) {
        EXPECT_EQ(last.phase, Phase::done);
        engine::expect_sums(last);
    }
    const stats::Counters& counters = seen.total.counters;
    EXPECT_GT(counters.of(Counter::abandoned), 0U);
    EXPECT_EQ(counters.of(Counter::attempted), counters.of(Counter::abandoned) + counters.of(Counter::failed));
}

TEST(Threads, AWorkerThatCannotStartEndsTheRunBeforeItsFirstRequest) {
    LoopbackRig::Setup ports = open_ports(2);
    ports[1] = nullptr;
    const RunPlan plan = make_run(2, 10, {loopback, 9});
    const Seen seen = drive(plan, ports);

    EXPECT_EQ(seen.outcome.end, End::link_failed);
    EXPECT_EQ(seen.reports[0].failure, "");
    EXPECT_EQ(seen.reports[1].failure, "this worker has no port");
    EXPECT_TRUE(seen.reports[1].environment);
    EXPECT_EQ(seen.total.counters.of(Counter::sent), 0U);
}

TEST(Threads, ARegistrarThatCannotStartSaysWhy) {
    const LoopbackRig::Setup none(1);
    const registrar::RegistrarPlan plan = make_registrar(10);
    RegistrarThread<LoopbackRig> thread(plan, none, 1, 0);
    while (!thread.ended()) {
        std::this_thread::yield();
    }
    EXPECT_EQ(thread.stop(), "this worker has no port");
}

}  // namespace
}  // namespace regstorm::app
