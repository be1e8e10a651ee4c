// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/criteria.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

#include "regstorm/report/terminal.hpp"

namespace regstorm::report {
namespace {

using config::Figure;
using config::FigureUnit;

std::optional<double> measured(const DelaySummary& delay, double DelaySummary::*figure) {
    return delay.count == 0 ? std::nullopt : std::optional(delay.*figure);
}

std::optional<double> share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? std::nullopt : std::optional(static_cast<double>(part) / static_cast<double>(whole));
}

/// 0 when the series shows no outage.
double longest_recovery(const RunResult& result, std::size_t which) {
    double longest_s = 0;
    for (const Recovery& recovery : result.recoveries) {
        longest_s =
            std::max(longest_s, recovery.registered_after_s[which].value_or(std::numeric_limits<double>::infinity()));
    }
    return longest_s;
}

/// `wanted`: whether it is good that a criterion holds.
std::vector<Criterion> judged(const RunResult& result, std::span<const config::Criterion> criteria, bool wanted) {
    std::vector<Criterion> all;
    for (const config::Criterion& criterion : criteria) {
        const std::optional<double> value = figure_of(result, criterion.figure);
        const bool there = value && std::isfinite(*value);
        all.push_back({.text = criterion.text,
                       .value = there ? value : std::nullopt,
                       .measured = figure_text(criterion.figure, value),
                       .passed = there && config::holds(criterion, *value) == wanted});
    }
    return all;
}

}  // namespace

std::optional<double> figure_of(const RunResult& result, Figure figure) {
    const Registrations& registrations = result.registrations;
    switch (figure) {
        case Figure::rrd_mean:
            return measured(result.rrd_us, &DelaySummary::mean);
        case Figure::rrd_p50:
            return measured(result.rrd_us, &DelaySummary::p50);
        case Figure::rrd_p90:
            return measured(result.rrd_us, &DelaySummary::p90);
        case Figure::rrd_p99:
            return measured(result.rrd_us, &DelaySummary::p99);
        case Figure::rrd_p999:
            return measured(result.rrd_us, &DelaySummary::p999);
        case Figure::rrd_max:
            return measured(result.rrd_us, &DelaySummary::max);
        case Figure::service_p50:
            return measured(result.service_us.all, &DelaySummary::p50);
        case Figure::service_p99:
            return measured(result.service_us.all, &DelaySummary::p99);
        case Figure::service_p999:
            return measured(result.service_us.all, &DelaySummary::p999);
        case Figure::send_lag_p99:
            return measured(result.generator.send_lag_us, &DelaySummary::p99);
        case Figure::options_rtt_p99:
            return measured(result.options_rtt_us, &DelaySummary::p99);
        case Figure::loss:
            return share(registrations.failed + registrations.abandoned, registrations.attempted);
        case Figure::ira:
            return share(registrations.failed, registrations.attempted);
        case Figure::failed:
            return static_cast<double>(registrations.failed);
        case Figure::retransmitted:
            return share(result.messages.retransmitted, result.messages.sent);
        case Figure::registered:
            return share(result.endpoints.registered, result.endpoints.total);
        case Figure::options_lost:
            return static_cast<double>(result.options.lost);
        case Figure::binding_lost:
            return static_cast<double>(result.binding_lost);
        case Figure::recovery_50:
        case Figure::recovery_90:
        case Figure::recovery_99:
        case Figure::recovery_100:
            return longest_recovery(result,
                                    static_cast<std::size_t>(figure) - static_cast<std::size_t>(Figure::recovery_50));
        case Figure::per_second:
            return registrations.per_second;
    }
    return std::nullopt;
}

std::string figure_text(Figure figure, std::optional<double> value) {
    if (!value) {
        return "nothing measured";
    }
    if (!std::isfinite(*value)) {
        return "not reached";
    }
    switch (config::unit_of(figure)) {
        case FigureUnit::delay_us:
            return delay_text(*value);
        case FigureUnit::span_s:
            return span_text(*value);
        case FigureUnit::share:
            return fmt::format("{:.3g}%", *value * 100);
        case FigureUnit::count:
            return with_separators(static_cast<std::uint64_t>(*value));
        case FigureUnit::per_second:
            return fmt::format("{:.6g} per second", *value);
    }
    return {};
}

std::vector<Criterion> judge_criteria(const RunResult& result, std::span<const config::Criterion> criteria) {
    return judged(result, criteria, false);
}

std::vector<Criterion> judge_goal(const RunResult& result, std::span<const config::Criterion> goal) {
    return judged(result, goal, true);
}

bool all_passed(const RunResult& result) { return std::ranges::all_of(result.criteria, &Criterion::passed); }

std::string reason_to_abort(const RunResult& interval, std::span<const config::Criterion> criteria) {
    for (const config::Criterion& criterion : criteria) {
        const std::optional<double> value = figure_of(interval, criterion.figure);
        if (value && config::holds(criterion, *value)) {
            return fmt::format("{}: {}", criterion.text, figure_text(criterion.figure, value));
        }
    }
    return {};
}

}  // namespace regstorm::report
