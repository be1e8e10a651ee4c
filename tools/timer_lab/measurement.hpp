// SPDX-License-Identifier: Apache-2.0
// What comes out of one facility under one script.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "perf_counters.hpp"
#include "regstorm/stats/histogram.hpp"
#include "script.hpp"

namespace regstorm::timer_lab {

struct Measurement {
    std::string workload;
    std::string facility;
    std::uint32_t timers = 0;
    std::uint64_t seed = 0;

    std::uint64_t operations = 0;  ///< timers set, unset and fired in the run
    std::array<std::uint64_t, kind_count> count{};
    std::array<std::uint64_t, kind_count> spent_ns{};
    std::uint64_t fired = 0;
    std::uint64_t early = 0;  ///< fired before its time; only where a clock cannot be set
    std::uint64_t fill_ns = 0;
    std::uint64_t fill_count = 0;
    std::size_t bytes = 0;         ///< most that it held, records excluded
    stats::Histogram stall_ns;     ///< of each call of advance()
    stats::Histogram lateness_ms;  ///< of each timer that fired: 0 at the first advance() that could
    std::array<std::optional<std::uint64_t>, event_count> events{};
    std::string events_refusal;

    /// Nanoseconds for each; 0 when there was none.
    [[nodiscard]] static double each(std::uint64_t ns, std::uint64_t count) {
        return count == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(count);
    }
    [[nodiscard]] std::uint64_t total_ns() const { return spent_ns[0] + spent_ns[1] + spent_ns[2]; }
    [[nodiscard]] double ns_each() const { return each(total_ns(), operations); }
    [[nodiscard]] double arm_ns() const { return each(spent_ns[0], count[0]); }
    [[nodiscard]] double cancel_ns() const { return each(spent_ns[1], count[1]); }
    /// Advancing, what was armed again included, for each timer that fired.
    [[nodiscard]] double fire_ns() const { return each(spent_ns[2], fired); }
    [[nodiscard]] double fill_each_ns() const { return each(fill_ns, fill_count); }
    [[nodiscard]] double bytes_each() const { return each(bytes, timers); }
    [[nodiscard]] std::optional<double> event_each(Event event) const {
        const std::optional<std::uint64_t>& value = events[static_cast<std::size_t>(event)];
        return value ? std::optional(each(*value, operations)) : std::nullopt;
    }
};

/// One facility as the lab knows it.
struct Facility {
    const char* name;
    const char* note;
    Measurement (*measure)(const Script& script);
};
[[nodiscard]] std::vector<Facility> facilities();

}  // namespace regstorm::timer_lab
