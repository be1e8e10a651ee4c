// SPDX-License-Identifier: Apache-2.0
// The ring between two cores. Its own program in suite 'threads', so that the thread sanitizer runs it as well.
#include "regstorm/base/spsc_ring.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <thread>

namespace regstorm::base {
namespace {

struct Item {
    std::uint64_t number = 0;
    std::uint64_t twice = 0;
};

TEST(SpscRing, RefusesWhatDoesNotFitAndLosesNothingOfTheRest) {
    // On the heap, as rings are: g++ takes the slots of an empty ring on the stack for uninitialised reads.
    const auto ring = std::make_unique<SpscRing<Item, 8>>();
    Item item;
    EXPECT_FALSE(ring->pop(item));
    std::uint64_t pushed = 0;
    while (ring->push({.number = pushed, .twice = 2 * pushed})) {
        ++pushed;
        ASSERT_LE(pushed, 8U);
    }
    EXPECT_EQ(pushed, 8U);
    for (std::uint64_t expected = 0; expected < pushed; ++expected) {
        ASSERT_TRUE(ring->pop(item));
        EXPECT_EQ(item.number, expected);
    }
    EXPECT_FALSE(ring->pop(item));
}

TEST(SpscRing, CarriesItemsBetweenTwoThreadsWholeAndInOrder) {
    constexpr std::uint64_t count = 200'000;
    const auto ring = std::make_unique<SpscRing<Item, 64>>();
    std::thread producer([&ring] {
        for (std::uint64_t number = 0; number < count;) {
            if (ring->push({.number = number, .twice = 2 * number})) {
                ++number;
            } else {
                std::this_thread::yield();
            }
        }
    });
    std::uint64_t wrong = 0;
    for (std::uint64_t expected = 0; expected < count;) {
        Item item;
        if (ring->pop(item)) {
            wrong += item.number != expected || item.twice != 2 * expected ? 1 : 0;
            ++expected;
        } else {
            std::this_thread::yield();
        }
    }
    producer.join();
    EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace regstorm::base
