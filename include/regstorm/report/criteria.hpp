// SPDX-License-Identifier: Apache-2.0
// report.fail_if held against what a run found out.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "regstorm/config/criteria.hpp"
#include "regstorm/report/run_result.hpp"

namespace regstorm::report {

/// In the figure's unit. Nothing where nothing was measured; infinite where a recovery was not reached.
[[nodiscard]] std::optional<double> figure_of(const RunResult& result, config::Figure figure);
/// "61.2 ms", "0.4%", "12,345"; "nothing measured", "not reached".
[[nodiscard]] std::string figure_text(config::Figure figure, std::optional<double> value);

/// What was not measured and what was not reached has not passed: a run cannot pass by measuring nothing.
[[nodiscard]] std::vector<Criterion> judge_criteria(const RunResult& result,
                                                    std::span<const config::Criterion> criteria);
/// The same for a goal: passed is what was measured and holds.
[[nodiscard]] std::vector<Criterion> judge_goal(const RunResult& result, std::span<const config::Criterion> goal);
[[nodiscard]] bool all_passed(const RunResult& result);

/// Of report.abort_if, the first that the interval fails, with its value ("rrd_p99 > 50ms: 61.2 ms"); empty: none. Here
/// what was not measured does not count: an interval may be short.
[[nodiscard]] std::string reason_to_abort(const RunResult& interval, std::span<const config::Criterion> criteria);

}  // namespace regstorm::report
