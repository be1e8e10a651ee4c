// SPDX-License-Identifier: Apache-2.0
#include "app/capacity_rfc7502.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "app/drive.hpp"
#include "app/interrupt.hpp"
#include "app/result.hpp"
#include "regstorm/capacity/rfc7502.hpp"
#include "regstorm/port/problem.hpp"

namespace regstorm::app {
namespace {

using capacity::Stage;
using namespace std::chrono_literals;

/// 6.8: not before the first and not after the second.
constexpr config::Duration reregister_min = 5min;
constexpr config::Duration reregister_max = 10min;
/// Phones that failed wait before they register again; a trial of re-registrations needs all of them.
constexpr base::Nanoseconds recover_ns_max = 60 * base::ns_per_s;

base::Nanoseconds ns(config::Duration duration) { return static_cast<base::Nanoseconds>(duration.count()); }

/// All trials of one stage, and what they come to.
struct Stretch {
    double rate = 0;
    bool finished = false;
    bool at_rate_max = false;
};

template <class Attempt>
Stretch climb(Trials& trials, const config::Capacity& capacity, Attempt&& attempt) {
    capacity::Rfc7502Search search(
        {.rate_start = capacity.rate_start != 0 ? static_cast<double>(capacity.rate_start) : 100,
         .increase = capacity.increase,
         .decrease = capacity.decrease,
         .stalls = capacity.stalls,
         .rate_max = static_cast<double>(capacity.rate_max)});
    while (const std::optional<double> rate = search.next()) {
        if (!trials.may_go_on()) {
            break;
        }
        const capacity::Fate fate = attempt(*rate, search.rate());
        if (interruptions() != 0) {
            break;
        }
        search.add(fate == capacity::Fate::held);
        trials.tell(0);
    }
    return {search.rate(), !search.next(), search.at_rate_max()};
}

/// The rate in the light of all trials of a stage: how often it held, and what kept the next one from holding.
capacity::Finding finding_of(const std::vector<capacity::Trial>& log, Stage stage, const Stretch& stretch) {
    capacity::Finding finding;
    finding.held.rate = stretch.rate;
    for (const capacity::Trial& trial : log) {
        const bool held = trial.fate == capacity::Fate::held;
        if (trial.stage == stage && !held && trial.rate > stretch.rate &&
            (finding.next.rate == 0 || trial.rate < finding.next.rate)) {
            finding.next = {.rate = trial.rate};
        }
    }
    for (const capacity::Trial& trial : log) {
        for (capacity::Level* level : {&finding.held, &finding.next}) {
            if (trial.stage == stage && level->rate == trial.rate && trial.rate > 0) {
                level->held += trial.fate == capacity::Fate::held;
                level->broke += trial.fate == capacity::Fate::broke;
                level->generator_limited += trial.fate == capacity::Fate::generator_limited;
            }
        }
    }
    finding.confidence = stretch.rate == 0 ? 0 : (finding.held.held + 1.0) / (finding.held.trials() + 2.0);
    finding.limit = !stretch.finished                                     ? capacity::Limit::unfinished
                    : finding.next.generator_limited > finding.next.broke ? capacity::Limit::generator
                    : stretch.rate == 0                                   ? capacity::Limit::nothing
                    : stretch.at_rate_max || finding.next.rate == 0       ? capacity::Limit::rate_max
                                                                          : capacity::Limit::registrar;
    return finding;
}

/// One population that registers, stays, and registers again and again: the trials of 6.8.
class Reregistration {
  public:
    Reregistration(Trials& trials, const config::Scenario& scenario, double registration_rate)
        : trials_(trials),
          scenario_(scenario),
          ask_{.stage = Stage::re_registration,
               .rate = std::max(1.0, registration_rate / 2),
               .users = {.count = std::min(scenario.capacity.attempts, trials.aors())},
               .leave_per_s = std::max(1.0, registration_rate / 2),
               .movable = false},
          mine_(scenario_of(scenario, ask_)),
          plan_(plan_of(mine_, ask_)) {}

    Stretch run() {
        const Driven driven =
            drive(plan_, {.observer = [this](const Interval& interval) { trials_.show(interval, plan_); },
                          .interruptions = interruptions,
                          .encore = [this](Controller& controller) { again_and_again(controller); }});
        if (!driven.failure.empty()) {
            throw port::PortError({driven.failure, ""});
        }
        return stretch_;
    }

