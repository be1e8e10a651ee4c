// SPDX-License-Identifier: Apache-2.0
// A worker lets the core go while nothing happens, and nobody can tell it from one that does not.
#include <gtest/gtest.h>

#include "simulation.hpp"

namespace regstorm::engine {
namespace {

constexpr base::Nanoseconds start_ns = 10 * second;

/// The simulated network as a port that can be waited for: a wait ends in virtual time, with the next datagram if that
/// comes first, and `overslept_ns` later than asked otherwise.
struct RestingSimPort : port::SimPort {
    using SimPort::SimPort;

    void wait(base::Nanoseconds at_most_ns) {
        const base::Nanoseconds now_ns = clock->now_ns();
        const base::Nanoseconds arrival_ns = network->next_event_ns();
        rested_ns += std::min(now_ns + at_most_ns, arrival_ns) - now_ns;
        clock->advance_to(std::min(now_ns + at_most_ns + overslept_ns, arrival_ns));
        network->advance_to(clock->now_ns());
    }

    timer::VirtualClock* clock = nullptr;
    port::SimNetwork* network = nullptr;
    base::Nanoseconds overslept_ns = 0;
    base::Nanoseconds rested_ns = 0;
};
static_assert(port::RestingPort<RestingSimPort> && !port::RestingPort<port::SimPort>);

struct Rested {
    std::vector<base::Nanoseconds> sent_ns;
    base::Nanoseconds rested_ns = 0;
    Snapshot snapshot;
};

/// One phone that a silent registrar makes repeat itself, for 31 s, on a port whose waits end late by so much.
Rested rest_for_31_s(base::Nanoseconds overslept_ns) {
    const WorkerPlan plan = make_plan(1);
    timer::VirtualClock clock(start_ns);
    port::SimNetwork network(1, start_ns);
    RestingSimPort phones(network, {.first = phone_address.ip, .first_udp_port = phone_address.udp_port});
    port::SimPort registrar(network, {.first = registrar_address.ip, .first_udp_port = registrar_address.udp_port});
    phones.clock = &clock;
    phones.network = &network;
    phones.overslept_ns = overslept_ns;
    Rested run;
    const auto tap = [&](const port::SimSent& datagram) { run.sent_ns.push_back(datagram.sent_ns - start_ns); };
    network.add_tap(tap);
    using Resting = Worker<RestingSimPort, timer::VirtualClock>;
    base::Arena arena(Resting::bytes_for(plan));
    Mailbox mailbox;
    const auto worker = std::make_unique<Resting>(plan, phones, clock, arena, mailbox);
    worker->poll();
    CHECK(mailbox.command({CommandKind::start, start_ns}));
    std::array<port::RxDatagram, port::burst_max> burst;
    constexpr base::Nanoseconds poll_ns = 20'000;  // what a turn of a real loop may take at most
    while (clock.now_ns() < start_ns + 31 * second) {
        worker->poll();
        static_cast<void>(registrar.rx_burst(burst));  // and says nothing
        registrar.release_rx();
        while (mailbox.read(run.snapshot)) {  // as the controller does
        }
        clock.advance_to(clock.now_ns() + poll_ns);
        network.advance_to(clock.now_ns());
    }
    run.rested_ns = phones.rested_ns;
    worker->fill(run.snapshot, clock.now_ns());
    return run;
}

TEST(Resting, TheCoreIsFreeWhileNothingHappensAndNothingLeavesLate) {
    const Rested run = rest_for_31_s(Worker<RestingSimPort, timer::VirtualClock>::wake_margin_ns - 50'000);
    EXPECT_GT(run.rested_ns, 31 * second * 8 / 10);
    ASSERT_EQ(run.sent_ns.size(), 10U);
    const std::array<base::Nanoseconds, 10> due_ms{0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500};
    for (std::size_t i = 0; i < due_ms.size(); ++i) {
        EXPECT_GE(run.sent_ns[i], due_ms[i] * millisecond);
        EXPECT_LE(run.sent_ns[i], due_ms[i] * millisecond + 40'000) << "a rest ends before what is due";
    }
}

TEST(Resting, ARestIsNoGapButOversleepingIs) {
    EXPECT_LT(rest_for_31_s(0).snapshot.longest_gap_ns, 100'000);
    const base::Nanoseconds gap_ns = rest_for_31_s(3 * millisecond).snapshot.longest_gap_ns;
    EXPECT_GE(gap_ns, 3 * millisecond);
    EXPECT_LT(gap_ns, 4 * millisecond);
}

}  // namespace
}  // namespace regstorm::engine
