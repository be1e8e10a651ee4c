// SPDX-License-Identifier: Apache-2.0
#include "app/trials.hpp"

#include <unistd.h>

#include <fmt/format.h>
#include <thread>

#include "app/interrupt.hpp"
#include "app/result.hpp"
#include "regstorm/report/terminal.hpp"

namespace regstorm::app {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::minutes search_time_max{15};
constexpr std::chrono::milliseconds look_every{20};
/// Phones leave no faster than this share of a rate that held, so that leaving is no trial of its own.
constexpr double leaving_share = 0.8;

/// RFC 7502 knows one goal.
std::vector<config::Criterion> goal_of(const config::Capacity& capacity) {
    return config::parse_goal(capacity.method == config::CapacityMethod::rfc7502 ? "loss <= 0" : capacity.goal).value;
}

void rest(config::Duration length) {
    const steady_clock::time_point until = steady_clock::now() + length;
    while (steady_clock::now() < until && interruptions() == 0) {
        std::this_thread::sleep_for(std::min<steady_clock::duration>(look_every, until - steady_clock::now()));
    }
}

}  // namespace

Trials::Trials(const config::Scenario& scenario)
    : scenario_(scenario),
      goal_(goal_of(scenario.capacity)),
      movable_(scenario.groups.empty() && scenario.auth.users.empty()),
      aors_(scenario.capacity.aors, scenario.capacity.users == config::CapacityUsers::fresh, movable_),
      mode_(report::Progress::mode_for(scenario.report, report::describe_terminal(STDERR_FILENO))),
      progress_(stderr, mode_ == report::Progress::Mode::redraw ? mode_ : report::Progress::Mode::none,
                report::describe_terminal(STDERR_FILENO).columns) {}

const capacity::Trial& Trials::run(capacity::Stage stage, double rate, std::uint32_t count, double gentle) {
    const steady_clock::time_point begin = steady_clock::now();
    TrialAsk ask{.stage = stage, .rate = rate, .movable = movable_, .own_registrar = own_registrar_};
    const bool leave = scenario_.capacity.users == config::CapacityUsers::same || own_registrar_;
    const double calm = gentle > 0 ? std::min(rate, leaving_share * gentle) : leaving_share * rate;
    ask.leave_per_s = leave ? calm : 0;
    // A registrar of our own is a new one each time.
    ask.users = own_registrar_ ? capacity::Block{.count = count} : aors_.take(count);
    bool swept = true;
    for (int tries = 0; ask.users.sweep != 0 && (tries == 0 || !swept) && tries < 2 && interruptions() == 0; ++tries) {
        swept = sweep(scenario_, ask.users.sweep, calm / 2, ++serial_);
    }
    ask.serial = ++serial_;
    ask.progress = [this](const Interval& interval, const RunPlan& plan) { show(interval, plan); };
    capacity::Trial trial = run_trial(scenario_, ask, goal_);
    progress_.finish();
    if (!own_registrar_) {
        aors_.give_back(trial.left_clean && swept);
    }
    trial.swept = ask.users.sweep != 0 && swept;
    rest(scenario_.capacity.pause);
    trial.whole_s = std::chrono::duration<double>(steady_clock::now() - begin).count();
    last_ = std::move(trial);
    if (interruptions() == 0) {  // half a trial is no evidence
        log_.push_back(last_);
    }
    return last_;
}

void Trials::add(capacity::Trial trial) {
    progress_.finish();
    log_.push_back(std::move(trial));
}

void Trials::show(const Interval& interval, const RunPlan& plan) { progress_.show(make_sample(interval, plan)); }

void Trials::tell(std::uint32_t left) {
    if (mode_ == report::Progress::Mode::none || log_.empty()) {
        return;
    }
    const double each_s = seconds() / static_cast<double>(log_.size());
    fmt::print(stderr, "{:>3}  {}{}\n", log_.size(), capacity::trial_text(log_.back()),
               left == 0 ? "" : fmt::format(" [about {} left]", report::span_text(left * each_s)));
}

bool Trials::may_go_on() const {
    const config::Capacity& capacity = scenario_.capacity;
    const bool search = capacity.method == config::CapacityMethod::search;
    const config::Duration most =
        capacity.time_max.count() == 0 && search ? config::Duration(search_time_max) : capacity.time_max;
    return interruptions() == 0 && (most.count() == 0 || steady_clock::now() - begin_ < most);
}

double Trials::seconds() const { return std::chrono::duration<double>(steady_clock::now() - begin_).count(); }

void Trials::on_own_registrar(bool own) { own_registrar_ = own; }

}  // namespace regstorm::app
