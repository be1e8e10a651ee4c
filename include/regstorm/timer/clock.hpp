// SPDX-License-Identifier: Apache-2.0
// Everything that reads time takes a clock, so that a day of phones can run in a second of test.
#pragma once

#include <chrono>
#include <concepts>

#include "regstorm/base/check.hpp"
#include "regstorm/base/units.hpp"

namespace regstorm::timer {

template <class C>
concept Clock = requires(C clock) {
    { clock.now_ns() } -> std::same_as<base::Nanoseconds>;
};

/// CLOCK_MONOTONIC through the vDSO: ~20 ns, no system call where the clock source is the TSC (`doctor` tells).
/// Read once per burst, so a raw TSC read would save < 1 ns a packet and cost a calibration.
class SystemClock {
  public:
    [[nodiscard]] base::Nanoseconds now_ns() const {
        return static_cast<base::Nanoseconds>(std::chrono::steady_clock::now().time_since_epoch().count());
    }
};

/// Time that only the test moves.
class VirtualClock {
  public:
    explicit VirtualClock(base::Nanoseconds start_ns = 0) : now_ns_(start_ns) {}
    [[nodiscard]] base::Nanoseconds now_ns() const { return now_ns_; }
    void advance_to(base::Nanoseconds now_ns) {
        CHECK(now_ns >= now_ns_);
        now_ns_ = now_ns;
    }

  private:
    base::Nanoseconds now_ns_;
};

/// The tick in progress at `now_ns`.
[[nodiscard]] constexpr base::Tick tick_at(base::Nanoseconds now_ns) {
    return static_cast<base::Tick>(now_ns / base::ns_per_ms);
}

/// The first tick that is not before `after_ms` milliseconds from `now_ns`: timers never fire early.
[[nodiscard]] constexpr base::Tick tick_after(base::Nanoseconds now_ns, base::Tick after_ms) {
    return static_cast<base::Tick>((now_ns + base::ns_per_ms - 1) / base::ns_per_ms + after_ms);
}

}  // namespace regstorm::timer
