// SPDX-License-Identifier: Apache-2.0
#include "regstorm/cluster/share.hpp"

#include <gtest/gtest.h>

namespace regstorm::cluster {
namespace {

TEST(Share, PartsAreContiguousAndCoverEverythingOnce) {
    for (const std::uint32_t total : {1U, 2U, 7U, 1000U, 4'000'000'000U}) {
        for (const std::uint32_t parts : {1U, 2U, 3U, 7U, 256U}) {
            std::uint32_t next = 0;
            std::uint32_t least = total;
            std::uint32_t most = 0;
            for (std::uint32_t which = 0; which < parts; ++which) {
                const Part part = part_of(total, parts, which);
                EXPECT_EQ(part.first, next) << total << " in " << parts;
                next += part.count;
                least = std::min(least, part.count);
                most = std::max(most, part.count);
            }
            EXPECT_EQ(next, total);
            EXPECT_LE(most - least, 1U);
        }
    }
}

TEST(Share, TheFirstPartsTakeWhatDoesNotDivide) {
    EXPECT_EQ(part_of(11, 4, 0), (Part{0, 3}));
    EXPECT_EQ(part_of(11, 4, 2), (Part{6, 3}));
    EXPECT_EQ(part_of(11, 4, 3), (Part{9, 2}));
}

TEST(Share, AWorkerHasTheSamePhonesWhateverRankItIsIn) {
    // Four workers in one process, or in two ranks of two: the number of the worker decides, and nothing else.
    const Share second{.rank = 1, .ranks = 2, .first_worker = 2, .workers = 2, .of_workers = 4};
    EXPECT_EQ(part_of(1001, second.of_workers, second.first_worker), part_of(1001, 4, 2));
    EXPECT_EQ(part_of(1001, second.of_workers, second.first_worker).first, 501U);
}

}  // namespace
}  // namespace regstorm::cluster
