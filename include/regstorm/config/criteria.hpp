// SPDX-License-Identifier: Apache-2.0
// "rrd_p99 > 50ms; ira > 1%": when a run has failed, in the words of its user. Each figure has one kind of value, so
// that a delay without a unit or a share of 50 is refused before the run and not misjudged after it.
//
//     CRITERIA  = CRITERION *(";" CRITERION)
//     CRITERION = FIGURE (">" / ">=" / "<" / "<=") VALUE
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regstorm/config/values.hpp"

namespace regstorm::config {

enum class Figure : std::uint8_t {
    rrd_mean,
    rrd_p50,
    rrd_p90,
    rrd_p99,
    rrd_p999,
    rrd_max,
    service_p50,
    service_p99,
    service_p999,
    send_lag_p99,
    options_rtt_p99,
    loss,  ///< attempts that failed or had no outcome when the run ended, of all attempted
    ira,   ///< ineffective registration attempts (RFC 6076 4.2): failed of all attempted
    failed,
    retransmitted,  ///< of the datagrams sent
    registered,     ///< of the endpoints
    options_lost,
    binding_lost,
    recovery_50,  ///< the longest of all recoveries
    recovery_90,
    recovery_99,
    recovery_100,
    per_second,
};

/// What a figure is measured in; the value of a criterion is in it.
enum class FigureUnit : std::uint8_t { delay_us, span_s, share, count, per_second };

enum class Comparison : std::uint8_t { above, at_least, below, at_most };

/// The run has failed when `figure comparison value` holds.
struct Criterion {
    std::string text{};  ///< as it was written, blanks in order
    Figure figure = Figure::rrd_p99;
    Comparison comparison = Comparison::above;
    double value = 0;
};

inline constexpr std::size_t criteria_max = 64;

[[nodiscard]] FigureUnit unit_of(Figure figure);
[[nodiscard]] bool holds(const Criterion& criterion, double value);

/// Empty text: none. The problem names the criterion, what is allowed in its place, and what was probably meant.
[[nodiscard]] Parsed<std::vector<Criterion>> parse_criteria(std::string_view text);
/// The same for the table of options: what is wrong, or nothing.
[[nodiscard]] std::string check_criteria(std::string_view text);
/// "loss <= 0.01% and rrd_p99 < 50ms": what has to hold, with "and" or ";" between them; not empty.
[[nodiscard]] Parsed<std::vector<Criterion>> parse_goal(std::string_view text);
[[nodiscard]] std::string check_goal(std::string_view text);
/// And only figures that an interval has.
[[nodiscard]] std::string check_interval_criteria(std::string_view text);

}  // namespace regstorm::config
