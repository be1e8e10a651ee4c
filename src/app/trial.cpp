// SPDX-License-Identifier: Apache-2.0
#include "app/trial.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <limits>
#include <map>

#include "app/drive.hpp"
#include "app/interrupt.hpp"
#include "app/result.hpp"
#include "regstorm/port/problem.hpp"
#include "regstorm/report/criteria.hpp"
#include "regstorm/report/terminal.hpp"
#include "regstorm/report/verdict.hpp"

namespace regstorm::app {
namespace {

using config::Figure;

base::Nanoseconds ns(config::Duration duration) { return static_cast<base::Nanoseconds>(duration.count()); }

/// A population on its way to being registered, or a total, is no sign of anything breaking.
bool shows_in_an_interval(Figure figure) {
    return figure != Figure::registered && figure != Figure::per_second && figure != Figure::send_lag_p99;
}

/// When each criterion was first not met by an interval.
class FirstBreaks {
  public:
    explicit FirstBreaks(std::span<const config::Criterion> goal) : goal_(goal), texts_(goal.size()) {}

    void look(const report::RunResult& interval, double at_s) {
        for (std::size_t i = 0; i < goal_.size(); ++i) {
            const std::optional<double> value = report::figure_of(interval, goal_[i].figure);
            if (texts_[i].empty() && value && shows_in_an_interval(goal_[i].figure) &&
                !config::holds(goal_[i], *value)) {
                at_s_[i] = at_s;
                texts_[i] = fmt::format("{}: {} after {}", goal_[i].text, report::figure_text(goal_[i].figure, value),
                                        report::span_text(at_s));
            }
        }
    }

    /// Of the criteria that were broken in the end, the one that an interval broke first.
    [[nodiscard]] std::string first(const std::vector<report::Criterion>& judged) const {
        std::string text;
        double earliest_s = 0;
        for (std::size_t i = 0; i < judged.size(); ++i) {
            if (judged[i].passed) {
                continue;
            }
            const auto at = at_s_.find(i);
            if (text.empty() || (at != at_s_.end() && (earliest_s == 0 || at->second < earliest_s))) {
                text = at != at_s_.end() ? texts_[i] : fmt::format("{}: {}", judged[i].text, judged[i].measured);
                earliest_s = at != at_s_.end() ? at->second : 0;
            }
        }
        return text;
    }

