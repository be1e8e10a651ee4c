// SPDX-License-Identifier: Apache-2.0
// How a run ends: drained, un-registered or cut short, from whatever state its phones are in.
#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using stats::Counter;

bool is_phone(const Heard& request, std::uint32_t first, std::uint32_t end) {
    const std::string from = request.row("From");
    const std::uint32_t number = static_cast<std::uint32_t>(std::stoul(from.substr(from.find("user") + 4, 6)));
    return number >= first && number < end;
}

/// Forty phones, ten each: registered, registering without an answer, waiting after a 500, stopped by a 403.
WorkerPlan mixed_plan() {
    WorkerPlan plan = make_plan(40);
    plan.groups[0].profile.wait_ms[static_cast<std::size_t>(registration::FailureClass::forbidden)] =
        registration::wait_never;
    return plan;
}
void answer_mixed(Peer& self, const Heard& request) {
    if (is_phone(request, 0, 10)) {
        self.say(request, request.expires() == 0 ? answer_to(request, 200) : granting(request, 100));
    } else if (is_phone(request, 20, 30)) {
        self.say(request, answer_to(request, 500));
    } else if (is_phone(request, 30, 40)) {
        self.say(request, answer_to(request, 403));
    }
}

TEST(Leaving, FromEveryStateAtOnce) {
    Peer peer(mixed_plan(), answer_mixed);
    peer.run_until(5 * second);
    ASSERT_EQ(peer.in_state(State::registered), 10U);
    ASSERT_EQ(peer.in_state(State::registering), 10U);
    ASSERT_EQ(peer.in_state(State::waiting), 10U);
    ASSERT_EQ(peer.in_state(State::stopped), 10U);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(6 * second);
    EXPECT_EQ(peer.in_state(State::removed), 10U);
    EXPECT_EQ(peer.in_state(State::registering), 10U) << "their transactions run on";
    EXPECT_EQ(peer.in_state(State::stopped), 20U);
    EXPECT_FALSE(peer.simulation().snapshot().idle);
    peer.run_until(40 * second);
    EXPECT_EQ(peer.in_state(State::stopped), 30U) << "Timer F has ended them, and nothing was bound";
    EXPECT_TRUE(peer.simulation().snapshot().idle);
    EXPECT_EQ(peer.count(Counter::removals_attempted), 10U);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 10U);
    EXPECT_EQ(peer.count(Counter::failed_timeout), 10U);
    const std::size_t heard = peer.heard().size();
    peer.run_until(4000 * second);
    EXPECT_EQ(peer.heard().size(), heard) << "and then there is silence";
    EXPECT_EQ(peer.simulation().snapshot().census_at_stop[static_cast<std::size_t>(State::registered)], 10U);
}

TEST(Leaving, WhileMostPhonesHaveNotStarted) {
    Peer peer(make_plan(100, 10), [](Peer& self, const Heard& request) { self.say(request, granting(request, 100)); });
    peer.run_until(second);
    const std::uint32_t registered = peer.in_state(State::registered);
    EXPECT_EQ(registered + peer.in_state(State::idle), 100U);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(20 * second);
    EXPECT_EQ(peer.in_state(State::removed), registered);
    EXPECT_EQ(peer.in_state(State::stopped), 100 - registered);
    EXPECT_TRUE(peer.simulation().snapshot().idle);
}

TEST(Leaving, MSG_7_AnAnswerThatComesWhileLeavingIsFollowedByTheRemoval) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        self.say(request, request.expires() == 0 ? answer_to(request, 200) : granting(request, 3600),
                 300 * millisecond);
    });
    peer.run_until(100 * millisecond);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(200 * millisecond);
    EXPECT_EQ(peer.heard().size(), 1U) << "never two outstanding";
    peer.run_until(second);
    ASSERT_EQ(peer.heard().size(), 2U);
    EXPECT_EQ(peer.last().expires(), 0U);
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 1U);
}

TEST(Leaving, AChallengeWhileLeavingIsStillAnswered) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        const std::string text = !request.authorized()
                                     ? answer_to(request, 401, {"WWW-Authenticate: Digest realm=\"r\", nonce=\"n\""})
                                 : request.expires() == 0 ? answer_to(request, 200)
                                                          : granting(request, 3600);
        self.say(request, text, 300 * millisecond);
    });
    peer.run_until(100 * millisecond);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(2 * second);
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 1U);
    EXPECT_EQ(peer.in_state(State::removed), 1U);
}

