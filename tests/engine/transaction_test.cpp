// SPDX-License-Identifier: Apache-2.0
// The client transaction on the wire (RFC 3261 17.1.2.2), against a peer that answers by script.
#include "script.hpp"

namespace regstorm::engine {
namespace {

using registration::State;
using stats::Counter;

TEST(Transaction, TXN_2_OtherTimersGiveOtherSchedules) {
    struct Row {
        base::Tick t1_ms;
        base::Tick t2_ms;
        std::uint64_t retransmissions;
        base::Nanoseconds timer_f_ms;
    };
    for (const Row& row : {Row{1000, 4000, 17, 64'000}, Row{2000, 4000, 32, 128'000}, Row{500, 2000, 17, 32'000},
                           Row{500, 8000, 7, 32'000}}) {
        SCOPED_TRACE(row.t1_ms + row.t2_ms);
        WorkerPlan plan = make_plan(1);
        plan.groups[0].profile.timers = {.t1_ms = row.t1_ms, .t2_ms = row.t2_ms};
        Peer peer(plan);
        peer.run_until((row.timer_f_ms - 1) * millisecond);
        EXPECT_EQ(peer.count(Counter::retransmitted), row.retransmissions);
        EXPECT_EQ(peer.heard().size(), row.retransmissions + 1);
        EXPECT_EQ(peer.count(Counter::failed_timeout), 0U);
        peer.run_until((row.timer_f_ms + 1) * millisecond);
        EXPECT_EQ(peer.count(Counter::failed_timeout), 1U);
        EXPECT_EQ(peer.heard().size(), row.retransmissions + 1) << "Timer F sends nothing";
    }
}

TEST(Transaction, TXN_3_TXN_4_AProvisionalSlowsRetransmissionsAndTimerFStillFires) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (self.heard().size() == 1) {
            self.say(request, answer_to(request, 100), 100 * millisecond);
        }
    });
    peer.run_until(31'999 * millisecond);
    EXPECT_EQ(peer.at_ms(),
              (std::vector<base::Nanoseconds>{0, 500, 4500, 8500, 12'500, 16'500, 20'500, 24'500, 28'500}));
    EXPECT_EQ(peer.count(Counter::provisional), 1U);
    EXPECT_EQ(peer.in_state(State::registering), 1U);
    peer.run_until(32'001 * millisecond);
    EXPECT_EQ(peer.count(Counter::failed_timeout), 1U);
    EXPECT_EQ(peer.in_state(State::waiting), 1U);
}

TEST(Transaction, TXN_4_TimerFFiresInTryingToo) {
    Peer peer(make_plan(1));
    peer.run_until(32'001 * millisecond);
    EXPECT_EQ(peer.count(Counter::failed_timeout), 1U);
    EXPECT_EQ(peer.count(Counter::received), 0U);
}

TEST(Transaction, TXN_5_RepeatedFinalsAreAbsorbed) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        for (int i = 0; i < 5; ++i) {
            self.say(request, granting(request, 3600), static_cast<base::Nanoseconds>(i) * second);
        }
    });
    peer.run_until(10 * second);
    EXPECT_EQ(peer.count(Counter::final_), 1U);
    EXPECT_EQ(peer.count(Counter::duplicate), 4U);
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
}

TEST(Transaction, TXN_5_DifferentFinalsOnOneBranchAreAbsorbedToo) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        self.say(request, answer_to(request, 500));
        self.say(request, answer_to(request, 400));
        self.say(request, granting(request, 3600));
        self.say(request, answer_to(request, 401, {"WWW-Authenticate: Digest realm=\"r\", nonce=\"n\""}));
        self.say(request, answer_to(request, 100), second);
    });
    peer.run_until(10 * second);
    EXPECT_EQ(peer.failed_by(500), 1U) << "the first final counts";
    EXPECT_EQ(peer.count(Counter::succeeded), 0U);
    EXPECT_EQ(peer.count(Counter::duplicate), 4U);
    EXPECT_EQ(peer.in_state(State::waiting), 1U);
    EXPECT_EQ(peer.heard().size(), 1U);
}

TEST(Transaction, TXN_6_AFinalAfterTimerFIsLate) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (self.heard().size() == 1) {
            self.say(request, granting(request, 3600), 33 * second);
        }
    });
    peer.run_until(51 * second);
    EXPECT_EQ(peer.count(Counter::late), 1U);
    EXPECT_EQ(peer.count(Counter::succeeded), 0U);
    EXPECT_EQ(peer.in_state(State::waiting), 1U) << "it goes on waiting";
    EXPECT_EQ(peer.heard().size(), 11U);
}

