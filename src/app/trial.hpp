// SPDX-License-Identifier: Apache-2.0
// One trial of `regstorm capacity`: phones that register at a rate, and leave again; and what became of them, held
// against a goal.
#pragma once

#include <functional>
#include <span>

#include "app/controller.hpp"
#include "app/plan.hpp"
#include "regstorm/capacity/aor_space.hpp"
#include "regstorm/capacity/result.hpp"
#include "regstorm/config/criteria.hpp"
#include "regstorm/config/scenario.hpp"

namespace regstorm::app {

struct TrialAsk {
    capacity::Stage stage = capacity::Stage::search;
    double rate = 0;
    capacity::Block users{};
    double leave_per_s = 0;  ///< removals per second; 0: none, the bindings stay
    bool movable = true;     ///< users may be numbered from another number than 0
    bool own_registrar = false;
    std::uint32_t serial = 0;  ///< of the trial: with a fixed seed, each has identifiers of its own
    std::function<void(const Interval&, const RunPlan&)> progress{};
};

/// Throws PlanError and port::PortError; a worker that cannot start is a PortError too.
[[nodiscard]] capacity::Trial run_trial(const config::Scenario& scenario, const TrialAsk& ask,
                                        std::span<const config::Criterion> goal);

/// Un-registers whatever the first users have, those of others included, and leaves nothing itself. False when the
/// registrar did not confirm all of it.
[[nodiscard]] bool sweep(const config::Scenario& scenario, std::uint32_t users, double rate, std::uint32_t serial);

/// The scenario of a trial, and its plan.
[[nodiscard]] config::Scenario scenario_of(const config::Scenario& scenario, const TrialAsk& ask);
[[nodiscard]] RunPlan plan_of(const config::Scenario& trial, const TrialAsk& ask);

/// Whether a trial breaks its goal whatever comes after `now`: a search need not see its end. Of the share of what
/// failed, and of delays; of all other figures it says no.
[[nodiscard]] bool is_lost(const Interval& now, const RunPlan& plan, std::span<const config::Criterion> goal);

/// Fills in what a result says, and judges: the generator first, then the goal. `broke_first` is what an interval broke
/// first, if any did.
void judge_trial(capacity::Trial& trial, const report::RunResult& result, const config::Limits& limits,
                 std::span<const config::Criterion> goal);

}  // namespace regstorm::app
