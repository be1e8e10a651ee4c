// SPDX-License-Identifier: Apache-2.0
// Phones and the embedded registrar together, from first REGISTER to last, on perfect and on terrible networks.
#include "life.hpp"

#include <gtest/gtest.h>

#include "books.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using stats::Counter;

TEST(Life, APopulationRegistersRefreshesAndLeaves) {
    Life life(make_plan(500, 1000));
    life.run_until(2 * second);
    EXPECT_EQ(life.in_state(State::registered), 500U);
    EXPECT_EQ(life.bindings(), 500U) << "INV-3";
    EXPECT_EQ(life.count(Counter::attempted), 500U);
    EXPECT_EQ(life.count(Counter::succeeded), 500U);
    EXPECT_EQ(life.count(Counter::challenged), 500U);
    EXPECT_EQ(life.count(Counter::sent), 1000U) << "each phone: REGISTER, 401, REGISTER, 200";
    EXPECT_EQ(life.count(Counter::retransmitted), 0U);
    expect_sums(life.simulation.snapshot());

    life.run_until(3300 * second);  // past the refresh at 3240 s, before the expiry
    EXPECT_EQ(life.count(Counter::succeeded), 1000U) << "one refresh each";
    EXPECT_EQ(life.bindings(), 500U) << "MSG-12: a refresh replaces its binding";
    EXPECT_EQ(life.in_state(State::registered), 500U);

    life.simulation.command(CommandKind::leave);
    life.run_until(3310 * second);
    EXPECT_EQ(life.bindings(), 0U);
    EXPECT_EQ(life.count(Counter::removals_succeeded), 500U);
    EXPECT_EQ(life.in_state(State::removed), 500U);
    expect_sums(life.simulation.snapshot());
    life.simulation.worker().phones().wheel().check_invariants();
}

TEST(Life, AUT_9_ACachedNonceIsUsedAgainUntilItExpires) {
    WorkerPlan plan = make_plan(1);
    registrar::RegistrarPlan registrar_plan = make_registrar_plan(1);
    registrar_plan.max_expires_s = 100;
    registrar_plan.nonce_lifetime_s = 200;
    Life life(plan, 1, registrar_plan);
    life.run_until(85 * second);
    EXPECT_EQ(life.registrar->counters().challenged, 1U);
    life.run_until(175 * second);
    EXPECT_EQ(life.count(Counter::succeeded), 2U);
    EXPECT_EQ(life.registrar->counters().challenged, 1U) << "the first refresh came with credentials";
    EXPECT_EQ(life.registrar->counters().stale, 0U);
    life.run_until(280 * second);
    EXPECT_EQ(life.count(Counter::succeeded), 4U);
    EXPECT_EQ(life.registrar->counters().stale, 1U) << "then the nonce was too old, and a new one was taken";
    EXPECT_EQ(life.count(Counter::failed), 0U);
}

TEST(Life, AWrongPasswordFailsAndWaits) {
    WorkerPlan plan = make_plan(10);
    plan.groups[0].password = sip::NumberedText("wrong");
    Life life(plan);
    life.run_until(19 * second);
    EXPECT_EQ(life.count(Counter::failed), 10U);
    EXPECT_EQ(life.simulation.snapshot().counters.failed_by[403 - stats::status_first], 10U);
    EXPECT_EQ(life.in_state(State::waiting), 10U);
    life.run_until(21 * second);
    EXPECT_EQ(life.count(Counter::failed), 20U) << "Grandstream: again after 20 s";
    expect_sums(life.simulation.snapshot());
}

TEST(Life, REG_7_A423IsObeyed) {
    registrar::RegistrarPlan registrar_plan = make_registrar_plan(1);
    registrar_plan.min_expires_s = 7200;
    Life life(make_plan(1), 1, registrar_plan);
    life.run_until(second);
    EXPECT_EQ(life.registrar->counters().too_brief, 1U);
    EXPECT_EQ(life.count(Counter::succeeded), 1U);
    EXPECT_EQ(life.count(Counter::failed), 0U);
    life.run_until(7000 * second);
    EXPECT_EQ(life.count(Counter::succeeded), 2U);
    EXPECT_EQ(life.registrar->counters().too_brief, 1U) << "it keeps asking for what was granted";
}

TEST(Life, INV_5_TerribleNetworksLoseNothingFromTheBooks) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        SCOPED_TRACE(seed);
        WorkerPlan plan = make_plan(200, 100);
        Life life(plan, seed);
        for (port::SimPort* port : {&life.simulation.phones_port(), &life.simulation.registrar_port()}) {
            port->faults().loss = 0.1 * static_cast<double>(seed);
            port->faults().duplication = 0.3;
            port->faults().reordering = 0.3;
            port->faults().corruption = 0.05;
            port->faults().delay_max_ns = 700 * millisecond;
        }
        for (int minute = 1; minute <= 65; ++minute) {
            life.run_until(minute * 60 * second);
            expect_sums(life.simulation.snapshot());
        }
        EXPECT_GT(life.count(Counter::retransmitted), 0U);
        EXPECT_GT(life.in_state(State::registered), 150U);
        life.simulation.worker().phones().wheel().check_invariants();
        life.simulation.command(CommandKind::quit);
        life.run_until(3901 * second);
        expect_sums(life.simulation.snapshot());
    }
}

}  // namespace
}  // namespace regstorm::engine
