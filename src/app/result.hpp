// SPDX-License-Identifier: Apache-2.0
// From what the workers counted to what the user is told.
#pragma once

#include <vector>

#include "app/controller.hpp"
#include "app/drive.hpp"
#include "app/plan.hpp"
#include "regstorm/config/scenario.hpp"
#include "regstorm/report/progress.hpp"
#include "regstorm/report/run_result.hpp"

namespace regstorm::app {

[[nodiscard]] report::SeriesRow make_row(const Interval& interval);

[[nodiscard]] report::ProgressSample make_sample(const Interval& interval, const RunPlan& plan);

/// What one interval has of a result: counts and delays of the interval alone, the population at its end.
[[nodiscard]] report::RunResult make_interval_result(const Interval& interval, const RunPlan& plan);

/// `ranks`: those of a run of several, in the order of their workers.
[[nodiscard]] report::RunResult make_result(const config::Scenario& scenario, const RunPlan& plan,
                                            const Outcome& outcome, const std::vector<WorkerReport>& reports,
                                            std::vector<report::SeriesRow> series,
                                            const std::vector<cluster::RankFacts>& ranks = {});

}  // namespace regstorm::app
