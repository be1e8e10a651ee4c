// SPDX-License-Identifier: Apache-2.0
// `regstorm run`, from the top: plan, open the port, start the workers, watch, stop, judge, tell.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/controller.hpp"
#include "app/crew.hpp"
#include "app/interrupt.hpp"
#include "app/open.hpp"
#include "app/plan.hpp"
#include "app/registrar_table.hpp"
#include "app/result.hpp"
#include "app/rigs.hpp"
#include "regstorm/config/criteria.hpp"
#include "regstorm/config/load.hpp"
#include "regstorm/port/problem.hpp"
#include "regstorm/report/criteria.hpp"
#include "regstorm/report/csv.hpp"
#include "regstorm/report/html.hpp"
#include "regstorm/report/junit.hpp"
#include "regstorm/report/progress.hpp"
#include "regstorm/report/summary.hpp"
#include "regstorm/report/verdict.hpp"

namespace regstorm::app {
namespace {

/// What a run leaves behind.
struct Run {
    Outcome outcome;
    std::vector<WorkerReport> reports;
    std::vector<report::SeriesRow> series;
    std::string abort_reason{};  ///< the criterion of report.abort_if that ended it
};

report::ProgressSample make_sample(const Interval& interval, const RunPlan& plan) {
    const report::SeriesRow row = make_row(interval);
    const auto in_flight = [&](registration::State state) {
        return interval.total.census[static_cast<std::size_t>(state)];
    };
    report::ProgressSample sample{
        .phase = {},
        .elapsed_s = row.t_s,
        .endpoints = plan.schedule.endpoints,
        .registered = row.registered,
        .per_second = static_cast<double>(row.succeeded) * base::ns_per_s /
                      static_cast<double>(std::max<base::Nanoseconds>(interval.length_ns, 1)),
        .in_flight = in_flight(registration::State::clearing) + in_flight(registration::State::registering) +
                     in_flight(registration::State::refreshing) + in_flight(registration::State::removing),
        .failed = interval.total.counters.of(stats::Counter::failed),
        .rrd_p99_us = row.rrd_p99_us,
        .left_s = {}};
    if (plan.schedule.duration_ns != 0) {
        const double planned_s = static_cast<double>(plan.schedule.duration_ns) / base::ns_per_s;
        sample.left_s = std::max(0.0, planned_s - row.t_s);
    }
    return sample;
}

/// The load itself, on whatever carries it. Returns when all workers have ended.
template <class Rig>
Run drive(const config::Scenario& scenario, const RunPlan& plan, const typename Rig::Setup& setup) {
    const report::Terminal terminal = report::describe_terminal(STDERR_FILENO);
    report::Progress progress(stderr, report::Progress::mode_for(scenario.report, terminal), terminal.columns);
    Run run;
    Crew<Rig> crew(plan, setup);
    const std::vector<engine::Mailbox*> mailboxes = crew.mailboxes();
    const std::vector<config::Criterion> abort_if = config::parse_criteria(scenario.report.abort_if).value;
    const double grace_s = std::chrono::duration<double>(scenario.report.abort_grace).count();
    Controller controller(
        mailboxes, plan.schedule,
        [&](const Interval& interval) {
            run.series.push_back(make_row(interval));
            progress.show(make_sample(interval, plan));
            if (run.abort_reason.empty() && interruptions() == 0 && run.series.back().t_s >= grace_s) {
                run.abort_reason = report::reason_to_abort(make_interval_result(interval, plan), abort_if);
            }
        },
        // To the workers it is as if the user had asked.
        [&run] { return interruptions() + (run.abort_reason.empty() ? 0 : 1); });
    run.outcome = controller.run();
    run.reports = crew.join();
    return run;
}

Run drive_udp(const config::Scenario& scenario, const RunPlan& plan) {
    port::UdpPortConfig setup;
    setup.bind = plan.port.address.value_or(base::SocketAddress{{.family = plan.registrar.ip.family}, 0});
    setup.target = plan.registrar;
    if (!plan.record_timers.empty()) {
        return drive<RecordingUdpRig>(scenario, plan, setup);
    }
    return drive<UdpRig>(scenario, plan, setup);
}

Run drive_memory(const config::Scenario& scenario, const RunPlan& plan) {
    const auto queues = static_cast<std::uint16_t>(plan.workers.size());
    port::start_eal({.memory_bytes = port::memory_needed(plan.port, queues)});
    const port::MemoryPair pair = port::MemoryPair::open(queues);
    const EthRig::Setup phones{&pair.generator, plan.link};
    const EthRig::Setup registrar{&pair.registrar, plan.registrar_link};
    // The workers take the first cores, the registrar the next one.
    RegistrarThread<EthRig> thread(plan.registrar_plan, registrar, queues, queues);
    Run run = plan.record_timers.empty()
                  ? drive<EthRig>(scenario, plan, phones)
                  : drive<RecordingEthRig>(scenario, plan, RecordingEthRig::Setup{&pair.generator, plan.link});
    if (const std::string& failure = thread.stop(); !failure.empty()) {
        throw port::PortError({"the embedded registrar could not start: " + failure, ""});
    }
    fmt::print(stderr, "{}", misbehaviour_table(plan.registrar_plan.rules, thread.counters(), thread.held_at_end()));
    return run;
}

Run drive_device(const config::Scenario& scenario, const RunPlan& plan) {
    const auto queues = static_cast<std::uint16_t>(plan.workers.size());
    port::EalOptions eal{.memory_bytes = port::memory_needed(plan.port, queues)};
    if (plan.port.kind == port::PortKind::pci) {
        eal.pci_addresses = {plan.port.device};
    }
    port::start_eal(eal);
    const port::EthDevice device = port::EthDevice::open(plan.port, {.queues = queues});
    if (queues == 1) {
        return drive<EthRig>(scenario, plan, EthRig::Setup{&device, plan.link});
    }
    engine::Crossing crossing(queues);
    const engine::WorkerPlan& worker = plan.workers.front();
    const port::SourceSteering steering{device.rx_steering(), worker.groups.front().registrar, worker.sources.udp_ports,
                                        plan.link.udp_ports.front().last};
    return drive<SteeredRig>(scenario, plan, SteeredRig::Setup{&device, plan.link, &crossing, steering, worker.salt});
}

Run drive_any(const config::Scenario& scenario, const RunPlan& plan) {
    switch (plan.port.kind) {
        case port::PortKind::udp:
            return drive_udp(scenario, plan);
        case port::PortKind::memory:
            return drive_memory(scenario, plan);
        default:
            return drive_device(scenario, plan);
    }
}

/// The first worker that never started, if any.
const WorkerReport* find_failure(const std::vector<WorkerReport>& reports) {
    const auto failed = std::find_if(reports.begin(), reports.end(),
                                     [](const WorkerReport& report) { return !report.failure.empty(); });
    return failed == reports.end() ? nullptr : &*failed;
}

std::string aborted_by(const Run& run) {
    if (run.outcome.end != End::interrupted && run.outcome.end != End::killed) {
        return {};
    }
    return run.abort_reason.empty() ? "a signal" : "report.abort_if, " + run.abort_reason;
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
bool write_files(const config::Report& options, const report::RunResult& result) {
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
    std::erase(failures, "");
    for (const std::string& failure : failures) {
        fmt::print(stderr, "regstorm: {}\n", failure);
    }
    return failures.empty();
}

/// Standard output is for the file that was sent there.
bool takes_stdout(const config::Report& options) {
    return options.result == "-" || options.junit == "-" || options.html == "-" || options.csv == "-";
}

int tell(const config::Scenario& scenario, report::RunResult& result) {
    const std::vector<std::string> broken = report::check_sums(result);
    for (const std::string& sum : broken) {
        fmt::print(stderr, "regstorm: bug: the books do not balance: {}\n", sum);
    }
    if (!write_files(scenario.report, result)) {
        return cannot_run;
    }
    if (!takes_stdout(scenario.report) && !scenario.report.quiet) {
        fmt::print("{}", report::summary(result, {.colour = report::describe_terminal(STDOUT_FILENO).colour,
                                                  .result_path = scenario.report.result}));
    }
    return broken.empty() ? exit_code(result) : cannot_run;
}

}  // namespace

int run_command(const config::Scenario& scenario) {
    RunPlan plan;
    try {
        plan = make_plan(scenario);
    } catch (const PlanError& error) {
        fmt::print(stderr, "regstorm: {}\n", error.what());
        return bad_usage;
    }
    if (!can_open(plan.port, scenario, static_cast<std::uint16_t>(plan.workers.size()))) {
        return cannot_run;
    }
    watch_interruptions();
    Run run = drive_any(scenario, plan);
    if (const WorkerReport* failure = find_failure(run.reports); failure != nullptr) {
        fmt::print(stderr, "regstorm: {}\n", failure->failure);
        return cannot_run;
    }
    report::RunResult result = make_result(scenario, plan, run.outcome, run.reports, std::move(run.series));
    result.verdict = report::judge(result, scenario.limits, aborted_by(run));
    result.criteria = report::judge_criteria(result, config::parse_criteria(scenario.report.fail_if).value);
    return tell(scenario, result);
}

}  // namespace regstorm::app
