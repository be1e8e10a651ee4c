// SPDX-License-Identifier: Apache-2.0
// OPTIONS keep-alive, rows KA-1 to KA-4: what leaves, what counts as alive, and what a dead line leads to.
#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using stats::Counter;

WorkerPlan keep_alive_plan(base::Tick interval_ms = 30'000, std::uint8_t max_lost = 3) {
    WorkerPlan plan = make_plan(1);
    plan.keep_alives = true;
    plan.groups[0].profile.keep_alive = {.enabled = true, .max_lost = max_lost, .interval_ms = interval_ms};
    return plan;
}

/// Grants every REGISTER, and answers OPTIONS with `status`; 0 is silence.
Peer::OnRequest answering(int& status) {
    return [&status](Peer& self, const Heard& request) {
        if (request.method() == "REGISTER") {
            self.say(request, granting(request, 7200), 5 * millisecond);
        } else if (status != 0) {
            self.say(request, answer_to(request, status), 5 * millisecond);
        }
    };
}

std::vector<Heard> of_method(const Peer& peer, const std::string& method) {
    std::vector<Heard> found;
    for (const Heard& request : peer.heard()) {
        if (request.method() == method) {
            found.push_back(request);
        }
    }
    return found;
}

TEST(KeepAlive, KA_1_AsksTheRegistrarWithACallIdAndCSeqOfItsOwn) {
    int status = 200;
    Peer peer(keep_alive_plan(), answering(status));
    peer.run_until(100 * second);
    const std::vector<Heard> options = of_method(peer, "OPTIONS");
    ASSERT_EQ(options.size(), 3U) << "at 30, 60 and 90 s";
    EXPECT_TRUE(options[0].bytes.starts_with("OPTIONS sip:example.test SIP/2.0\r\n")) << "no user part";
    EXPECT_TRUE(options[0].has("From: <sip:user000000@example.test>;tag="));
    EXPECT_EQ(options[0].row("To"), "<sip:example.test>");
    EXPECT_EQ(options[0].row("Call-ID"), options[2].row("Call-ID"));
    EXPECT_NE(options[0].row("Call-ID"), peer.heard()[0].row("Call-ID"));
    EXPECT_EQ(options[0].cseq() + 1, options[1].cseq());
    EXPECT_NE(options[0].branch(), options[1].branch());
    EXPECT_EQ((options[1].at_ns - options[0].at_ns) / millisecond, 30'000U);
    EXPECT_EQ((options[2].at_ns - options[1].at_ns) / millisecond, 30'000U);
    EXPECT_EQ(peer.count(Counter::keep_alives_answered), 3U);
    EXPECT_EQ(peer.simulation().snapshot().keep_alive_rtt.count(), 3U);
    EXPECT_NEAR(static_cast<double>(peer.simulation().snapshot().keep_alive_rtt.max()), 5e6, 1e5);
}

TEST(KeepAlive, KA_2_AnyFinalIsASignOfLife) {
    for (int status : {200, 202, 302, 401, 404, 405, 481, 483, 500, 503, 603}) {
        Peer peer(keep_alive_plan(), answering(status));
        peer.run_until(310 * second);
        EXPECT_EQ(of_method(peer, "REGISTER").size(), 1U) << status;
        EXPECT_EQ(peer.count(Counter::keep_alives_answered), 10U) << status;
        EXPECT_EQ(peer.count(Counter::keep_alives_lost), 0U) << status;
    }
}

TEST(KeepAlive, KA_3_TooManyLostInARowRegisterAnew) {
    int status = 0;
    Peer peer(keep_alive_plan(), answering(status));
    peer.run_until(125 * second);
    EXPECT_EQ(of_method(peer, "REGISTER").size(), 1U);
    EXPECT_EQ(peer.count(Counter::keep_alives_lost), 2U);
    peer.run_until(127 * second);
    // 30 s, then three times Timer F: with an interval below it each starts when the last one is lost.
    const std::vector<Heard> registers = of_method(peer, "REGISTER");
    ASSERT_EQ(registers.size(), 2U);
    EXPECT_NEAR(static_cast<double>(registers[1].at_ns / millisecond), 126'000, 20);
    EXPECT_EQ(peer.count(Counter::lines_lost), 1U);
    EXPECT_EQ(peer.in_state(State::registered), 1U);
    status = 200;
    peer.run_until(400 * second);
    EXPECT_EQ(of_method(peer, "REGISTER").size(), 2U) << "the line is back";
}

TEST(KeepAlive, KA_3_OneAnswerStartsTheCountAnew) {
    int asked = 0;
    Peer peer(keep_alive_plan(40'000), [&](Peer& self, const Heard& request) {
        if (request.method() == "REGISTER") {
            self.say(request, granting(request, 7200));
            return;
        }
        // The first send of each; every third one is answered.
        if (self.count(Counter::keep_alives_sent) % 3 == 0) {
            ++asked;
            self.say(request, answer_to(request, 200));
        }
    });
    peer.run_until(2000 * second);
    EXPECT_GT(asked, 10);
    EXPECT_GT(peer.count(Counter::keep_alives_lost), 20U);
    EXPECT_EQ(peer.count(Counter::lines_lost), 0U);
    EXPECT_EQ(of_method(peer, "REGISTER").size(), 1U);
}

TEST(KeepAlive, KA_4_AtMostOneIsOutstanding) {
    int status = 0;
    Peer peer(keep_alive_plan(1000, 10), answering(status));
    peer.run_until(60 * second);
    const std::vector<Heard> options = of_method(peer, "OPTIONS");
    ASSERT_EQ(options.size(), 11U + 9U) << "eleven sends of the first, nine so far of the second";
    EXPECT_EQ(options[0].branch(), options[10].branch());
    EXPECT_NE(options[10].branch(), options[11].branch());
}

TEST(KeepAlive, RunsWhileTheRegistrationIsRefreshedAndNeitherDisturbsTheOther) {
    int status = 200;
    WorkerPlan plan = keep_alive_plan(1000);
    plan.groups[0].profile.refresh_per_mille = 10;
    Peer peer(plan, answering(status));
    peer.run_until(1000 * second);
    EXPECT_EQ(peer.count(Counter::failed), 0U);
    EXPECT_EQ(peer.count(Counter::retransmitted), 0U);
    EXPECT_EQ(peer.count(Counter::succeeded), 14U) << "every 72 s";
    EXPECT_EQ(peer.count(Counter::keep_alives_answered), 999U);
}

TEST(KeepAlive, StopsWithTheRegistrationAndComesBackWithIt) {
    bool refuse = false;
    WorkerPlan plan = keep_alive_plan(1000);
    plan.groups[0].profile.refresh_per_mille = 1;  // 7.2 s
    Peer peer(plan, [&](Peer& self, const Heard& request) {
        const bool refused = refuse && request.method() == "REGISTER";
        self.say(request, refused ? answer_to(request, 500) : granting(request, 7200));
    });
    peer.run_until(4'500 * millisecond);
    EXPECT_EQ(of_method(peer, "OPTIONS").size(), 4U);
    refuse = true;
    peer.run_until(8 * second);
    const std::size_t before = of_method(peer, "OPTIONS").size();
    peer.run_until(27 * second);
    EXPECT_EQ(of_method(peer, "OPTIONS").size(), before) << "no line, no keep-alive";
    refuse = false;
    peer.run_until(32 * second);
    EXPECT_GT(of_method(peer, "OPTIONS").size(), before);
}

TEST(KeepAlive, WhatIsOutstandingAtTheEndIsAbandonedAndTheBooksBalance) {
    int status = 0;
    Peer peer(keep_alive_plan(1000), answering(status));
    peer.run_until(2 * second);
    peer.simulation().command(CommandKind::leave);
    peer.run_until(3 * second);
    peer.simulation().command(CommandKind::quit);
    peer.run_until(4 * second);
    EXPECT_EQ(peer.count(Counter::keep_alives_abandoned), 1U);
    EXPECT_EQ(peer.in_state(State::removed), 1U);
}

}  // namespace
}  // namespace regstorm::engine
