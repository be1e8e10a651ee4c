// SPDX-License-Identifier: Apache-2.0
// Rank 0 and another one, joined by a socket and driven by hand in virtual time; the test plays controller and workers.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <memory>

#include "regstorm/cluster/books.hpp"
#include "regstorm/cluster/hand.hpp"
#include "regstorm/cluster/head.hpp"

namespace regstorm::cluster {
namespace {

using engine::CommandKind;
using engine::Phase;
using engine::Snapshot;
using stats::Counter;

/// Rank 1 has two workers.
class Ranks : public testing::Test {
  protected:
    Ranks() {
        std::array<int, 2> sockets{};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()), 0);
        std::vector<Head::Other> others;
        others.push_back({{.rank = 1, .host = "far", .workers = 2}, Connection(sockets[0])});
        head = std::make_unique<Head>(RankFacts{.rank = 0, .host = "near", .workers = 1}, std::move(others), 0);
        hand = std::make_unique<Hand>(Connection(sockets[1]));
        hand->attach(workers, 0);
        controller = head->mailboxes();
    }

    /// Lets both look a few times; their clocks differ by an hour.
    bool turn(int interruptions = 0) {
        bool running = true;
        for (int i = 0; i < 3; ++i) {
            head->carry(now_ns);
            running = hand == nullptr || hand->step(now_ns + hour_ns, interruptions);
        }
        head->carry(now_ns);
        return running;
    }
    void publish(std::size_t worker, const Snapshot& snapshot) {
        ASSERT_TRUE(workers[worker]->publish([&](Snapshot& slot) { slot = snapshot; }));
    }
    Snapshot seen(std::size_t worker) {
        Snapshot snapshot;
        while (controller[worker]->read(snapshot)) {
        }
        return snapshot;
    }
    void tell(const engine::Command& command) {
        for (engine::Mailbox* mailbox : controller) {
            ASSERT_TRUE(mailbox->command(command));
        }
    }

    static constexpr base::Nanoseconds hour_ns = 3600 * base::ns_per_s;
    base::Nanoseconds now_ns = base::ns_per_s;
    std::array<engine::Mailbox, 2> mailboxes;
    std::vector<engine::Mailbox*> workers{&mailboxes[0], &mailboxes[1]};
    std::unique_ptr<Head> head;
    std::unique_ptr<Hand> hand;
    std::vector<engine::Mailbox*> controller;
};

Snapshot running(std::uint64_t attempted, std::uint64_t succeeded) {
    Snapshot snapshot{.phase = Phase::running};
    snapshot.counters.add(Counter::attempted, attempted);
    snapshot.counters.add(Counter::succeeded, succeeded);
    for (std::uint64_t i = 0; i < succeeded; ++i) {
        snapshot.rrd.record(1000 * i);
    }
    return snapshot;
}

TEST_F(Ranks, TheControllerSeesTheWorkersOfAnotherRankAsItsOwn) {
    publish(0, running(7, 5));
    publish(1, running(100, 99));
    turn();
    const Snapshot first = seen(0);
    const Snapshot second = seen(1);
    EXPECT_EQ(first.counters.of(Counter::attempted), 7U);
    EXPECT_EQ(second.counters.of(Counter::attempted), 100U);
    EXPECT_EQ(first.phase, Phase::running);
    // Added up, they are what one process would have recorded.
    stats::Histogram merged = first.rrd;
    merged.merge(second.rrd);
    stats::Histogram expected = running(7, 5).rrd;
    expected.merge(running(100, 99).rrd);
    EXPECT_TRUE(std::equal(merged.counts().begin(), merged.counts().end(), expected.counts().begin()));
    EXPECT_EQ(merged.sum(), expected.sum());
}

TEST_F(Ranks, AllStartAtTheSameMomentOfTheirOwnClocks) {
    tell({CommandKind::start, now_ns + 50});
    turn();
    for (engine::Mailbox* mailbox : workers) {
        engine::Command command;
        ASSERT_TRUE(mailbox->next_command(command));
        EXPECT_EQ(command.kind, CommandKind::start);
        EXPECT_EQ(command.at_ns, now_ns + hour_ns + 50);
        EXPECT_FALSE(mailbox->next_command(command));
    }
}

TEST_F(Ranks, EndWhenTheWorkersDoAndLeaveTheirReports) {
    tell({CommandKind::quit});
    EXPECT_TRUE(turn());
    publish(0, {.phase = Phase::done});
    publish(1, {.phase = Phase::done});
    EXPECT_FALSE(turn());
    hand->report(1, "second");
    hand->report(0, "first");
    hand->step(now_ns + hour_ns, 0);
    const std::vector<Head::Report> reports = head->collect();
    ASSERT_EQ(reports.size(), 2U);
    EXPECT_EQ(reports[0].bytes, "first");
    EXPECT_EQ(reports[1].bytes, "second");
    EXPECT_TRUE(hand->finish());
    EXPECT_FALSE(head->lost());
    ASSERT_EQ(head->ranks().size(), 2U);
    EXPECT_EQ(head->ranks()[0].host, "near");
    EXPECT_EQ(head->ranks()[1].host, "far");
}

