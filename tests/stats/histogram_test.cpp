// SPDX-License-Identifier: Apache-2.0
// The histogram against sorted samples, and its layout against HdrHistogram's published formulas.
#include "regstorm/stats/histogram.hpp"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "regstorm/base/prng.hpp"

namespace regstorm::stats {
namespace {

using base::Nanoseconds;

constexpr double quantiles[] = {0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0};

struct Distribution {
    const char* name;
    std::function<Nanoseconds(base::Prng&)> draw;
};

std::vector<Distribution> distributions() {
    return {
        {"constant", [](base::Prng&) { return Nanoseconds{1'234'567}; }},
        {"small", [](base::Prng& prng) { return prng.below(300); }},
        {"uniform", [](base::Prng& prng) { return prng.below(10'000'000); }},
        {"exponential",
         [](base::Prng& prng) { return static_cast<Nanoseconds>(-std::log(1 - prng.unit()) * 300'000); }},
        {"every magnitude", [](base::Prng& prng) { return prng.next() >> (21 + prng.below(43)); }},
        {"two modes",
         [](base::Prng& prng) {
             return prng.below(10) < 9 ? 200'000 + prng.below(50'000) : 500'000'000 + prng.below(1'000'000);
         }},
        {"powers of two", [](base::Prng& prng) { return (Nanoseconds{1} << prng.below(43)) - prng.below(2); }},
    };
}

Nanoseconds nearest_rank(const std::vector<Nanoseconds>& sorted, double quantile) {
    const double rank = std::ceil(std::nextafter(quantile, 0.0) * static_cast<double>(sorted.size()));
    return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

TEST(Histogram, ReportsQuantilesWithinEightPerMilleAboveTheExactOnes) {
    for (const Distribution& distribution : distributions()) {
        for (std::uint64_t seed = 1; seed <= 10; ++seed) {
            SCOPED_TRACE(::testing::Message() << distribution.name << ", seed " << seed);
            base::Prng prng(seed);
            std::vector<Nanoseconds> samples(1 + prng.below(5'000));
            Histogram histogram;
            long double sum = 0;
            for (Nanoseconds& sample : samples) {
                sample = distribution.draw(prng);
                histogram.record(sample);
                sum += static_cast<long double>(sample);
            }
            std::ranges::sort(samples);
            EXPECT_EQ(histogram.count(), samples.size());
            EXPECT_EQ(histogram.min(), samples.front());
            EXPECT_EQ(histogram.max(), samples.back());
            EXPECT_DOUBLE_EQ(histogram.sum(), static_cast<double>(sum));
            EXPECT_DOUBLE_EQ(histogram.mean(), static_cast<double>(sum / static_cast<long double>(samples.size())));
            for (const double quantile : quantiles) {
                const Nanoseconds exact = nearest_rank(samples, quantile);
                const Nanoseconds reported = histogram.value_at(quantile);
                EXPECT_GE(reported, exact) << quantile;
                EXPECT_LE(static_cast<double>(reported - exact), static_cast<double>(exact) / 128) << quantile;
                EXPECT_LE(reported, histogram.max()) << quantile;
            }
        }
    }
}

TEST(Histogram, ReportsTheRankThatTheQuantileNames) {
    Histogram histogram;
    for (Nanoseconds value = 1; value <= 100; ++value) {
        histogram.record(value);
    }
    EXPECT_EQ(histogram.value_at(0.0), 1U);
    EXPECT_EQ(histogram.value_at(0.5), 50U);
    EXPECT_EQ(histogram.value_at(0.9), 90U);
    EXPECT_EQ(histogram.value_at(0.99), 99U);
    EXPECT_EQ(histogram.value_at(0.991), 100U);
    EXPECT_EQ(histogram.value_at(1.0), 100U);
}

TEST(Histogram, ReportsTheTopOfABucketButNeverMoreThanTheMaximum) {
    Histogram histogram;
    histogram.record(1'000);  // shares its bucket with 1000..1003
    histogram.record(1'000'000);
    EXPECT_EQ(histogram.value_at(0.5), 1'003U);
    EXPECT_EQ(histogram.value_at(1.0), 1'000'000U);
}

// countsArrayIndex() of HdrHistogram: two's exponent, then the 128 upper sub-buckets.
std::uint32_t hdr_index(Nanoseconds value) {
    int bucket = 0;
    while ((value >> bucket) >= 256) {
        ++bucket;
    }
    const auto sub_bucket = static_cast<int>(value >> bucket);
    return static_cast<std::uint32_t>((bucket + 1) * 128 + (sub_bucket - 128));
}

TEST(Histogram, HasTheLayoutOfHdrHistogramWithTwoDigits) {
    base::Prng prng(3);
    for (int i = 0; i < 100'000; ++i) {
        const Nanoseconds value = prng.next() >> (21 + prng.below(43));
        ASSERT_EQ(Histogram::index_of(value), hdr_index(value)) << value;
    }
    EXPECT_EQ(Histogram::counts_size, 4'736U);
}

TEST(Histogram, BucketsFollowEachOtherWithoutGapOrOverlap) {
    Nanoseconds expected = 0;
    for (std::uint32_t i = 0; i < Histogram::counts_size; ++i) {
        ASSERT_EQ(Histogram::lowest_of(i), expected);
        ASSERT_EQ(Histogram::index_of(Histogram::lowest_of(i)), i);
        ASSERT_EQ(Histogram::index_of(Histogram::highest_of(i)), i);
        expected = Histogram::highest_of(i) + 1;
    }
    EXPECT_EQ(expected, Histogram::highest_trackable_ns + 1);
}

TEST(Histogram, CountsWhatIsBeyondItsRangeInTheLastBucket) {
    Histogram histogram;
    histogram.record(Histogram::highest_trackable_ns);
    EXPECT_EQ(histogram.saturated(), 0U);
    histogram.record(Histogram::highest_trackable_ns + 1);
    histogram.record(~Nanoseconds{0} - 1);
    EXPECT_EQ(histogram.saturated(), 2U);
    EXPECT_EQ(histogram.counts().back(), 3U);
    EXPECT_EQ(histogram.max(), ~Nanoseconds{0} - 1);
    EXPECT_EQ(histogram.value_at(1.0), Histogram::highest_trackable_ns);
}

TEST(Histogram, MergedPartsAreTheWhole) {
    base::Prng prng(5);
    auto whole = std::make_unique<Histogram>();
    auto merged = std::make_unique<Histogram>();
    for (int part = 0; part < 8; ++part) {
        auto histogram = std::make_unique<Histogram>();
        for (int i = 0; i < 1'000; ++i) {
            const Nanoseconds value = prng.next() >> (16 + prng.below(48));
            histogram->record(value);
            whole->record(value);
        }
        merged->merge(*histogram);
    }
    merged->merge(Histogram{});
    EXPECT_TRUE(std::ranges::equal(merged->counts(), whole->counts()));
    EXPECT_EQ(merged->count(), whole->count());
    EXPECT_EQ(merged->sum(), whole->sum());
    EXPECT_EQ(merged->min(), whole->min());
    EXPECT_EQ(merged->max(), whole->max());
    EXPECT_EQ(merged->saturated(), whole->saturated());
}

TEST(Histogram, IteratesOverItsBucketsInOrder) {
    Histogram histogram;
    for (const Nanoseconds value : {5ULL, 5ULL, 1'001ULL, 70'000ULL}) {
        histogram.record(value);
    }
    std::vector<std::vector<Nanoseconds>> buckets;
    histogram.for_each_bucket([&](Nanoseconds lowest_ns, Nanoseconds highest_ns, std::uint64_t count) {
        buckets.push_back({lowest_ns, highest_ns, count});
    });
    EXPECT_EQ(buckets, (std::vector<std::vector<Nanoseconds>>{{5, 5, 2}, {1'000, 1'003, 1}, {69'632, 70'143, 1}}));
}

TEST(Histogram, IsZeroWhenEmpty) {
    const Histogram histogram;
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.min(), 0U);
    EXPECT_EQ(histogram.max(), 0U);
    EXPECT_EQ(histogram.mean(), 0.0);
    EXPECT_EQ(histogram.value_at(0.99), 0U);
}

// 5 million answers a second after 32 s each leave 64 bits in two minutes.
TEST(Histogram, SumsBeyondSixtyFourBits) {
    Histogram histogram;
    for (int i = 0; i < 4; ++i) {
        histogram.record(Nanoseconds{1} << 63);
    }
    EXPECT_DOUBLE_EQ(histogram.sum(), 0x1p65);
    EXPECT_DOUBLE_EQ(histogram.mean(), 0x1p63);
}

}  // namespace
}  // namespace regstorm::stats
