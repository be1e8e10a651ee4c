// SPDX-License-Identifier: Apache-2.0
// What passes between a worker and the controller, on two threads: whole, in order, and never more than there is room
// for. Its own program in suite 'threads', so that the thread sanitizer runs it as well.
#include "regstorm/engine/mailbox.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <thread>

namespace regstorm::engine {
namespace {

/// A snapshot of which every part, the last byte included, tells its number.
void write_number(Snapshot& snapshot, std::uint64_t number) {
    snapshot = {};
    snapshot.at_ns = number;
    snapshot.census.fill(static_cast<std::uint32_t>(number));
    snapshot.census_at_stop.fill(static_cast<std::uint32_t>(number));
    snapshot.counters.value.fill(number);
    snapshot.counters.responses.fill(number);
    snapshot.counters.failed_by.fill(number);
    snapshot.rrd.record(number);
    snapshot.send_lag.record(number);
    snapshot.keep_alive_rtt.record(number);
    snapshot.longest_gap_ns = number;
}

bool is_whole(const Snapshot& snapshot, std::uint64_t number) {
    const auto all = [number](const auto& values) {
        return std::ranges::all_of(values, [number](std::uint64_t value) { return value == number; });
    };
    const auto only = [number](const stats::Histogram& histogram) {
        return histogram.count() == 1 && histogram.min() == number && histogram.max() == number;
    };
    return snapshot.at_ns == number && all(snapshot.census) && all(snapshot.census_at_stop) &&
           all(snapshot.counters.value) && all(snapshot.counters.responses) && all(snapshot.counters.failed_by) &&
           only(snapshot.rrd) && only(snapshot.send_lag) && only(snapshot.keep_alive_rtt) &&
           snapshot.longest_gap_ns == number;
}

TEST(Mailbox, HoldsAsManySnapshotsAsItHasPlacesAndRefusesMore) {
    const auto mailbox = std::make_unique<Mailbox>();
    const auto snapshot = std::make_unique<Snapshot>();
    EXPECT_FALSE(mailbox->read(*snapshot));
    std::uint64_t published = 0;
    bool written = false;
    while (mailbox->publish([&](Snapshot& place) { write_number(place, published); })) {
        ++published;
        ASSERT_LE(published, std::uint64_t{Mailbox::snapshots});
    }
    EXPECT_EQ(published, std::uint64_t{Mailbox::snapshots});
    EXPECT_FALSE(mailbox->publish([&](Snapshot&) { written = true; }));
    EXPECT_FALSE(written) << "a refused snapshot would have been written over one that waits";
    for (std::uint64_t expected = 0; expected < published; ++expected) {
        ASSERT_TRUE(mailbox->read(*snapshot));
        EXPECT_TRUE(is_whole(*snapshot, expected)) << expected;
    }
    EXPECT_FALSE(mailbox->read(*snapshot));
}

TEST(Mailbox, HoldsABoundedNumberOfCommands) {
    const auto mailbox = std::make_unique<Mailbox>();
    std::uint64_t sent = 0;
    while (mailbox->command({CommandKind::start, sent})) {
        ++sent;
        ASSERT_LE(sent, 16U);
    }
    EXPECT_EQ(sent, 16U);
    Command command;
    for (std::uint64_t expected = 0; expected < sent; ++expected) {
        ASSERT_TRUE(mailbox->next_command(command));
        EXPECT_EQ(command.at_ns, expected);
    }
    EXPECT_FALSE(mailbox->next_command(command));
}

TEST(Mailbox, CarriesSnapshotsBetweenTwoThreadsWholeAndInOrder) {
    constexpr std::uint64_t count = 400;  // each waits for the other thread, which a busy machine lets wait
    const auto mailbox = std::make_unique<Mailbox>();
    std::thread worker([&] {
        for (std::uint64_t number = 0; number < count;) {
            if (mailbox->publish([&](Snapshot& place) { write_number(place, number); })) {
                ++number;
            } else {
                std::this_thread::yield();
            }
        }
    });
    const auto snapshot = std::make_unique<Snapshot>();
    std::uint64_t torn = 0;
    for (std::uint64_t expected = 0; expected < count;) {
        if (mailbox->read(*snapshot)) {
            torn += is_whole(*snapshot, expected) ? 0 : 1;
            ++expected;
        } else {
            std::this_thread::yield();
        }
    }
    worker.join();
    EXPECT_EQ(torn, 0U);
    EXPECT_FALSE(mailbox->read(*snapshot));
}

TEST(Mailbox, CarriesCommandsOneWayAndWhatTheyCausedTheOther) {
    constexpr std::uint64_t count = 400;  // each waits for the other thread, which a busy machine lets wait
    const auto mailbox = std::make_unique<Mailbox>();
    std::uint64_t disordered = 0;
    std::thread worker([&] {
        Command command{CommandKind::start};
        for (std::uint64_t obeyed = 0; command.kind != CommandKind::quit;) {
            if (!mailbox->next_command(command)) {
                std::this_thread::yield();
                continue;
            }
            disordered += command.at_ns == obeyed ? 0 : 1;
            ++obeyed;
            while (!mailbox->publish([&](Snapshot& place) { write_number(place, command.at_ns); })) {
                std::this_thread::yield();
            }
        }
    });
    const auto snapshot = std::make_unique<Snapshot>();
    std::uint64_t sent = 0;
    std::uint64_t torn = 0;
    for (std::uint64_t heard = 0; heard < count;) {
        const CommandKind kind = sent + 1 == count ? CommandKind::quit : CommandKind::start;
        if (sent < count && mailbox->command({kind, sent})) {
            ++sent;
        } else if (mailbox->read(*snapshot)) {
            torn += is_whole(*snapshot, heard) ? 0 : 1;
            ++heard;
        } else {
            std::this_thread::yield();
        }
    }
    worker.join();
    EXPECT_EQ(disordered, 0U);
    EXPECT_EQ(torn, 0U);
}

}  // namespace
}  // namespace regstorm::engine
