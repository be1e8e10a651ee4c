// SPDX-License-Identifier: Apache-2.0
// `regstorm capacity`: trial after trial until the highest rate is known.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <thread>

#include "app/capacity_rfc7502.hpp"
#include "app/commands.hpp"
#include "app/interrupt.hpp"
#include "app/open.hpp"
#include "app/trials.hpp"
#include "regstorm/capacity/search.hpp"
#include "regstorm/config/load.hpp"
#include "regstorm/port/problem.hpp"

namespace regstorm::app {
namespace {

/// RFC 7502 6.7 asks for a registration timeout of an hour or more.
constexpr config::Duration rfc7502_expiration_min = std::chrono::hours(1);

/// What broke first at the next step, from the last of its trials.
std::string broke_at(const std::vector<capacity::Trial>& trials, double rate) {
    for (auto trial = trials.rbegin(); trial != trials.rend(); ++trial) {
        if (trial->rate == rate && trial->fate != capacity::Fate::held) {
            return trial->fate == capacity::Fate::broke ? trial->broke : trial->limited;
        }
    }
    return {};
}

void search(Trials& trials, const config::Scenario& scenario, capacity::CapacityResult& result) {
    const config::Capacity& capacity = scenario.capacity;
    const double trial_s = std::chrono::duration<double>(capacity.trial).count();
    const double reachable = static_cast<double>(trials.aors()) / trial_s;
    capacity::Search search({.rate_start = capacity.rate_start != 0 ? static_cast<double>(capacity.rate_start) : 1000,
                             .rate_min = std::min<double>(capacity.rate_min, reachable),
                             .rate_max = std::floor(std::min<double>(capacity.rate_max, reachable)),
                             .precision = capacity.precision,
                             .confirm = capacity.confirm,
                             .trials_max = capacity.trials_max});
    while (const std::optional<double> rate = search.next()) {
        if (!trials.may_go_on()) {
            break;
        }
        const auto count = static_cast<std::uint32_t>(std::max(1.0, std::round(*rate * trial_s)));
        const capacity::Trial trial = trials.run(capacity::Stage::search, *rate, count, search.finding().held.rate);
        if (interruptions() != 0) {
            break;
        }
        search.add(trial.fate);
        trials.tell(search.trials_left());
    }
    result.finding = search.finding();
    if (result.finding.limit == capacity::Limit::rate_max && reachable < static_cast<double>(capacity.rate_max)) {
        result.finding.limit = capacity::Limit::aors;
    }
    result.broke_first = broke_at(trials.log(), result.finding.next.rate);
}

ExitCode exit_code(const capacity::CapacityResult& result) {
    if (result.finding.limit == capacity::Limit::generator) {
        return generator_limited;
    }
    return result.finding.held.rate > 0 && interruptions() == 0 ? passed : criterion_failed;
}

int tell(const config::Scenario& scenario, const capacity::CapacityResult& result) {
    const std::string& path = scenario.report.result;
    if (!path.empty()) {
        const std::string text =
            capacity::to_json(result).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
        if (const std::string failure = report::write_text(text, path); !failure.empty()) {
            fmt::print(stderr, "regstorm: {}\n", failure);
            return cannot_run;
        }
    }
    if (path != "-" && !scenario.report.quiet) {
        fmt::print("{}", capacity::summary(result, path));
    }
    return exit_code(result);
}

}  // namespace

int capacity_command(const config::Scenario& given) {
    config::Scenario scenario = given;
    const bool rfc7502 = scenario.capacity.method == config::CapacityMethod::rfc7502;
    if (rfc7502) {
        scenario.device.register_expiration = std::max(scenario.device.register_expiration, rfc7502_expiration_min);
    }
    const port::PortSpec& spec = *scenario.run.port;
    if (!can_open(spec, scenario, static_cast<std::uint16_t>(std::max(scenario.run.workers, 1U)))) {
        return cannot_run;
    }
    watch_interruptions();
    capacity::CapacityResult result{
        .version = std::string(version()),
        .method = rfc7502 ? "rfc7502" : "search",
        .goal = rfc7502 ? "no failure" : scenario.capacity.goal,
        .registrar = scenario.run.target.given() ? config::to_text(scenario.run.target) : "the embedded registrar",
        .port = port::to_text(spec),
        .scenario = config::to_json(scenario),
        .machine = report::this_machine()};
    Trials trials(scenario);
    std::string failure;
    try {
        rfc7502 ? measure_rfc7502(trials, scenario, result) : search(trials, scenario, result);
    } catch (const PlanError& error) {
        fmt::print(stderr, "regstorm: {}\n", error.what());
        return bad_usage;
    } catch (const port::PortError& error) {
        failure = error.what();  // what the trials before it found is worth keeping
        result.finding.limit = capacity::Limit::unfinished;
    }
    result.trials = trials.log();
    result.seconds = trials.seconds();
    const int code = failure.empty() || !result.trials.empty() ? tell(scenario, result) : cannot_run;
    if (!failure.empty()) {
        fmt::print(stderr, "regstorm: {}\n", failure);
        return cannot_run;
    }
    return code;
}

}  // namespace regstorm::app
