// SPDX-License-Identifier: Apache-2.0
// A log-linear histogram of nanoseconds: HdrHistogram's layout for two significant digits and a lowest discernible
// value of 1, so that the counts can be written as a standard HdrHistogram log without conversion.
//
// Values below 256 have buckets of their own; above, every power of two has 128, so a reported value is less than
// 0.8 % above the true one. Sorted samples would be exact and cost 8 bytes each; quantile sketches (t-digest, DDSketch)
// are smaller, but cost more to record and no tool reads them. 37 KB; recording is one load, one clz and a few plain
// stores, 2 ns (bench/stats). One writer; a reader copies the whole (it is trivially copyable) when the writer rests.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

#include "regstorm/base/units.hpp"

namespace regstorm::stats {

class Histogram {
    __extension__ using Wide = unsigned __int128;

  public:
    static constexpr std::uint32_t significant_digits = 2;
    static constexpr std::uint32_t sub_bucket_count = 256;  ///< the least power of two above 2 * 10^significant_digits
    static constexpr std::uint32_t bucket_count = 36;       ///< powers of two: 256, 512, ... 2^43
    static constexpr std::uint32_t counts_size = (bucket_count + 1) * sub_bucket_count / 2;
    /// 2.4 hours. Larger values are counted in the last bucket and in saturated().
    static constexpr base::Nanoseconds highest_trackable_ns =
        (base::Nanoseconds{sub_bucket_count} << (bucket_count - 1)) - 1;

    void record(base::Nanoseconds ns) {
        ++counts_[index_of(ns)];
        sum_ += ns;
        // Branches that are seldom taken cost less than three words stored each time.
        if (ns < min_) [[unlikely]] {
            min_ = ns;
        }
        if (ns > max_) [[unlikely]] {
            max_ = ns;
        }
        if (ns > highest_trackable_ns) [[unlikely]] {
            ++saturated_;
        }
    }

    void merge(const Histogram& other) {
        for (std::uint32_t i = 0; i < counts_size; ++i) {
            counts_[i] += other.counts_[i];
        }
        sum_ += other.sum_;
        min_ = std::min(min_, other.min_);
        max_ = std::max(max_, other.max_);
        saturated_ += other.saturated_;
    }

    /// Takes away an earlier state of the same histogram: what is left was recorded since. Its minimum and maximum are
    /// then known to their buckets only.
    void subtract(const Histogram& earlier) {
        min_ = std::numeric_limits<base::Nanoseconds>::max();
        max_ = 0;
        for (std::uint32_t i = 0; i < counts_size; ++i) {
            counts_[i] -= earlier.counts_[i];
            if (counts_[i] != 0) {
                min_ = std::min(min_, lowest_of(i));
                max_ = highest_of(i);
            }
        }
        sum_ -= earlier.sum_;
        saturated_ -= earlier.saturated_;
    }

    /// Adds up the buckets, so that record() does not have to: 1 us.
    [[nodiscard]] std::uint64_t count() const {
        std::uint64_t total = 0;
        for (const std::uint64_t bucket : counts_) {
            total += bucket;
        }
        return total;
    }
    /// Exact inside; a double because 5 million waits of 32 s a second leave 64 bits after two minutes.
    [[nodiscard]] double sum() const { return static_cast<double>(sum_); }
    [[nodiscard]] double mean() const {
        const std::uint64_t total = count();
        return total == 0 ? 0.0 : sum() / static_cast<double>(total);
    }
    /// Exact, also beyond highest_trackable_ns. 0 when empty.
    [[nodiscard]] base::Nanoseconds min() const { return min_ <= max_ ? min_ : 0; }
    [[nodiscard]] base::Nanoseconds max() const { return max_; }
    [[nodiscard]] std::uint64_t saturated() const { return saturated_; }

    /// The value at or below which the share `quantile` (0..1) of the samples lies, by nearest rank: the sample of
    /// rank ceil(quantile * count), at least the first. As in HdrHistogram the highest value of its bucket is reported,
    /// but never more than the exact maximum. 0 when empty.
    [[nodiscard]] base::Nanoseconds value_at(double quantile) const {
        // One step down first: 0.9 * 10 must not become rank 10 because 0.9 is a little more than nine tenths.
        const double share = std::nextafter(std::clamp(quantile, 0.0, 1.0), 0.0);
        const std::uint64_t total = count();
        const auto rank =
            std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total))), 1,
                                      std::max<std::uint64_t>(total, 1));
        std::uint64_t seen = 0;
        for (std::uint32_t i = 0; i < counts_size; ++i) {
            seen += counts_[i];
            if (seen >= rank) {
                return std::min(highest_of(i), max_);
            }
        }
        return 0;
    }

    /// Calls f(lowest_ns, highest_ns, count) for each bucket that is not empty, in ascending order.
    template <class F>
    void for_each_bucket(F&& f) const {
        for (std::uint32_t i = 0; i < counts_size; ++i) {
            if (counts_[i] != 0) {
                f(lowest_of(i), highest_of(i), counts_[i]);
            }
        }
    }

    /// In HdrHistogram's order, for its log format.
    [[nodiscard]] std::span<const std::uint64_t, counts_size> counts() const { return counts_; }

    [[nodiscard]] static constexpr std::uint32_t index_of(base::Nanoseconds ns) {
        ns = std::min(ns, highest_trackable_ns);
        const std::uint32_t bucket = bucket_of(ns);
        return (bucket << half_bits) + static_cast<std::uint32_t>(ns >> bucket);
    }
    /// The range of values that share bucket `index`, both ends included.
    [[nodiscard]] static constexpr base::Nanoseconds lowest_of(std::uint32_t index) {
        const std::uint32_t bucket = bucket_of_index(index);
        return base::Nanoseconds{index - (bucket << half_bits)} << bucket;
    }
    [[nodiscard]] static constexpr base::Nanoseconds highest_of(std::uint32_t index) {
        return lowest_of(index) + (base::Nanoseconds{1} << bucket_of_index(index)) - 1;
    }

  private:
    static constexpr std::uint32_t half_bits = std::bit_width(sub_bucket_count) - 2;  // 128 sub-buckets a power of two

    [[nodiscard]] static constexpr std::uint32_t bucket_of(base::Nanoseconds ns) {
        return static_cast<std::uint32_t>(std::bit_width(ns | (sub_bucket_count - 1))) - half_bits - 1;
    }
    [[nodiscard]] static constexpr std::uint32_t bucket_of_index(std::uint32_t index) {
        return index < sub_bucket_count ? 0 : (index >> half_bits) - 1;
    }

    std::array<std::uint64_t, counts_size> counts_{};
    Wide sum_ = 0;
    base::Nanoseconds min_ = std::numeric_limits<base::Nanoseconds>::max();
    base::Nanoseconds max_ = 0;
    std::uint64_t saturated_ = 0;
};

static_assert(std::is_trivially_copyable_v<Histogram>, "snapshots copy it");
static_assert(Histogram::highest_trackable_ns >= (base::Nanoseconds{1} << 42));
static_assert(Histogram::index_of(Histogram::highest_trackable_ns) == Histogram::counts_size - 1);

}  // namespace regstorm::stats
