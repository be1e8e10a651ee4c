// SPDX-License-Identifier: Apache-2.0
#include "regstorm/timer/slot_bitmap.hpp"

#include <gtest/gtest.h>
#include <set>

#include "regstorm/base/prng.hpp"

namespace regstorm::timer {
namespace {

constexpr std::uint32_t bits = 11'264;

std::uint32_t expected_next(const std::set<std::uint32_t>& model, std::uint32_t from) {
    const auto found = model.lower_bound(from);
    return found == model.end() ? bits : *found;
}

TEST(SlotBitmap, FindsTheNextSetBitLikeASet) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE(::testing::Message() << "seed " << seed);
        base::Prng prng(seed);
        SlotBitmap<bits> bitmap;
        std::set<std::uint32_t> model;
        const std::uint64_t spread = seed % 2 == 0 ? bits : 200;
        for (int step = 0; step < 5'000; ++step) {
            const auto bit = static_cast<std::uint32_t>(prng.below(spread));
            if (prng.below(2) == 0) {
                bitmap.set(bit);
                model.insert(bit);
            } else if (prng.below(2) == 0) {
                bitmap.clear(bit);
                model.erase(bit);
            } else {
                model.erase(bit);
                ASSERT_EQ(bitmap.clear_and_next(bit), expected_next(model, bit));
            }
            const auto from = static_cast<std::uint32_t>(prng.below(bits + 1));
            ASSERT_EQ(bitmap.test(bit), model.contains(bit));
            ASSERT_EQ(bitmap.next(from), expected_next(model, from));
        }
    }
}

}  // namespace
}  // namespace regstorm::timer
