// SPDX-License-Identifier: Apache-2.0
// The shapes of load: when phones start, go away and come back. Each against what the plan says, in virtual time.
#include <map>

#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using stats::Counter;

void grant_what_is_asked(Peer& self, const Heard& request) {
    self.say(request, granting(request, request.expires()), millisecond);
}

/// Requests heard in each second.
std::map<std::uint64_t, int> by_second(const Peer& peer) {
    std::map<std::uint64_t, int> counts;
    for (const Heard& request : peer.heard()) {
        ++counts[request.at_ns / second];
    }
    return counts;
}

TEST(Load, FollowsItsRateStepsToThePhone) {
    WorkerPlan plan = make_plan(1000, 10);
    plan.rate_steps = {{2 * second, 100}, {4 * second, 300}, {5 * second, 0}};
    Peer peer(plan, grant_what_is_asked);
    peer.run_until(20 * second);
    const std::map<std::uint64_t, int> expected{{0, 10}, {1, 10}, {2, 100}, {3, 100}, {4, 300}};
    for (const auto& [at, count] : by_second(peer)) {
        const auto found = expected.find(at);
        EXPECT_NEAR(count, found == expected.end() ? 0 : found->second, 1) << "second " << at;
    }
    EXPECT_NEAR(peer.in_state(State::registered), 520, 2);
}

TEST(Load, PoissonArrivalsHaveTheRateAndTheSpreadOfTheirName) {
    WorkerPlan plan = make_plan(100'000, 1000);
    plan.poisson = true;
    Peer peer(plan, grant_what_is_asked);
    peer.run_until(60 * second);
    double sum = 0;
    double squares = 0;
    for (const auto& [at, count] : by_second(peer)) {
        if (at < 60) {
            sum += count;
            squares += static_cast<double>(count) * count;
        }
    }
    const double mean = sum / 60;
    EXPECT_NEAR(mean, 1000, 20);
    const double dispersion = (squares / 60 - mean * mean) / mean;  // 1 for Poisson, 0 for even gaps
    EXPECT_GT(dispersion, 0.5);
    EXPECT_LT(dispersion, 1.7);
}

TEST(Load, INV_6_PoissonArrivalsRepeatWithTheSeed) {
    const auto times = [] {
        WorkerPlan plan = make_plan(500, 1000);
        plan.poisson = true;
        Peer peer(plan, grant_what_is_asked);
        peer.run_until(5 * second);
        return peer.at_ms();
    };
    EXPECT_EQ(times(), times());
}

TEST(Load, SpreadsTheFirstRefreshesOverTheirWholeInterval) {
    WorkerPlan plan = make_plan(3600, 3600);
    plan.spread_first_refresh = true;
    plan.groups[0].profile.refresh_per_mille = 1000;
    Peer peer(plan, grant_what_is_asked);
    peer.run_until(3602 * second);
    std::map<std::uint64_t, int> by_quarter;
    for (const Heard& request : peer.heard()) {
        by_quarter[request.at_ns / (900 * second)] += request.at_ns >= 2 * second ? 1 : 0;
    }
    for (std::uint64_t quarter = 0; quarter < 4; ++quarter) {
        EXPECT_NEAR(by_quarter[quarter], 900, 100) << "quarter " << quarter;
    }
}

TEST(Load, ACycleKeepsTheRateOfAttemptsAfterTheLastPhone) {
    WorkerPlan plan = make_plan(100, 50);
    plan.cycle = true;
    Peer peer(plan, grant_what_is_asked);
    peer.run_until(10 * second);
    for (const auto& [at, count] : by_second(peer)) {
        EXPECT_NEAR(count, at < 10 ? 50 : 0, 1) << "second " << at;
    }
    EXPECT_EQ(peer.count(Counter::attempted), peer.count(Counter::succeeded) + (peer.in_state(State::refreshing)));
    EXPECT_EQ(peer.simulation().snapshot().census[static_cast<std::size_t>(State::idle)], 0U);
}

TEST(Load, ACycleCountsTheSlotsThatItsPhonesCouldNotTake) {
    WorkerPlan plan = make_plan(10, 10);
    plan.cycle = true;
    Peer peer(plan, [](Peer& self, const Heard& request) { self.say(request, answer_to(request, 503)); });
    peer.run_until(19'900 * millisecond);  // all fail in the first second and wait 20 s
    EXPECT_EQ(peer.count(Counter::attempted), 10U);
    EXPECT_NEAR(static_cast<double>(peer.count(Counter::skipped_slots)), 190, 2);
}

TEST(Load, ChurningPhonesUnregisterAndComeBackWithANewCallId) {
    WorkerPlan plan = make_plan(10, 1000);
    plan.churn = {.leave_per_s = 1, .vanish_share = 0, .away_ms = 3000};
    Peer peer(plan, grant_what_is_asked);
    peer.run_until(20'500 * millisecond);
    EXPECT_GT(peer.count(Counter::removals_succeeded), 12U);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), peer.count(Counter::power_offs));
    std::map<std::string, std::vector<Heard>> by_user;
    for (const Heard& request : peer.heard()) {
        by_user[request.row("To")].push_back(request);
    }
    int returns = 0;
    for (const auto& [user, requests] : by_user) {
        for (std::size_t i = 1; i < requests.size(); ++i) {
            if (requests[i - 1].has("expires=0")) {
                ++returns;
                EXPECT_NE(requests[i].row("Call-ID"), requests[i - 1].row("Call-ID")) << user;
                EXPECT_NEAR(static_cast<double>((requests[i].at_ns - requests[i - 1].at_ns) / millisecond), 3000, 5);
            }
        }
    }
    EXPECT_GT(returns, 10);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(30 * second);
    EXPECT_EQ(peer.in_state(State::removed) + peer.in_state(State::stopped), 10U) << "the end of the run is the end";
}

TEST(Load, VanishingPhonesSayNothingAndRegisterAnew) {
    WorkerPlan plan = make_plan(10, 1000);
    plan.churn = {.leave_per_s = 2, .vanish_share = 1, .away_ms = 1000};
    Peer peer(plan, grant_what_is_asked);
    peer.run_until(10 * second);
    EXPECT_EQ(peer.count(Counter::removals_attempted), 0U);
    EXPECT_GT(peer.count(Counter::power_offs), 12U);
    EXPECT_GT(peer.heard().size(), 20U);
}

TEST(Load, RebindingChangesSourceAndContactTogether) {
    WorkerPlan plan = make_plan(1, 1000);
    plan.sources = {.addresses = 1, .udp_ports = 3, .udp_port_first = 5060};
    plan.churn = {.rebind_per_s = 1};
    Peer peer(plan, grant_what_is_asked);
    peer.run_until(4'500 * millisecond);
    ASSERT_EQ(peer.heard().size(), 5U);
    const std::vector<std::uint16_t> ports{5060, 5061, 5062, 5060, 5061};
    for (std::size_t i = 0; i < ports.size(); ++i) {
        EXPECT_EQ(peer.heard()[i].from.udp_port, ports[i]);
        EXPECT_TRUE(peer.heard()[i].contact_uri().ends_with(":" + std::to_string(ports[i])));
        EXPECT_EQ(peer.heard()[i].row("Call-ID"), peer.heard()[0].row("Call-ID"));
    }
    EXPECT_EQ(peer.count(Counter::rebindings), 4U);
}

}  // namespace
}  // namespace regstorm::engine
