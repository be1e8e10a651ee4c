// SPDX-License-Identifier: Apache-2.0
// INV-5, checked after whatever a test did: every datagram in one counter, every attempt in one outcome.
#pragma once

#include <gtest/gtest.h>

#include "regstorm/engine/mailbox.hpp"

namespace regstorm::engine {

inline void expect_sums(const Snapshot& snapshot) {
    using registration::State;
    using stats::Counter;
    std::uint64_t received = 0;
    std::uint64_t failed = 0;
    for (std::size_t i = 0; i < stats::counter_count; ++i) {
        received += stats::counter_rows[i].sum == stats::Sum::received ? snapshot.counters.value[i] : 0;
        failed += stats::counter_rows[i].sum == stats::Sum::failed ? snapshot.counters.value[i] : 0;
    }
    for (const std::uint64_t count : snapshot.counters.failed_by) {
        failed += count;
    }
    const auto count = [&](Counter counter) { return snapshot.counters.of(counter); };
    const auto in_state = [&](State state) { return snapshot.census[static_cast<std::size_t>(state)]; };
    const bool running = snapshot.phase != Phase::done;
    EXPECT_EQ(received, count(Counter::received)) << "INV-5";
    EXPECT_EQ(failed, count(Counter::failed)) << "every failure has one cause";
    EXPECT_EQ(count(Counter::attempted),
              count(Counter::succeeded) + count(Counter::failed) + count(Counter::abandoned) +
                  (running ? in_state(State::registering) + in_state(State::refreshing) : 0));
    EXPECT_EQ(count(Counter::clearings_attempted),
              count(Counter::clearings_succeeded) + count(Counter::clearings_failed) +
                  count(Counter::clearings_abandoned) + (running ? in_state(State::clearing) : 0));
    // Of what runs beside, the snapshot does not say how much is outstanding.
    const std::uint64_t keep_alives =
        count(Counter::keep_alives_answered) + count(Counter::keep_alives_lost) + count(Counter::keep_alives_abandoned);
    EXPECT_GE(count(Counter::keep_alives_sent), keep_alives);
    const std::uint64_t subscriptions = count(Counter::subscriptions_succeeded) + count(Counter::subscriptions_failed) +
                                        count(Counter::subscriptions_abandoned);
    EXPECT_GE(count(Counter::subscriptions_attempted), subscriptions);
    if (!running) {
        EXPECT_EQ(count(Counter::keep_alives_sent), keep_alives);
        EXPECT_EQ(count(Counter::subscriptions_attempted), subscriptions);
    }
    EXPECT_EQ(count(Counter::removals_attempted), count(Counter::removals_succeeded) + count(Counter::removals_failed) +
                                                      count(Counter::removals_abandoned) +
                                                      (running ? in_state(State::removing) : 0));
}

}  // namespace regstorm::engine
