// SPDX-License-Identifier: Apache-2.0
// The open-loop pacer: when each attempt is due, whatever the registrar does and however late this worker is.
//
// Slot k of a worker is due at start + (k * workers + worker) / rate. The schedule is absolute: a slot handed out late
// keeps its intended time, so delay measured from it includes the wait (no coordinated omission), and nothing is
// dropped: what does not fit one call is there at the next. Adding a rounded interval drifts (a 32-bit fraction by
// 0.1 ns an hour at 333,333/s, whole nanoseconds by up to 3.6 ms an hour), so times are 64.64 fixed point: two
// additions. About 1 ns a slot (bench/timer: BM_PacerDue).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "regstorm/base/check.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/base/units.hpp"

namespace regstorm::timer {

class Pacer {
    __extension__ using Fixed = unsigned __int128;  ///< nanoseconds, 64 bits before the point and 64 after it

  public:
    /// Every call of due() hands out as much as it may, intended now: no schedule at all.
    static constexpr double unlimited = std::numeric_limits<double>::infinity();
    static constexpr base::Nanoseconds never = ~base::Nanoseconds{0};

    /// `rate_per_s` is that of all workers together; 0 pauses.
    Pacer(double rate_per_s, base::Nanoseconds start_ns, std::uint32_t worker, std::uint32_t workers)
        : workers_(workers), line_(line(rate_per_s, start_ns, static_cast<long double>(worker) / workers)) {
        CHECK(worker < workers);
    }

    /// From now on the gaps are exponential around the rate's interval: a Poisson process of that rate, also as the sum
    /// of those of several workers with different seeds.
    void randomise(std::uint64_t seed) { random_.emplace(seed); }

    /// Calls slot(intended_ns) for each slot due at `now_ns`, at most `max`; returns how many.
    template <class F>
    std::uint32_t due(base::Nanoseconds now_ns, std::uint32_t max, F&& slot) {
        if (line_.mode == Mode::unlimited) [[unlikely]] {
            for (std::uint32_t i = 0; i < max; ++i) {
                slot(now_ns);
            }
            return max;
        }
        std::uint32_t count = 0;
        for (; count < max && whole(line_.next) <= now_ns; ++count) {
            slot(whole(line_.next));
            line_.next += random_ ? random_gap() : line_.interval;
            if (until_switch_ != 0 && --until_switch_ == 0) [[unlikely]] {
                line_ = coming_;
            }
        }
        return count;
    }

    /// Slots that were due by `now_ns` and are not handed out.
    [[nodiscard]] std::uint64_t behind(base::Nanoseconds now_ns) const {
        return until_switch_ == 0 ? line_.late(now_ns) : until_switch_ + coming_.late(now_ns);
    }

    /// From `now_ns` on slots follow `rate_per_s`; the share of a slot that has built up by now carries over, so that
    /// a ramp of many small changes loses nothing. Late slots keep their intended times, unless the rate changes
    /// again before they are handed out: then their number and their first time are kept and the rest is evened out.
    void set_rate(double rate_per_s, base::Nanoseconds now_ns) {
        const Line& latest = until_switch_ == 0 ? line_ : coming_;
        const Line next = line(rate_per_s, now_ns, latest.phase_at(now_ns));
        const std::uint64_t late = behind(now_ns);
        if (late == 0) {
            line_ = next;
            return;
        }
        if (until_switch_ != 0) {
            line_.interval = std::max<Fixed>((std::max(fixed(now_ns), line_.next) - line_.next) / late, 1);
        }
        coming_ = next;
        until_switch_ = late;
    }

    /// When due() will next have something: 0 when it always has, `never` when paused.
    [[nodiscard]] base::Nanoseconds next_due_ns() const {
        return line_.mode == Mode::unlimited ? 0 : whole(line_.next);
    }

  private:
    enum class Mode : std::uint8_t { paused, paced, unlimited };
    static constexpr long double interval_ns_max = 3.2e18L;  // a century: slower than that is paused

    [[nodiscard]] static constexpr Fixed fixed(base::Nanoseconds ns) { return Fixed{ns} << 64; }
    [[nodiscard]] static constexpr base::Nanoseconds whole(Fixed time) {
        return static_cast<base::Nanoseconds>(time >> 64);
    }
    // In two parts, because a long double has 64 bits and Fixed has 128.
    [[nodiscard]] static Fixed fixed_of(long double ns) {
        const long double floor_ns = std::floor(ns);
        return fixed(static_cast<base::Nanoseconds>(floor_ns)) + static_cast<std::uint64_t>((ns - floor_ns) * 0x1p64L);
    }

    /// One rate: slots at next, next + interval, and so on. Not paced: none, with `phase` for the rate that follows.
    struct Line {
        Mode mode = Mode::paused;
        Fixed next = fixed(never);
        Fixed interval = 1;
        long double phase = 0;  ///< share of an interval from the beginning to the first slot

        [[nodiscard]] std::uint64_t late(base::Nanoseconds now_ns) const {
            if (whole(next) > now_ns || mode != Mode::paced) {
                return 0;
            }
            return static_cast<std::uint64_t>((fixed(now_ns) + (fixed(1) - 1) - next) / interval + 1);
        }
        /// Share of an interval from `now_ns` to the first slot after it.
        [[nodiscard]] long double phase_at(base::Nanoseconds now_ns) const {
            if (mode != Mode::paced) {
                return phase;
            }
            const Fixed slot = next + late(now_ns) * interval;
            return std::min(static_cast<long double>(slot - fixed(now_ns)) / static_cast<long double>(interval), 1.0L);
        }
    };

    [[nodiscard, gnu::cold]] Line line(double rate_per_s, base::Nanoseconds from_ns, long double phase) const {
        Line result;
        result.phase = phase;
        const long double interval_ns = workers_ * 1e9L / static_cast<long double>(rate_per_s);
        if (rate_per_s == unlimited) {
            result.mode = Mode::unlimited;
        } else if (rate_per_s > 0 && interval_ns <= interval_ns_max) {
            result.mode = Mode::paced;
            result.interval = std::max<Fixed>(fixed_of(interval_ns), 1);
            result.next = fixed(from_ns) + fixed_of(phase * interval_ns);
        }
        return result;
    }

    /// The interval times an exponential of mean 1, to 32 bits after the point.
    [[nodiscard]] Fixed random_gap() {
        const double factor = -std::log1p(-random_->unit());
        return (line_.interval >> 32) * static_cast<std::uint64_t>(factor * 0x1p32);
    }

    std::uint32_t workers_;
    std::optional<base::Prng> random_;
    Line line_;
    Line coming_;                     ///< after until_switch_ late slots of line_
    std::uint64_t until_switch_ = 0;  ///< 0: no change of rate is waiting
};

}  // namespace regstorm::timer
