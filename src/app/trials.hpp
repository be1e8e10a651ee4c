// SPDX-License-Identifier: Apache-2.0
// The trials of one search, in a row: which users each takes, that they are clean, how long it may go on, and what is
// told while it does.
#pragma once

#include <chrono>
#include <cstdio>
#include <vector>

#include "app/trial.hpp"
#include "regstorm/report/progress.hpp"

namespace regstorm::app {

class Trials {
  public:
    explicit Trials(const config::Scenario& scenario);

    /// `gentle`: a rate that is known to hold, at which phones leave and are swept; 0: none is known.
    const capacity::Trial& run(capacity::Stage stage, double rate, std::uint32_t count, double gentle);
    /// One that ran elsewhere.
    void add(capacity::Trial trial);
    /// A line for the last trial; `left`: how many there will probably be.
    void tell(std::uint32_t left);
    /// Nobody has asked to stop, and there is time for another.
    [[nodiscard]] bool may_go_on() const;

    [[nodiscard]] const std::vector<capacity::Trial>& log() const { return log_; }
    [[nodiscard]] double seconds() const;
    /// Users that a trial can have at most.
    [[nodiscard]] std::uint32_t aors() const { return aors_.size(); }
    [[nodiscard]] std::span<const config::Criterion> goal() const { return goal_; }
    /// From here on trials are about a registrar of our own.
    void on_own_registrar(bool own);
    void show(const Interval& interval, const RunPlan& plan);

  private:
    const config::Scenario& scenario_;
    std::vector<config::Criterion> goal_;
    bool movable_;
    capacity::AorSpace aors_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::vector<capacity::Trial> log_;
    capacity::Trial last_{};
    std::uint32_t serial_ = 0;
    report::Progress::Mode mode_;
    report::Progress progress_;
    bool own_registrar_ = false;
};

}  // namespace regstorm::app
