// SPDX-License-Identifier: Apache-2.0
#include "regstorm/config/criteria.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

#include "config/pieces.hpp"
#include "config/text_checks.hpp"
#include "regstorm/base/nearest.hpp"

namespace regstorm::config {
namespace {

using namespace std::chrono_literals;

struct FigureRow {
    std::string_view name;
    Figure figure;
    FigureUnit unit;
    bool of_interval;
};

constexpr FigureRow figures[] = {
    {"rrd_mean", Figure::rrd_mean, FigureUnit::delay_us, true},
    {"rrd_p50", Figure::rrd_p50, FigureUnit::delay_us, true},
    {"rrd_p90", Figure::rrd_p90, FigureUnit::delay_us, true},
    {"rrd_p99", Figure::rrd_p99, FigureUnit::delay_us, true},
    {"rrd_p999", Figure::rrd_p999, FigureUnit::delay_us, true},
    {"rrd_max", Figure::rrd_max, FigureUnit::delay_us, true},
    {"service_p50", Figure::service_p50, FigureUnit::delay_us, false},
    {"service_p99", Figure::service_p99, FigureUnit::delay_us, false},
    {"service_p999", Figure::service_p999, FigureUnit::delay_us, false},
    {"send_lag_p99", Figure::send_lag_p99, FigureUnit::delay_us, false},
    {"options_rtt_p99", Figure::options_rtt_p99, FigureUnit::delay_us, false},
    {"loss", Figure::loss, FigureUnit::share, false},
    {"ira", Figure::ira, FigureUnit::share, true},
    {"failed", Figure::failed, FigureUnit::count, true},
    {"retransmitted", Figure::retransmitted, FigureUnit::share, true},
    {"registered", Figure::registered, FigureUnit::share, true},
    {"options_lost", Figure::options_lost, FigureUnit::count, true},
    {"binding_lost", Figure::binding_lost, FigureUnit::count, true},
    {"recovery_50", Figure::recovery_50, FigureUnit::span_s, false},
    {"recovery_90", Figure::recovery_90, FigureUnit::span_s, false},
    {"recovery_99", Figure::recovery_99, FigureUnit::span_s, false},
    {"recovery_100", Figure::recovery_100, FigureUnit::span_s, false},
    {"per_second", Figure::per_second, FigureUnit::per_second, true},
};

struct ComparisonRow {
    std::string_view sign;
    Comparison comparison;
};
// The longer sign first: ">=" also begins with ">".
constexpr ComparisonRow comparisons[] = {
    {">=", Comparison::at_least}, {"<=", Comparison::at_most}, {">", Comparison::above}, {"<", Comparison::below}};

const FigureRow& row_of(Figure figure) { return figures[static_cast<std::size_t>(figure)]; }

std::string_view allowed_values(FigureUnit unit) {
    switch (unit) {
        case FigureUnit::delay_us:
            return "a time, as in 250us, 50ms, 2s";
        case FigureUnit::span_s:
            return "a time, as in 500ms, 20s, 5m";
        case FigureUnit::share:
            return "a share, 0% to 100% or 0 to 1";
        case FigureUnit::count:
            return "a count, as in 0, 250, 10k";
        case FigureUnit::per_second:
            return "a number per second, as in 500, 5k";
    }
    return {};
}

double in_units(Duration duration, std::chrono::nanoseconds unit) {
    return static_cast<double>(duration.count()) / static_cast<double>(unit.count());
}

Parsed<double> parse_value(std::string_view text, FigureUnit unit) {
    if (unit == FigureUnit::share) {
        Parsed<double> share = parse_share(text);
        share.problem = share.good() && share.value > 1 ? "is more than 100%" : share.problem;
        return share;
    }
    if (unit == FigureUnit::count) {
        const Parsed<std::uint64_t> count = parse_count(text);
        return {static_cast<double>(count.value), count.problem};
    }
    if (unit == FigureUnit::per_second) {
        const Parsed<Rate> rate = parse_rate(text);
        return {rate.value.per_second, rate.value.max ? "is no number" : rate.problem};
    }
    const Parsed<Duration> duration = parse_duration(text, {});
    return {in_units(duration.value, unit == FigureUnit::span_s ? std::chrono::nanoseconds(1s) : 1us),
            duration.problem};
}

std::string refusal(std::string what, const std::string& allowed = {}, std::string_view meant = {}) {
    if (!allowed.empty()) {
        what += "; allowed: " + allowed;
    }
    return meant.empty() ? what : fmt::format("{}; did you mean {}?", what, meant);
}

/// One criterion. `interval`: only figures that an interval has.
Parsed<Criterion> parse_one(std::string_view text, bool interval) {
    std::vector<std::string_view> names;
    for (const FigureRow& row : figures) {
        if (row.of_interval || !interval) {
            names.push_back(row.name);
        }
    }
    const std::size_t end = std::min(text.find_first_of(" \t<>=!"), text.size());
    const std::string_view name = text.substr(0, end);
    const auto* row = std::ranges::find(figures, name, &FigureRow::name);
    const std::string all = fmt::format("{}", fmt::join(names, ", "));
    if (name.empty()) {
        return {{}, refusal("names no figure", all)};
    }
    if (row == std::end(figures)) {
        return {{}, refusal(fmt::format("there is no figure {}", name), all, base::nearest(name, names))};
    }
    if (interval && !row->of_interval) {
        return {{}, refusal(fmt::format("{} is known at the end only", name), all)};
    }
    const std::string_view rest = trimmed(text.substr(end));
    const auto* comparison = std::ranges::find_if(
        comparisons, [&](const ComparisonRow& candidate) { return rest.starts_with(candidate.sign); });
    if (comparison == std::end(comparisons)) {
        return {{}, refusal(fmt::format("{} is not compared with anything", name), "> >= < <=, as in rrd_p99 > 50ms")};
    }
    const std::string_view value = trimmed(rest.substr(comparison->sign.size()));
    const Parsed<double> parsed = parse_value(value, row->unit);
    if (!parsed.good()) {
        return {
            {},
            refusal(fmt::format("{} \"{}\" {}", name, value, parsed.problem), std::string(allowed_values(row->unit)))};
    }
    return {{.text = fmt::format("{} {} {}", name, comparison->sign, value),
             .figure = row->figure,
             .comparison = comparison->comparison,
             .value = parsed.value},
            {}};
}

Parsed<std::vector<Criterion>> parse_all(std::string_view text, bool interval) {
    std::vector<Criterion> criteria;
    if (const std::string unprintable = check_printable(text); !unprintable.empty()) {
        return {{}, unprintable};
    }
    Pieces pieces(text);
    while (pieces.more()) {
        Parsed<Criterion> one = parse_one(pieces.next(), interval);
        if (criteria.size() == criteria_max) {
            return {{}, fmt::format("has more than {} criteria", criteria_max)};
        }
        if (!one.good()) {
            return {{}, fmt::format("cannot be judged: criterion {}: {}", criteria.size() + 1, one.problem)};
        }
        criteria.push_back(std::move(one.value));
    }
    return {std::move(criteria), {}};
}

}  // namespace

FigureUnit unit_of(Figure figure) { return row_of(figure).unit; }

bool holds(const Criterion& criterion, double value) {
    switch (criterion.comparison) {
        case Comparison::above:
            return value > criterion.value;
        case Comparison::at_least:
            return value >= criterion.value;
        case Comparison::below:
            return value < criterion.value;
        case Comparison::at_most:
            return value <= criterion.value;
    }
    return false;
}

Parsed<std::vector<Criterion>> parse_criteria(std::string_view text) { return parse_all(text, false); }

Parsed<std::vector<Criterion>> parse_goal(std::string_view text) {
    constexpr std::string_view conjunction = " and ";
    std::string list(text);
    for (std::size_t at = list.find(conjunction); at != list.npos; at = list.find(conjunction, at)) {
        list.replace(at, conjunction.size(), "; ");
    }
    Parsed<std::vector<Criterion>> goal = parse_all(list, false);
    if (goal.good() && goal.value.empty()) {
        goal.problem = refusal("names nothing that has to hold", "as in rrd_p99 < 50ms and loss <= 0.01%");
    }
    return goal;
}

std::string check_goal(std::string_view text) { return parse_goal(text).problem; }

std::string check_criteria(std::string_view text) { return parse_all(text, false).problem; }

std::string check_interval_criteria(std::string_view text) { return parse_all(text, true).problem; }

}  // namespace regstorm::config