TEST(Transaction, TXN_6_ALateFinalDoesNotHitTheNextTransaction) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (self.heard().size() == 1) {
            self.say(request, granting(request, 3600), 53 * second);  // the next attempt began at 52 s
        }
    });
    peer.run_until(54 * second);
    EXPECT_EQ(peer.count(Counter::late), 1U);
    EXPECT_EQ(peer.count(Counter::attempted), 2U);
    EXPECT_EQ(peer.in_state(State::registering), 1U) << "the second attempt is still on its way";
    EXPECT_EQ(peer.count(Counter::succeeded), 0U);
}

TEST(Transaction, TXN_6_ALateAnswerInTheNameOfTheCurrentTransactionIsFoundOut) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (self.heard().size() == 12) {  // the second attempt: its branch, the first one's CSeq
            self.say(request, replaced(granting(request, 3600), "CSeq: " + std::to_string(request.cseq()),
                                       "CSeq: " + std::to_string(request.cseq() - 1)));
        }
    });
    peer.run_until(53 * second);
    EXPECT_EQ(peer.count(Counter::mismatched), 1U);
    EXPECT_EQ(peer.in_state(State::registering), 1U);
}

TEST(Transaction, TXN_9_A408IsAFinalAnswer) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) { self.say(request, answer_to(request, 408)); });
    peer.run_until(second);
    EXPECT_EQ(peer.failed_by(408), 1U);
    EXPECT_EQ(peer.count(Counter::failed_timeout), 0U);
    EXPECT_EQ(peer.in_state(State::waiting), 1U);
}

TEST(Transaction, TXN_9_A180AndAnEarly100AreTolerated) {
    Peer peer(make_plan(1), [](Peer& self, const Heard& request) {
        if (self.heard().size() == 1) {
            self.say(request, answer_to(request, 100));
            self.say(request, answer_to(request, 180), millisecond);
            self.say(request, answer_to(request, 199), 2 * millisecond);
            self.say(request, granting(request, 3600), 3 * second);
        }
    });
    peer.run_until(4 * second);
    EXPECT_EQ(peer.count(Counter::provisional), 3U);
    EXPECT_EQ(peer.count(Counter::succeeded), 1U);
    EXPECT_EQ(peer.at_ms(), (std::vector<base::Nanoseconds>{0, 500}));
}

TEST(Transaction, TXN_8_EachFailureClassWaitsAsItsProfileSays) {
    struct Row {
        int status;
        registration::FailureClass failure;
    };
    using registration::FailureClass;
    for (const Row& row :
         {Row{403, FailureClass::forbidden}, Row{404, FailureClass::not_found}, Row{480, FailureClass::unavailable},
          Row{503, FailureClass::unavailable}, Row{302, FailureClass::redirected}, Row{600, FailureClass::global},
          Row{488, FailureClass::other}, Row{401, FailureClass::credentials}}) {
        SCOPED_TRACE(row.status);
        WorkerPlan plan = make_plan(1);
        plan.groups[0].profile.wait_ms[static_cast<std::size_t>(row.failure)] = 7000;
        Peer peer(plan, [&](Peer& self, const Heard& request) { self.say(request, answer_to(request, row.status)); });
        peer.run_until(10 * second);
        EXPECT_EQ(peer.at_ms(), (std::vector<base::Nanoseconds>{0, 7000}));
        EXPECT_EQ(peer.failed_by(static_cast<std::uint16_t>(row.status)), 2U);

        plan.groups[0].profile.wait_ms[static_cast<std::size_t>(row.failure)] = registration::wait_never;
        Peer never(plan, [&](Peer& self, const Heard& request) { self.say(request, answer_to(request, row.status)); });
        never.run_until(3600 * second);
        EXPECT_EQ(never.heard().size(), 1U) << "REG-10: 0 means stop";
        EXPECT_EQ(never.in_state(State::stopped), 1U);
    }
}

}  // namespace
}  // namespace regstorm::engine
