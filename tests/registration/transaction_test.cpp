// SPDX-License-Identifier: Apache-2.0
#include "regstorm/registration/transaction.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace regstorm::registration {
namespace {

struct Sends {
    std::vector<base::Tick> at;  ///< relative to the first send
    base::Tick timed_out_at = 0;
};

/// Runs one transaction to its end on the tick; a provisional arrives at `provisional_at` (0: never).
Sends run(const Timers& timers, base::Tick start, base::Tick provisional_at = 0) {
    Record record;
    begin_transaction(record, timers, start);
    Sends sends{{0}, 0};
    for (base::Tick after = 1; after <= timers.timer_f_ms(); ++after) {
        const base::Tick now = start + after;
        if (provisional_at != 0 && after == provisional_at) {
            on_provisional(record);
        }
        if (record.deadline != now) {
            continue;
        }
        if (on_transaction_deadline(record, timers, now) == TimerOutcome::timed_out) {
            EXPECT_EQ(record.transaction, Transaction::terminated);
            EXPECT_EQ(record.deadline, 0U);
            sends.timed_out_at = after;
            return sends;
        }
        sends.at.push_back(after);
    }
    ADD_FAILURE() << "Timer F never fired";
    return sends;
}

TEST(Transaction, TXN_1_SendsElevenTimesAndEndsAt32Seconds) {
    const Sends sends = run(Timers{}, 1000);
    EXPECT_EQ(sends.at, (std::vector<base::Tick>{0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500}));
    EXPECT_EQ(sends.timed_out_at, 32000U);
}

TEST(Transaction, TXN_1_KeepsTheScheduleAcrossTheWrapOfTheTick) {
    EXPECT_EQ(run(Timers{}, 0xffff'ffff - 7000).at, run(Timers{}, 1000).at);
}

TEST(Transaction, TXN_2_FollowsOtherT1AndT2) {
    struct Case {
        base::Tick t1_ms, t2_ms, retransmits, timer_f_ms;
    };
    for (const Case& test : {Case{1000, 4000, 17, 64000}, Case{2000, 4000, 32, 128000}, Case{500, 2000, 17, 32000},
                             Case{500, 8000, 7, 32000}}) {
        const Sends sends = run(Timers{test.t1_ms, test.t2_ms}, 5);
        EXPECT_EQ(sends.at.size() - 1, test.retransmits) << test.t1_ms << "/" << test.t2_ms;
        EXPECT_EQ(sends.timed_out_at, test.timer_f_ms);
    }
}

TEST(Transaction, TXN_3_ProvisionalLeavesTimerERunningAndThenUsesT2) {
    const Sends sends = run(Timers{}, 1000, 100);
    EXPECT_EQ(sends.at, (std::vector<base::Tick>{0, 500, 4500, 8500, 12500, 16500, 20500, 24500, 28500}));
    EXPECT_EQ(sends.timed_out_at, 32000U) << "TXN-4: Timer F fires in Proceeding";
}

TEST(Transaction, RestartsItsRhythmAfterAStallInsteadOfBursting) {
    Record record;
    const Timers timers;
    begin_transaction(record, timers, 0);
    EXPECT_EQ(on_transaction_deadline(record, timers, 10'000), TimerOutcome::retransmit);
    EXPECT_EQ(record.deadline, 11'000U);
    EXPECT_EQ(record.retransmits, 1);
    EXPECT_EQ(on_transaction_deadline(record, timers, 32'000), TimerOutcome::timed_out)
        << "Timer F is absolute, however late the loop is";
}

TEST(Transaction, MSG_4_EachTransactionHasTheNextCseqAndItsOwnGeneration) {
    Record record;
    record.cseq = 7;
    begin_transaction(record, Timers{}, 1);
    EXPECT_EQ(record.cseq, 8U);
    EXPECT_EQ(record.generation, 1U);
    complete_transaction(record);
    EXPECT_EQ(record.transaction, Transaction::completed);
    begin_transaction(record, Timers{}, 2);
    EXPECT_EQ(record.cseq, 9U);
    EXPECT_EQ(record.generation, 2U);
    EXPECT_EQ(record.retransmits, 0);
}

}  // namespace
}  // namespace regstorm::registration
