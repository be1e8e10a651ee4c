// SPDX-License-Identifier: Apache-2.0
// Delays: exact, in order, bounded.
#include "cue_desk.hpp"

namespace regstorm::registrar {
namespace {

TEST(Delay, AnAnswerLeavesInTheFirstPollInWhichItIsDue) {
    Desk desk(misbehaving("delay 20ms"));
    EXPECT_TRUE(Caller(desk).post().empty());
    EXPECT_EQ(desk.live(), 1U) << "only the answer is late";
    EXPECT_EQ(desk.held(), 1U);
    desk.wait(20 * ms - 1);
    EXPECT_TRUE(desk.poll().empty());
    desk.wait(1);
    const std::vector<std::string> answers = desk.poll();
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(status_of(answers[0]), 200);
    EXPECT_EQ(desk.held(), 0U);
    EXPECT_EQ(desk.counters().held, 1U);
}

TEST(Delay, ARangeIsUniformAndSentByDueTime) {
    Desk desk(misbehaving("delay 5ms-50ms"));
    Caller caller(desk);
    std::array<int, 60> due{};
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 50; ++i) {
            EXPECT_TRUE(caller.post().empty());
        }
        for (std::size_t step = 1; step < due.size(); ++step) {
            desk.wait(ms);
            due[step] += static_cast<int>(desk.poll().size());
        }
    }
    int sum = 0;
    for (std::size_t step = 0; step < due.size(); ++step) {
        sum += due[step];
        if (step >= 6 && step <= 50) {
            EXPECT_NEAR(due[step], 111, 55) << step << " ms: five sigma";
        } else {
            EXPECT_LE(due[step], step == 5 ? 5 : 0) << step;
        }
    }
    EXPECT_EQ(sum, 5000);
}

TEST(Delay, AnswersOfOneInstantKeepTheirOrder) {
    Desk desk(misbehaving("delay 5ms"));
    Caller caller(desk);
    for (int i = 0; i < 40; ++i) {
        caller.post();
    }
    desk.wait(5 * ms);
    const std::vector<std::string> answers = desk.poll();
    ASSERT_EQ(answers.size(), 40U);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        EXPECT_EQ(row_of(answers[i], "CSeq"), std::to_string(i + 1) + " REGISTER");
    }
}

TEST(Delay, TailsAreSharesOfAllRequests) {
    Desk desk(misbehaving("delay 40ms 25%; delay 1ms"));
    Caller caller(desk);
    int late = 0;
    for (int i = 0; i < 2000; ++i) {
        EXPECT_TRUE(caller.post().empty());
        desk.wait(ms);
        late += desk.poll().empty() ? 1 : 0;
        desk.wait(40 * ms);
        desk.poll();
    }
    EXPECT_NEAR(late, 500, 100);
}

TEST(Delay, WhatFindsNoRoomIsLostAndCounted) {
    Desk desk(misbehaving("delay 1s"));
    Caller caller(desk);
    for (int i = 0; i < 70; ++i) {
        EXPECT_TRUE(caller.post().empty());
    }
    EXPECT_EQ(desk.counters().held, 64U);
    EXPECT_EQ(desk.counters().not_held, 6U);
    EXPECT_EQ(desk.counters().accepted, 70U);
    EXPECT_TRUE(desk.counters().balanced());
    desk.wait(second);
    EXPECT_EQ(desk.poll().size(), 64U);
    EXPECT_TRUE(caller.post().empty());
    EXPECT_EQ(desk.counters().held, 65U) << "the room is free again";
}

TEST(Delay, A100IsNotHeldAndACopyIs) {
    Desk desk(misbehaving("delay 10ms; early-1xx; duplicate"));
    const std::vector<std::string> now = Caller(desk).post();
    ASSERT_EQ(now.size(), 1U);
    EXPECT_EQ(status_of(now[0]), 100);
    desk.wait(10 * ms);
    EXPECT_EQ(desk.poll().size(), 2U);
}

TEST(HeldAnswers, EqualASortedListWhateverTheSizes) {
    constexpr std::uint32_t room = 50;
    base::Arena arena(HeldAnswers::bytes_for(room));
    HeldAnswers held(arena, room);
    struct Known {
        base::Nanoseconds due_ns;
        std::string text;
    };
    std::vector<Known> known;
    base::Prng prng(11);
    std::uint32_t refused = 0;
    for (base::Nanoseconds now = 0; now < 5000; ++now) {
        const std::string text(1 + prng.below(3000), static_cast<char>('a' + prng.below(26)));
        const base::Nanoseconds due_ns = now + prng.below(40);
        if (held.hold(due_ns, {}, {}, text)) {
            const auto place = std::upper_bound(known.begin(), known.end(), due_ns,
                                                [](base::Nanoseconds at, const Known& one) { return at < one.due_ns; });
            known.insert(place, {due_ns, text});
        } else {
            ++refused;
        }
        while (held.is_due(now)) {
            ASSERT_FALSE(known.empty());
            std::string out(held.front().size, '?');
            held.take_front(out.data());
            EXPECT_EQ(out, known.front().text);
            known.erase(known.begin());
        }
        ASSERT_TRUE(known.empty() || known.front().due_ns > now);
        ASSERT_EQ(held.count(), known.size());
    }
    EXPECT_GT(refused, 0U);
    EXPECT_LT(refused, 4000U);
}

}  // namespace
}  // namespace regstorm::registrar