TEST(Leaving, ARegistrarThatFallsSilentCostsTimerFAndNoMore) {
    Peer peer(make_plan(20), [](Peer& self, const Heard& request) {
        if (request.expires() != 0) {
            self.say(request, granting(request, 3600));
        }
    });
    peer.run_until(second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(32 * second);
    EXPECT_EQ(peer.in_state(State::removing), 20U);
    peer.run_until(34 * second);
    EXPECT_EQ(peer.in_state(State::removed), 20U);
    EXPECT_EQ(peer.count(Counter::removals_failed), 20U);
    EXPECT_EQ(peer.heard().size(), 20U + 20 * 11);
    EXPECT_TRUE(peer.simulation().snapshot().idle);
    EXPECT_EQ(peer.count(Counter::failed), 0U) << "a removal is no registration attempt";
}

TEST(Leaving, ARemovalRefusedIsCountedAndNotRepeated) {
    for (const int status : {400, 403, 423, 481, 500, 600}) {
        SCOPED_TRACE(status);
        Peer peer(make_plan(5), [&](Peer& self, const Heard& request) {
            self.say(request, request.expires() == 0 ? answer_to(request, status, {"Min-Expires: 60"})
                                                     : granting(request, 3600));
        });
        peer.run_until(second);
        peer.simulation().command(CommandKind::leave);
        peer.run_until(100 * second);
        EXPECT_EQ(peer.count(Counter::removals_failed), 5U);
        EXPECT_EQ(peer.heard().size(), 10U);
    }
}

TEST(Leaving, DrainEndsWhatIsOutstandingAndStartsNothing) {
    Peer peer(mixed_plan(), answer_mixed);
    peer.run_until(5 * second);
    peer.simulation().command(CommandKind::drain);
    peer.run_until(200 * second);
    EXPECT_EQ(peer.count(Counter::attempted), 40U) << "neither refreshes at 90 s nor reattempts at 20 s";
    EXPECT_EQ(peer.in_state(State::registered), 10U);
    EXPECT_EQ(peer.in_state(State::registering), 0U);
    EXPECT_TRUE(peer.simulation().snapshot().idle);
    EXPECT_EQ(peer.count(Counter::failed_timeout), 10U);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(210 * second);
    EXPECT_EQ(peer.in_state(State::removed), 10U) << "drain, then leave";
}

TEST(Leaving, DrainHoldsPhonesThatHaveNotStarted) {
    Peer peer(make_plan(100, 10), [](Peer& self, const Heard& request) { self.say(request, granting(request, 3600)); });
    peer.run_until(second);
    peer.simulation().command(CommandKind::drain);
    peer.run_until(100 * second);
    EXPECT_LE(peer.count(Counter::attempted), 11U);
    EXPECT_EQ(peer.in_state(State::idle) + peer.in_state(State::registered), 100U);
    EXPECT_TRUE(peer.simulation().snapshot().idle);
}

TEST(Leaving, QuitInTheMiddleAbandonsWhatIsOutstanding) {
    Peer peer(mixed_plan(), answer_mixed);
    peer.run_until(5 * second);
    peer.simulation().command(CommandKind::quit);
    peer.run_until(6 * second);
    const Snapshot snapshot = peer.simulation().snapshot();
    EXPECT_EQ(snapshot.phase, Phase::done);
    EXPECT_EQ(snapshot.counters.of(Counter::abandoned), 10U);
    EXPECT_EQ(snapshot.counters.of(Counter::attempted), 40U);
    EXPECT_EQ(snapshot.census_at_stop[static_cast<std::size_t>(State::registered)], 10U);
}

TEST(Leaving, INV_5_AnAnswerThatComesWithTheQuitGivesNoSecondOutcome) {
    Peer peer(make_plan(20),
              [](Peer& self, const Heard& request) { self.say(request, granting(request, 3600), 200 * millisecond); });
    peer.run_until(100 * millisecond);
    EXPECT_EQ(peer.in_state(State::registering), 20U);
    // Their answers and the command reach the worker in the same poll.
    for (const Heard& request : peer.heard()) {
        peer.say(request, granting(request, 3600));
    }
    peer.simulation().command(CommandKind::quit);
    peer.run_until(second);
    EXPECT_EQ(peer.count(Counter::attempted), 20U);
    EXPECT_EQ(peer.count(Counter::abandoned) + peer.count(Counter::succeeded), 20U);
}

TEST(Leaving, ABindingThatAFailedRefreshLeftBehindIsRemovedToo) {
    WorkerPlan plan = make_plan(1);
    plan.groups[0].profile.refresh_per_mille = 1;  // 3.6 s
    int asked = 0;
    Peer peer(plan, [&](Peer& self, const Heard& request) {
        const bool refused = ++asked == 2;
        self.say(request, refused                  ? answer_to(request, 503)
                          : request.expires() == 0 ? answer_to(request, 200)
                                                   : granting(request, 3600));
    });
    peer.run_until(5 * second);
    EXPECT_EQ(peer.in_state(State::waiting), 1U);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(6 * second);
    EXPECT_EQ(peer.last().expires(), 0U);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 1U);
    EXPECT_EQ(peer.in_state(State::removed), 1U);
}

TEST(Leaving, APhoneThatRegistersWhileLeavingBeginsNothingBesideIt) {
    WorkerPlan plan = make_plan(1);
    plan.subscriptions = true;
    plan.groups[0].profile.subscription = {.enabled = true};
    Peer peer(plan, [](Peer& self, const Heard& request) {
        self.say(request, request.expires() == 0 ? answer_to(request, 200) : granting(request, 3600),
                 200 * millisecond);
    });
    peer.run_until(100 * millisecond);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(2 * second);
    EXPECT_EQ(peer.count(Counter::subscriptions_attempted), 0U);
    EXPECT_EQ(peer.count(Counter::removals_succeeded), 1U);
}

TEST(Leaving, QuitWhileLeavingAbandonsRemovals) {
    Peer peer(make_plan(20), [](Peer& self, const Heard& request) {
        if (request.expires() != 0) {
            self.say(request, granting(request, 3600));
        }
    });
    peer.run_until(second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(5 * second);
    peer.simulation().command(CommandKind::quit);
    peer.run_until(6 * second);
    EXPECT_EQ(peer.count(Counter::removals_attempted), 20U);
    EXPECT_EQ(peer.count(Counter::removals_abandoned), 20U);
}

TEST(Leaving, AnswersToTheLastRetransmissionAreAbsorbedAfterwards) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        self.say(request, request.expires() == 0 ? answer_to(request, 200) : granting(request, 3600));
        self.say(request, answer_to(request, 200), 5 * second);
    });
    peer.run_until(second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(20 * second);
    EXPECT_EQ(peer.count(Counter::late) + peer.count(Counter::duplicate), 2U);
    EXPECT_EQ(peer.in_state(State::removed), 1U);
}

}  // namespace
}  // namespace regstorm::engine