  private:
    void again_and_again(Controller& controller) {
        if (!controller.rest(ns(scenario_.capacity.reregister_after))) {
            return;
        }
        stretch_ = climb(trials_, scenario_.capacity, [&](double rate, double /*best*/) {
            controller.rest(recover_ns_max, [this](const Total& total) {
                return make_sample({.total = total}, plan_).registered == plan_.schedule.endpoints;
            });
            const Interval interval = controller.renew_all(rate, ns(scenario_.capacity.settle));
            controller.rest(ns(scenario_.capacity.pause));
            return judge(rate, interval);
        });
    }

    capacity::Fate judge(double rate, const Interval& interval) {
        report::RunResult result = make_interval_result(interval, plan_);
        report::Registrations& all = result.registrations;
        // A phone that still waits after an earlier failure was passed over: its registration did not succeed either.
        all.attempted = std::max<std::uint64_t>(all.attempted, plan_.schedule.endpoints);
        all.abandoned = all.attempted - std::min(all.attempted, all.succeeded + all.failed);
        capacity::Trial trial{.stage = Stage::re_registration,
                              .rate = rate,
                              .seconds = static_cast<double>(interval.length_ns) / base::ns_per_s};
        trial.whole_s = trial.seconds;
        judge_trial(trial, result, scenario_.limits, trials_.goal());
        trials_.add(trial);
        return trial.fate;
    }

    Trials& trials_;
    const config::Scenario& scenario_;
    TrialAsk ask_;
    config::Scenario mine_;
    RunPlan plan_;
    Stretch stretch_;
};

config::Duration timer_f_of(const config::Device& device) {
    return device.timer_f.count() != 0 ? device.timer_f : 64 * device.t1;
}

/// What differs from the RFC, so that nobody takes one for the other.
std::string notes_of(const config::Scenario& scenario, const capacity::CapacityResult& result) {
    const config::Capacity& capacity = scenario.capacity;
    std::string notes;
    const auto note = [&](bool holds, std::string_view text) {
        notes += holds ? fmt::format("{}{}", notes.empty() ? "" : "; ", text) : "";
    };
    note(capacity.attempts < 50'000, fmt::format("{} attempts a trial instead of 50,000", capacity.attempts));
    note(capacity.reregister_after != 0ns &&
             (capacity.reregister_after < reregister_min || capacity.reregister_after > reregister_max),
         fmt::format("re-registration after {}, not 5 to 10 minutes", config::to_text(capacity.reregister_after)));
    note(capacity.settle < timer_f_of(scenario.device),
         fmt::format("registrations that took longer than {} after the last start count as failed",
                     config::to_text(capacity.settle)));
    note(result.finding.limit == capacity::Limit::generator, "the generator was the limit");
    note(result.finding.limit == capacity::Limit::unfinished, "cut short");
    return notes.empty() ? "none" : notes;
}

capacity::Rfc7502Form form_of(const config::Scenario& scenario) {
    return {.transport = "UDP, over " + port::to_text(*scenario.run.port),
            .attempts = scenario.capacity.attempts,
            .establishment_threshold_s = std::chrono::duration<double>(timer_f_of(scenario.device)).count(),
            .security = scenario.auth.password.empty() ? "none" : "digest authentication when challenged, no TLS"};
}

}  // namespace

void measure_rfc7502(Trials& trials, const config::Scenario& given, capacity::CapacityResult& result) {
    config::Scenario scenario = given;
    scenario.capacity.attempts = std::min(given.capacity.attempts, trials.aors());
    const config::Capacity& capacity = scenario.capacity;
    const auto by_trials = [&](Stage stage) {
        return climb(trials, capacity,
                     [&](double rate, double best) { return trials.run(stage, rate, capacity.attempts, best).fate; });
    };
    capacity::Rfc7502Form form = form_of(scenario);
    // Without a target the embedded registrar is the device: then the test bed is what is measured anyway.
    if (capacity.baseline && scenario.run.target.given()) {
        trials.on_own_registrar(true);
        form.baseline = by_trials(Stage::baseline).rate;
        trials.on_own_registrar(false);
    }
    const Stretch registration = by_trials(Stage::registration);
    result.finding = finding_of(trials.log(), Stage::registration, registration);
    form.registration_rate = registration.rate;
    if (capacity.reregister_after != 0ns && registration.rate > 0 && trials.may_go_on()) {
        form.re_registration_rate = Reregistration(trials, scenario, registration.rate).run().rate;
    }
    form.notes = notes_of(scenario, result);
    for (const capacity::Trial& trial : trials.log()) {
        if (trial.stage == Stage::registration && trial.rate == result.finding.next.rate && !trial.broke.empty()) {
            result.broke_first = trial.broke;
        }
    }
    result.rfc7502 = form;
}

}  // namespace regstorm::app
