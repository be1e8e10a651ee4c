// SPDX-License-Identifier: Apache-2.0
// `regstorm run`, from the top: plan, open the port, start the workers, watch, stop, judge, tell.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/commands.hpp"
#include "app/drive.hpp"
#include "app/evidence.hpp"
#include "app/exposer.hpp"
#include "app/interrupt.hpp"
#include "app/open.hpp"
#include "app/plan.hpp"
#include "app/ranks.hpp"
#include "app/result.hpp"
#include "app/steering.hpp"
#include "regstorm/config/criteria.hpp"
#include "regstorm/config/load.hpp"
#include "regstorm/report/criteria.hpp"
#include "regstorm/report/csv.hpp"
#include "regstorm/report/hdr_log.hpp"
#include "regstorm/report/html.hpp"
#include "regstorm/report/junit.hpp"
#include "regstorm/report/progress.hpp"
#include "regstorm/report/summary.hpp"
#include "regstorm/report/verdict.hpp"
#include "regstorm/timer/pacer.hpp"

namespace regstorm::app {
namespace {

/// What a run leaves behind.
struct Run {
    Driven driven{};
    std::vector<report::SeriesRow> series{};
    std::optional<report::HdrLog> hdr_log{};
    std::string stopped_by{};  ///< what ended it before its time, unless it was a signal
    std::vector<report::RateChange> rate_changes{};
};

/// The first interval says when the run began.
void log_delays(const Interval& interval, std::optional<report::HdrLog>& log) {
    const auto seconds = [](base::Nanoseconds ns) { return static_cast<double>(ns) / base::ns_per_s; };
    if (!log) {
        log.emplace(std::chrono::system_clock::now() - std::chrono::nanoseconds(interval.since_start_ns));
    }
    const base::Nanoseconds from_ns = interval.since_start_ns - std::min(interval.since_start_ns, interval.length_ns);
    log->add(seconds(from_ns), seconds(interval.length_ns), interval.rrd);
}

/// The rate that the plan wants so long after the start.
double planned_rate(const engine::WorkerPlan& plan, double t_s) {
    // NOLINTNEXTLINE(bugprone-narrowing-conversions): double to double; the check trips over infinity
    double rate_per_s = plan.unlimited ? timer::Pacer::unlimited : plan.rate_per_s;
    for (const engine::RateStep& step : plan.rate_steps) {
        rate_per_s = static_cast<double>(step.at_ns) <= t_s * base::ns_per_s ? step.rate_per_s : rate_per_s;
    }
    return rate_per_s;
}

/// Signals, criteria and lost ranks all end a run. Without one of its ranks it ends at once: a launcher that has
/// noticed, as mpirun does, kills the others within two seconds.
int reasons_to_end(const Run& run, const cluster::Head* head) {
    const int here = interruptions() + (run.stopped_by.empty() ? 0 : 1);
    return head == nullptr ? here : std::max({here, head->interruptions(), head->lost() ? 2 : 0});
}

/// The load, with progress and what may change its rate or end it early.
Run watch(const config::Scenario& scenario, const RunPlan& plan, cluster::Head* head) {
    const report::Terminal terminal = report::describe_terminal(STDERR_FILENO);
    report::Progress progress(stderr, report::Progress::mode_for(scenario.report, terminal), terminal.columns);
    Run run;
    const std::vector<config::Criterion> abort_if = config::parse_criteria(scenario.report.abort_if).value;
    std::optional<Exposer> exposer;
    if (!scenario.report.prometheus.empty()) {
        exposer.emplace(scenario.report.prometheus);
    }
    const double grace_s = std::chrono::duration<double>(scenario.report.abort_grace).count();
    using Clock = std::chrono::steady_clock;
    std::optional<Clock::time_point> begun;  // the load; the first question about its rate comes right after
    Keyboard keyboard(terminal.interactive && !scenario.report.quiet);
    Steering steering([&](double t_s) { return planned_rate(plan.workers.front(), t_s); });
    const auto steer = [&] {
        begun = begun.value_or(Clock::now());
        const double t_s = std::chrono::duration<double>(Clock::now() - *begun).count();
        read_presses(keyboard, steering, t_s);
        return steering.wish(t_s);
    };
    run.driven =
        drive(plan, {.observer =
                         [&](const Interval& interval) {
                             run.series.push_back(make_row(interval));
                             if (exposer) {
                                 exposer->show(interval);
                             }
                             if (!scenario.report.hdr_log.empty()) {
                                 log_delays(interval, run.hdr_log);
                             }
                             report::ProgressSample sample = make_sample(interval, plan);
                             sample.phase = interval.stopping ? "stopping" : steering.paused() ? "paused" : "";
                             sample.keys = keyboard.present();
                             progress.show(sample);
                             if (!interval.stopping && run.stopped_by.empty() && interruptions() == 0 &&
                                 run.series.back().t_s >= grace_s) {
                                 const std::string reason =
                                     report::reason_to_abort(make_interval_result(interval, plan), abort_if);
                                 run.stopped_by = reason.empty() ? "" : "report.abort_if, " + reason;
                             }
                         },
                     // To the workers it is as if the user had asked by a signal.
                     .interruptions = [&] { return reasons_to_end(run, head) + (steering.stop_wanted() ? 1 : 0); },
                     .steer = steer,
                     .head = head});
    progress.finish();
    run.rate_changes = steering.changes();
    if (run.stopped_by.empty() && steering.stop_wanted()) {
        run.stopped_by = "the key q";
    }
    fmt::print(stderr, "{}", run.driven.registrar_said);
    return run;
}

std::string aborted_by(const Run& run) {
    const bool lost = std::ranges::any_of(run.driven.ranks, &cluster::RankFacts::lost);
    // A launcher that has noticed the loss signals as well; that says nothing new.
    if ((run.driven.outcome.end != End::interrupted && run.driven.outcome.end != End::killed) ||
        (lost && run.stopped_by.empty())) {
        return {};
    }
    return run.stopped_by.empty() ? "a signal" : run.stopped_by;
}

ExitCode exit_code(const report::RunResult& result) {
    switch (result.verdict.status) {
        case report::Status::generator_limited:
            return generator_limited;
        case report::Status::aborted:
            return criterion_failed;
        case report::Status::valid:
            break;
    }
    // The one criterion that needs no asking for: a load test in which nothing ever worked has not passed.
    return result.registrations.succeeded == 0 || !report::all_passed(result) ? criterion_failed : passed;
}

/// Everything that was asked for, written; what cannot be is told.
bool write_files(const config::Scenario& scenario, const report::RunResult& result, const Run& run) {
    const config::Report& options = scenario.report;
    std::vector<std::string> failures;
    if (!options.result.empty()) {
        failures.push_back(report::write_result(result, options.result));
    }
    if (!options.junit.empty()) {
        failures.push_back(report::write_text(report::junit_xml(result), options.junit));
    }
    if (!options.html.empty()) {
        failures.push_back(report::write_text(report::html_report(report::to_json(result)), options.html));
    }
    if (!options.csv.empty()) {
        failures.push_back(report::write_text(report::series_csv(result.series), options.csv));
    }
    if (!options.hdr_log.empty()) {
        failures.push_back(report::write_text(run.hdr_log ? run.hdr_log->text() : "", options.hdr_log));
    }
    if (!scenario.evidence.capture.empty()) {
        failures.push_back(report::write_text(capture_of(scenario.evidence, run.driven), scenario.evidence.capture));
    }
    std::erase(failures, "");
    for (const std::string& failure : failures) {
        fmt::print(stderr, "regstorm: {}\n", failure);
    }
    return failures.empty();
}

/// Standard output is for the file that was sent there.
bool takes_stdout(const config::Scenario& scenario) {
    const config::Report& options = scenario.report;
    const std::string* const files[] = {&options.result, &options.junit,   &options.html,
                                        &options.csv,    &options.hdr_log, &scenario.evidence.capture};
    return std::ranges::any_of(files, [](const std::string* file) { return *file == "-"; });
}

int tell(const config::Scenario& scenario, const report::RunResult& result, const Run& run) {
    const std::vector<std::string> broken = report::check_sums(result);
    for (const std::string& sum : broken) {
        fmt::print(stderr, "regstorm: bug: the books do not balance: {}\n", sum);
    }
    if (!write_files(scenario, result, run)) {
        return cannot_run;
    }
    if (const std::string trace = trace_of(scenario.evidence, run.driven); !trace.empty()) {
        fmt::print(takes_stdout(scenario) ? stderr : stdout, "{}\n", trace);
    }
    if (!takes_stdout(scenario) && !scenario.report.quiet) {
        fmt::print("{}", report::summary(result, {.colour = report::describe_terminal(STDOUT_FILENO).colour,
                                                  .result_path = scenario.report.result}));
    }
    return broken.empty() ? exit_code(result) : cannot_run;
}

}  // namespace

int run_command(const config::Scenario& scenario) { return run_share(scenario, {}, nullptr); }

int run_share(const config::Scenario& scenario, const cluster::Share& share, cluster::Head* head) {
    RunPlan plan;
    try {
        plan = make_plan(scenario, share);
    } catch (const PlanError& error) {
        fmt::print(stderr, "regstorm: {}\n", error.what());
        return bad_usage;
    }
    if (!can_open(plan.port, scenario, static_cast<std::uint16_t>(plan.workers.size()))) {
        return cannot_run;
    }
    head == nullptr ? watch_interruptions() : watch_interruptions_of_ranks();
    watch_pauses();
    Run run = watch(scenario, plan, head);
    if (!run.driven.failure.empty()) {
        fmt::print(stderr, "regstorm: {}\n", run.driven.failure);
        return cannot_run;
    }
    report::RunResult result =
        make_result(scenario, plan, run.driven.outcome, run.driven.reports, std::move(run.series), run.driven.ranks);
    result.rate_changes = std::move(run.rate_changes);
    result.verdict = report::judge(result, scenario.limits, aborted_by(run));
    result.criteria = report::judge_criteria(result, config::parse_criteria(scenario.report.fail_if).value);
    return tell(scenario, result, run);
}

}  // namespace regstorm::app
