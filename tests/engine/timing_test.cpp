// SPDX-License-Identifier: Apache-2.0
// When exactly requests leave, to the millisecond, against registrars that say nothing or too little.
#include <gtest/gtest.h>

#include "simulation.hpp"

namespace regstorm::engine {
namespace {

using stats::Counter;

struct Sent {
    std::vector<base::Nanoseconds> at_ms;  ///< since the first
    std::vector<std::string> bytes;
};

/// Records what one phone sends until `end_ns` while `answer` plays the registrar.
template <class Answer>
Sent record(Simulation& simulation, base::Nanoseconds end_ns, Answer&& answer) {
    Sent sent;
    base::Nanoseconds first_ns = 0;
    const auto tap = [&](const port::SimSent& datagram) {
        if (datagram.to == registrar_address) {
            first_ns = sent.at_ms.empty() ? datagram.sent_ns : first_ns;
            sent.at_ms.push_back((datagram.sent_ns - first_ns) / millisecond);
            sent.bytes.emplace_back(datagram.payload);
        }
    };
    simulation.network().add_tap(tap);
    simulation.command(CommandKind::start);
    simulation.run_until(end_ns, answer);
    return sent;
}

void swallow(port::SimPort& port) {
    std::array<port::RxDatagram, port::burst_max> burst;
    static_cast<void>(port.rx_burst(burst));
    port.release_rx();
}

TEST(Timing, TXN_1_ASilentRegistrarGetsElevenDatagramsToTheMillisecond) {
    Simulation simulation(make_plan(1));
    const Sent sent = record(simulation, 32 * second, swallow);
    EXPECT_EQ(sent.at_ms,
              (std::vector<base::Nanoseconds>{0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500}));
    for (const std::string& bytes : sent.bytes) {
        EXPECT_EQ(bytes, sent.bytes.front()) << "MSG-4, MSG-6: a retransmission is the same datagram";
    }
    const stats::Counters counters = simulation.snapshot().counters;
    EXPECT_EQ(counters.of(Counter::failed_timeout), 1U);
    EXPECT_EQ(counters.retransmissions,
              (std::array<std::uint64_t, stats::retransmission_steps>{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0}));
}

TEST(Timing, TXN_8_AfterATimeoutThePhoneWaitsAsItsProfileSays) {
    Simulation simulation(make_plan(1));
    const Sent sent = record(simulation, 53 * second, swallow);
    ASSERT_EQ(sent.at_ms.size(), 13U);
    EXPECT_EQ(sent.at_ms[11], 52'000U) << "32 s of Timer F and 20 s of waiting";
    EXPECT_EQ(sent.at_ms[12], 52'500U);
    EXPECT_NE(sent.bytes[11], sent.bytes[10]) << "a new transaction";
}

TEST(Timing, TXN_7_AnUnreachableRegistrarEndsTheTransactionAtOnce) {
    WorkerPlan plan = make_plan(1);
    plan.groups[0].registrar.udp_port = 5999;
    Simulation simulation(plan);
    simulation.command(CommandKind::start);
    simulation.run_until(second);
    const Snapshot snapshot = simulation.snapshot();
    EXPECT_EQ(snapshot.counters.of(Counter::failed_transport), 1U);
    EXPECT_EQ(snapshot.counters.of(Counter::unreachable), 1U);
    EXPECT_EQ(snapshot.counters.of(Counter::sent), 1U);
}

TEST(Timing, INV_6_TheSameSeedGivesTheSameSchedule) {
    const auto run = [] {
        Simulation simulation(make_plan(50, 500), 7);
        simulation.phones_port().faults().loss = 0.3;
        return record(simulation, 60 * second, swallow);
    };
    const Sent left = run();
    const Sent right = run();
    EXPECT_EQ(left.at_ms, right.at_ms);
    EXPECT_EQ(left.bytes, right.bytes);
}

}  // namespace
}  // namespace regstorm::engine