  private:
    std::span<const config::Criterion> goal_;
    std::vector<std::string> texts_;
    std::map<std::size_t, double> at_s_;
};

/// As if whoever has no outcome yet succeeded at once, and whoever failed tried again and succeeded at once: the best
/// that can still become of a trial.
Interval best_case(const Interval& now, std::uint32_t users) {
    using stats::Counter;
    Interval best = now;
    best.counters = now.total.counters;
    const std::uint64_t begun = best.counters.of(Counter::attempted);
    const std::uint64_t failed = best.counters.of(Counter::failed);
    const std::uint64_t attempts = std::max<std::uint64_t>(users, begun) + failed;
    const std::uint64_t open = attempts - best.counters.of(Counter::succeeded) - failed;
    best.counters.add(Counter::attempted, attempts - begun);
    best.counters.add(Counter::succeeded, open);
    best.rrd = now.total.rrd;
    for (std::uint64_t i = 0; i < open; ++i) {
        best.rrd.record(0);
    }
    return best;
}

/// Of these, what has gone wrong stays, and more only adds to it.
bool only_grows(const config::Criterion& criterion) {
    constexpr std::array figures{Figure::rrd_p50, Figure::rrd_p90, Figure::rrd_p99, Figure::rrd_p999,
                                 Figure::rrd_max, Figure::loss,    Figure::ira,     Figure::failed};
    return std::ranges::find(figures, criterion.figure) != figures.end() &&
           !config::holds(criterion, std::numeric_limits<double>::infinity());
}

/// A UDP port of the loopback that nobody has, for a registrar of our own.
std::uint16_t free_udp_port() {
    const int probe = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    const bool bound = probe >= 0 && bind(probe, reinterpret_cast<const sockaddr*>(&address), length) == 0 &&
                       getsockname(probe, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    if (probe >= 0) {
        close(probe);
    }
    if (!bound) {
        throw port::PortError({"no UDP port is free on the loopback", ""});
    }
    return ntohs(address.sin_port);
}

/// Whether a binding may be left behind: by a removal that nobody confirmed, or a registration whose answer was lost.
bool left_clean(const report::RunResult& result) {
    return result.removals.failed == 0 && result.registrations.abandoned == 0 &&
           !result.registrations.failed_by.contains("timeout");
}

double busiest(const report::Generator& generator) {
    return generator.busy.empty() ? 0 : *std::ranges::max_element(generator.busy);
}

}  // namespace

config::Scenario scenario_of(const config::Scenario& scenario, const TrialAsk& ask) {
    config::Scenario trial = scenario;
    trial.run.rate = {.per_second = ask.rate};
    trial.run.endpoints = ask.users.count;
    trial.run.unregister_at_end = ask.leave_per_s > 0;
    trial.run.stop_timeout = scenario.capacity.settle;
    trial.evidence = {};
    trial.run.seed += trial.run.seed != 0 ? ask.serial : 0;
    if (ask.own_registrar) {
        trial.run.target = {.host = "127.0.0.1", .udp_port = free_udp_port()};
        trial.run.port = port::PortSpec{.kind = port::PortKind::udp};
        trial.device.outbound_proxy = trial.device.secondary_registrar = {};
        for (config::PhoneGroup& group : trial.groups) {
            group.target = {};
            group.device.outbound_proxy = group.device.secondary_registrar = {};
        }
    }
    return trial;
}

RunPlan plan_of(const config::Scenario& trial, const TrialAsk& ask) {
    RunPlan plan = make_plan(trial);
    const auto load_ns = static_cast<base::Nanoseconds>(ask.users.count / ask.rate * base::ns_per_s);
    plan.schedule.load_max_ns = load_ns + ns(trial.capacity.settle);
    plan.schedule.leave_per_s = ask.leave_per_s;
    plan.schedule.interval_ns = std::clamp<base::Nanoseconds>(load_ns / 10, 100 * base::ns_per_ms, base::ns_per_s);
    plan.own_registrar = ask.own_registrar;
    if (ask.movable) {
        number_from(plan, ask.users.first);
    }
    return plan;
}

void judge_trial(capacity::Trial& trial, const report::RunResult& result, const config::Limits& limits,
                 std::span<const config::Criterion> goal) {
    trial.registrations = result.registrations;
    trial.rrd_us = result.rrd_us;
    trial.retransmitted = result.messages.retransmitted;
    trial.send_lag_p99_us = result.generator.send_lag_us.p99;
    trial.busy = busiest(result.generator);
    trial.left_clean = left_clean(result);
    const report::Verdict verdict = report::judge(result, limits, {});
    if (verdict.status == report::Status::generator_limited) {
        trial.fate = capacity::Fate::generator_limited;
        trial.limited = verdict.reasons.front();
        return;
    }
    for (const report::Criterion& criterion : report::judge_goal(result, goal)) {
        if (!criterion.passed) {
            trial.fate = capacity::Fate::broke;
            trial.broke = trial.broke.empty() ? fmt::format("{}: {}", criterion.text, criterion.measured) : trial.broke;
        }
    }
}

bool is_lost(const Interval& now, const RunPlan& plan, std::span<const config::Criterion> goal) {
    const report::RunResult best = make_interval_result(best_case(now, plan.schedule.endpoints), plan);
    return std::ranges::any_of(goal, [&](const config::Criterion& criterion) {
        const std::optional<double> value = report::figure_of(best, criterion.figure);
        return value && only_grows(criterion) && !config::holds(criterion, *value);
    });
}

capacity::Trial run_trial(const config::Scenario& scenario, const TrialAsk& ask,
                          std::span<const config::Criterion> goal) {
    const auto begin = std::chrono::steady_clock::now();
    const config::Scenario mine = scenario_of(scenario, ask);
    const RunPlan plan = plan_of(mine, ask);
    FirstBreaks breaks(goal);
    bool lost = false;
    const Driven driven = drive(plan, {.observer =
                                           [&](const Interval& interval) {
                                               const double at_s =
                                                   static_cast<double>(interval.since_start_ns) / base::ns_per_s;
                                               breaks.look(make_interval_result(interval, plan), at_s);
                                               lost = lost || (ask.stage == capacity::Stage::search &&
                                                               !interval.stopping && is_lost(interval, plan, goal));
                                               if (ask.progress) {
                                                   ask.progress(interval, plan);
                                               }
                                           },
                                       .interruptions = [&] { return std::max(interruptions(), lost ? 1 : 0); }});
    if (!driven.failure.empty()) {
        throw port::PortError({driven.failure, ""});
    }
    const report::RunResult result = make_result(mine, plan, driven.outcome, driven.reports, {});
    capacity::Trial trial{.stage = ask.stage,
                          .rate = ask.rate,
                          .seconds = result.duration_s,
                          .cut_short = lost,
                          .first = ask.users.first};
    trial.broke = breaks.first(report::judge_goal(result, goal));
    judge_trial(trial, result, scenario.limits, goal);
    trial.left_clean = trial.left_clean && ask.leave_per_s > 0;
    trial.whole_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return trial;
}

bool sweep(const config::Scenario& scenario, std::uint32_t users, double rate, std::uint32_t serial) {
    const TrialAsk ask{.rate = rate, .users = {.count = users}, .leave_per_s = rate, .serial = serial};
    config::Scenario mine = scenario_of(scenario, ask);
    mine.device.unregister_before_registration = config::Unregister::all;
    for (config::PhoneGroup& group : mine.groups) {
        group.device.unregister_before_registration = config::Unregister::all;
    }
    const RunPlan plan = plan_of(mine, ask);
    const Driven driven = drive(plan, {.observer = [](const Interval&) {}, .interruptions = interruptions});
    if (!driven.failure.empty()) {
        throw port::PortError({driven.failure, ""});
    }
    const report::RunResult result = make_result(mine, plan, driven.outcome, driven.reports, {});
    return result.clearings.succeeded >= users && left_clean(result);
}

}  // namespace regstorm::app