TEST_F(Ranks, OfOneThatIsLostTheLastFiguresStayAndTheirBooksBalance) {
    publish(0, running(10, 6));
    turn();
    hand.reset();
    turn();
    EXPECT_TRUE(head->lost());
    EXPECT_TRUE(head->ranks()[1].lost);
    const Snapshot last = seen(0);
    EXPECT_EQ(last.counters.of(Counter::attempted), 10U);
    EXPECT_EQ(last.counters.of(Counter::succeeded), 6U);
    EXPECT_EQ(last.counters.of(Counter::abandoned), 4U);
    // What is left of it does as it is told, so that the others need not wait.
    tell({CommandKind::leave});
    turn();
    EXPECT_EQ(seen(0).phase, Phase::leaving);
    tell({CommandKind::quit});
    turn();
    EXPECT_EQ(seen(1).phase, Phase::done);
    EXPECT_EQ(head->collect().size(), 2U);
}

TEST_F(Ranks, OneThatIsLostAfterItsLastCommandIsNotWaitedFor) {
    publish(0, running(1, 1));
    tell({CommandKind::quit});
    turn();
    hand.reset();
    turn();
    EXPECT_EQ(seen(0).phase, Phase::done);
    EXPECT_EQ(seen(1).phase, Phase::done);
}

TEST_F(Ranks, SilenceIsALossToo) {
    publish(0, running(1, 1));
    turn();
    now_ns += silence_ns_max;
    head->carry(now_ns);
    EXPECT_FALSE(head->lost());
    head->carry(now_ns + base::ns_per_ms);
    EXPECT_TRUE(head->lost());
}

TEST_F(Ranks, ASlowOpeningIsNoLoss) {
    now_ns += silence_ns_max + base::ns_per_s;
    head->carry(now_ns);
    EXPECT_FALSE(head->lost());
    head->carry(now_ns + opening_ns_max);
    EXPECT_TRUE(head->lost());
}

TEST_F(Ranks, OneThatCannotTakePartSaysWhy) {
    hand->fail("no such device");
    turn();
    EXPECT_EQ(seen(0).phase, Phase::failed);
    EXPECT_EQ(seen(1).phase, Phase::failed);
    EXPECT_FALSE(head->lost());
    const std::vector<Head::Report> reports = head->collect();
    EXPECT_EQ(reports[0].failure, "no such device");
    EXPECT_EQ(reports[0].of.host, "far");
}

TEST_F(Ranks, WithoutRankZeroTheWorkersAreSentHome) {
    head.reset();  // in order: it says bye
    EXPECT_TRUE(hand->step(hour_ns, 0));
    engine::Command command;
    ASSERT_TRUE(workers[1]->next_command(command));
    EXPECT_EQ(command.kind, CommandKind::quit);
    EXPECT_TRUE(hand->finish());
}

TEST_F(Ranks, ARankZeroThatFallsSilentIsLost) {
    hand->step(opening_ns_max, 0);
    EXPECT_TRUE(hand->step(opening_ns_max + base::ns_per_ms, 0));
    engine::Command command;
    ASSERT_TRUE(workers[0]->next_command(command));
    EXPECT_EQ(command.kind, CommandKind::quit);
    EXPECT_FALSE(hand->finish());
}

TEST_F(Ranks, SignalsReachRankZero) {
    turn(2);
    EXPECT_EQ(head->interruptions(), 2);
}

TEST(Books, AreClosedForEveryKindOfTransaction) {
    stats::Counters counters;
    counters.add(Counter::removals_attempted, 3);
    counters.add(Counter::removals_failed, 1);
    counters.add(Counter::keep_alives_sent, 9);
    counters.add(Counter::keep_alives_answered, 4);
    counters.add(Counter::keep_alives_lost, 2);
    counters.add(Counter::clearings_attempted, 5);
    counters.add(Counter::subscriptions_attempted, 6);
    counters.add(Counter::subscriptions_abandoned, 6);
    close_books(counters);
    EXPECT_EQ(counters.of(Counter::removals_abandoned), 2U);
    EXPECT_EQ(counters.of(Counter::keep_alives_abandoned), 3U);
    EXPECT_EQ(counters.of(Counter::clearings_abandoned), 5U);
    EXPECT_EQ(counters.of(Counter::subscriptions_abandoned), 6U);
    EXPECT_EQ(counters.of(Counter::abandoned), 0U);
}

}  // namespace
}  // namespace regstorm::cluster
