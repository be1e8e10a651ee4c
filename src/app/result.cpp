// SPDX-License-Identifier: Apache-2.0
#include "app/result.hpp"

#include <span>

#include "app/commands.hpp"
#include "regstorm/config/load.hpp"
#include "regstorm/report/verdict.hpp"

namespace regstorm::app {
namespace {

using registration::State;
using stats::Counter;

std::uint64_t in_state(const engine::Census& census, State state) { return census[static_cast<std::size_t>(state)]; }

double us(base::Nanoseconds ns) { return static_cast<double>(ns) / base::ns_per_us; }

report::DelaySummary summarise(const stats::Histogram& histogram) {
    return {.count = histogram.count(),
            .mean = histogram.mean() / base::ns_per_us,
            .p50 = us(histogram.value_at(0.5)),
            .p90 = us(histogram.value_at(0.9)),
            .p99 = us(histogram.value_at(0.99)),
            .p999 = us(histogram.value_at(0.999)),
            .p9999 = us(histogram.value_at(0.9999)),
            .max = us(histogram.max())};
}

/// Bound: the registrar holds a binding, as far as we know.
std::uint64_t registered(const engine::Census& census) {
    return in_state(census, State::registered) + in_state(census, State::refreshing);
}

report::Endpoints make_endpoints(const engine::Census& census, std::uint64_t total) {
    report::Endpoints endpoints{.total = total, .registered = registered(census)};
    endpoints.failed = in_state(census, State::waiting) + in_state(census, State::stopped);
    endpoints.pending = endpoints.total - endpoints.registered - endpoints.failed;
    return endpoints;
}

report::Registrations make_registrations(const stats::Counters& counters, base::Nanoseconds load_ns) {
    report::Registrations registrations{.attempted = counters.of(Counter::attempted),
                                        .succeeded = counters.of(Counter::succeeded),
                                        .failed = counters.of(Counter::failed),
                                        .abandoned = counters.of(Counter::abandoned),
                                        .redirected = counters.of(Counter::redirected),
                                        .failed_over = counters.of(Counter::failed_over)};
    registrations.per_second =
        load_ns == 0 ? 0 : static_cast<double>(registrations.succeeded) * base::ns_per_s / static_cast<double>(load_ns);
    for (std::size_t i = 0; i < counters.failed_by.size(); ++i) {
        if (counters.failed_by[i] != 0) {
            registrations.failed_by[std::to_string(i + stats::status_first)] = counters.failed_by[i];
        }
    }
    constexpr std::string_view prefix = "failed_";
    for (std::size_t i = 0; i < stats::counter_count; ++i) {
        if (stats::counter_rows[i].sum == stats::Sum::failed && counters.value[i] != 0) {
            registrations.failed_by[std::string(stats::counter_rows[i].name.substr(prefix.size()))] = counters.value[i];
        }
    }
    return registrations;
}

/// Without the steps that nothing came to.
std::vector<std::uint64_t> make_retransmissions(const stats::Counters& counters) {
    std::vector<std::uint64_t> steps(counters.retransmissions.begin(), counters.retransmissions.end());
    while (!steps.empty() && steps.back() == 0) {
        steps.pop_back();
    }
    return steps;
}

report::Messages make_messages(const stats::Counters& counters) {
    return {.sent = counters.of(Counter::sent),
            .received = counters.of(Counter::received),
            .retransmitted = counters.of(Counter::retransmitted),
            .retransmissions = make_retransmissions(counters),
            .final = counters.of(Counter::final_),
            .provisional = counters.of(Counter::provisional),
            .stray = counters.of(Counter::stray),
            .late = counters.of(Counter::late),
            .duplicate = counters.of(Counter::duplicate),
            .mismatched = counters.of(Counter::mismatched),
            .multiple_via = counters.of(Counter::multiple_via),
            .malformed = counters.of(Counter::malformed),
            .oversized = counters.of(Counter::oversized),
            .requests = counters.of(Counter::requests),
            .keep_alive_bytes = counters.of(Counter::keep_alive_bytes),
            .unreachable = counters.of(Counter::unreachable)};
}

report::Generator make_generator(const Total& total, std::span<const engine::Snapshot> last,
                                 std::span<const WorkerReport> reports) {
    report::Generator generator{.send_lag_us = summarise(total.send_lag),
                                .tx_dropped = total.port.tx_dropped,
                                .rx_dropped = total.port.rx_dropped,
                                .rx_other = total.port.rx_other,
                                .rx_bad = total.port.rx_bad,
                                .rx_crossed = total.port.rx_crossed,
                                .missed_slots = total.counters.of(Counter::missed_slots),
                                .read_late = total.counters.of(Counter::read_late),
                                .skipped_slots = total.counters.of(Counter::skipped_slots)};
    generator.huge_pages = true;
    for (const WorkerReport& report : reports) {
        generator.memory_bytes += report.hot_bytes;
        generator.huge_pages = generator.huge_pages && report.huge_pages;
    }
    for (const engine::Snapshot& snapshot : last) {
        generator.busy.push_back(snapshot.polling_ns == 0 ? 0
                                                          : static_cast<double>(snapshot.busy_ns) /
                                                                static_cast<double>(snapshot.polling_ns));
        generator.longest_gap_us = std::max(generator.longest_gap_us, us(snapshot.longest_gap_ns));
    }
    return generator;
}

report::Outcomes make_outcomes(const stats::Breakdown& breakdown, std::uint32_t group) {
    using stats::Outcome;
    return {.succeeded = summarise(breakdown.of(group, Outcome::succeeded)),
            .rejected = summarise(breakdown.of(group, Outcome::rejected)),
            .unanswered = summarise(breakdown.of(group, Outcome::unanswered))};
}

/// All groups as one. What succeeded is `rrd`: of a single group nobody keeps it twice.
report::Outcomes make_outcomes(const stats::Breakdown& breakdown, const stats::Histogram& rrd) {
    std::array<stats::Histogram, stats::outcome_count> all;
    for (std::uint32_t group = 0; group < breakdown.groups(); ++group) {
        for (std::uint32_t outcome = 0; outcome < stats::outcome_count; ++outcome) {
            all[outcome].merge(breakdown.of(group, static_cast<stats::Outcome>(outcome)));
        }
    }
    return {.succeeded = summarise(rrd), .rejected = summarise(all[1]), .unanswered = summarise(all[2])};
}

/// Of the groups from `first` to before `end`.
report::ServiceDelays make_service(const stats::Breakdown& breakdown, std::uint32_t first, std::uint32_t end) {
    using stats::Outcome;
    const auto merged = [&](std::initializer_list<Outcome> outcomes) {
        stats::Histogram delays;
        for (std::uint32_t group = first; group < end; ++group) {
            for (const Outcome outcome : outcomes) {
                delays.merge(breakdown.of(group, outcome));
            }
        }
        return summarise(delays);
    };
    return {.all = merged({Outcome::accepted, Outcome::challenged, Outcome::refused}),
            .accepted = merged({Outcome::accepted}),
            .challenged = merged({Outcome::challenged}),
            .refused = merged({Outcome::refused})};
}

/// What the user named; groups too small to have a phone have no row. Beyond Breakdown::groups_max the last has the
/// rest.
std::vector<report::GroupResult> make_groups(const config::Scenario& scenario, const RunPlan& plan,
                                             const stats::Breakdown& breakdown) {
    std::vector<report::GroupResult> groups;
    if (scenario.groups.empty()) {
        return groups;
    }
    const std::vector<engine::Group>& planned = plan.workers.front().groups;
    for (std::uint32_t row = 0; row < std::min<std::size_t>(planned.size(), breakdown.groups()); ++row) {
        const bool last = row + 1 == breakdown.groups() || row + 1 == planned.size();
        const std::uint32_t end = last ? scenario.run.endpoints : planned[row + 1].first_number;
        groups.push_back({.name = planned[row].name,
                          .endpoints = end - planned[row].first_number,
                          .outcomes = make_outcomes(breakdown, row),
                          .service = make_service(breakdown, row, row + 1)});
    }
    return groups;
}

/// Each rank by itself, from its own workers.
std::vector<report::Rank> make_ranks(const std::vector<cluster::RankFacts>& facts, const config::Scenario& scenario,
                                     const Outcome& outcome, const std::vector<WorkerReport>& reports) {
    std::vector<report::Rank> ranks;
    const auto workers = static_cast<std::uint32_t>(outcome.last.size());
    std::uint32_t first = 0;
    for (const cluster::RankFacts& of : facts) {
        const auto last = std::span(outcome.last).subspan(first, of.workers);
        const Total total = add_up(last);
        report::Rank rank{.rank = of.rank, .host = of.host, .lost = of.lost};
        for (std::uint32_t worker = first; worker < first + of.workers; ++worker) {
            rank.endpoints += cluster::part_of(scenario.run.endpoints, workers, worker).count;
        }
        rank.registrations = make_registrations(total.counters, outcome.load_ns);
        rank.sent = total.counters.of(Counter::sent);
        rank.received = total.counters.of(Counter::received);
        rank.generator = make_generator(total, last, std::span(reports).subspan(first, of.workers));
        rank.verdict = report::judge(rank, scenario.limits);
        ranks.push_back(std::move(rank));
        first += of.workers;
    }
    return ranks;
}

}  // namespace

report::SeriesRow make_row(const Interval& interval) {
    return {.t_s = static_cast<double>(interval.since_start_ns) / base::ns_per_s,
            .registered = registered(interval.total.census),
            .clearings = interval.counters.of(Counter::clearings_attempted),
            .attempted = interval.counters.of(Counter::attempted),
            .succeeded = interval.counters.of(Counter::succeeded),
            .failed = interval.counters.of(Counter::failed),
            .retransmitted = interval.counters.of(Counter::retransmitted),
            .rrd_p50_us = us(interval.rrd.value_at(0.5)),
            .rrd_p99_us = us(interval.rrd.value_at(0.99)),
            .stopping = interval.stopping};
}

report::ProgressSample make_sample(const Interval& interval, const RunPlan& plan) {
    const report::SeriesRow row = make_row(interval);
    const auto in_flight = [&](registration::State state) {
        return interval.total.census[static_cast<std::size_t>(state)];
    };
    const stats::Counters& counters = interval.total.counters;
    const report::DelaySummary rrd = summarise(interval.rrd);
    const auto shown = [&](double us) { return rrd.count == 0 ? std::nan("") : us; };
    report::ProgressSample sample{
        .phase = {},
        .elapsed_s = row.t_s,
        .endpoints = plan.schedule.endpoints,
        .registered = row.registered,
        .per_second = static_cast<double>(row.succeeded) * base::ns_per_s /
                      static_cast<double>(std::max<base::Nanoseconds>(interval.length_ns, 1)),
        .in_flight = in_flight(registration::State::clearing) + in_flight(registration::State::registering) +
                     in_flight(registration::State::refreshing) + in_flight(registration::State::removing),
        .failed = counters.of(Counter::failed),
        .retransmitted = counters.of(Counter::retransmitted),
        .left_s = {},
        .rrd_p50_us = shown(rrd.p50),
        .rrd_p90_us = shown(rrd.p90),
        .rrd_p99_us = shown(rrd.p99),
        .rrd_p999_us = shown(rrd.p999),
        .rrd_max_us = shown(rrd.max),
        .lag_p99_us = interval.send_lag.count() == 0 ? std::nan("") : summarise(interval.send_lag).p99,
        .lost = interval.total.port.rx_dropped + interval.total.port.tx_dropped,
        .missed_slots = counters.of(Counter::missed_slots)};
    for (std::size_t i = 0; i < counters.responses.size(); ++i) {
        if (counters.responses[i] != 0) {
            sample.codes.emplace_back(static_cast<unsigned>(i) + stats::status_first, counters.responses[i]);
        }
    }
    if (plan.schedule.duration_ns != 0 && !interval.stopping) {
        const double planned_s = static_cast<double>(plan.schedule.duration_ns) / base::ns_per_s;
        sample.left_s = std::max(0.0, planned_s - row.t_s);
    }
    return sample;
}

report::RunResult make_interval_result(const Interval& interval, const RunPlan& plan) {
    const stats::Counters& counters = interval.counters;
    report::RunResult result;
    result.endpoints = make_endpoints(interval.total.census, plan.schedule.endpoints);
    result.registrations = make_registrations(counters, interval.length_ns);
    result.messages = make_messages(counters);
    result.binding_lost = counters.of(Counter::binding_lost);
    result.options.lost = counters.of(Counter::keep_alives_lost);
    result.rrd_us = summarise(interval.rrd);
    result.generator.send_lag_us = summarise(interval.send_lag);
    result.generator.rx_dropped = interval.rx_dropped;
    result.generator.tx_dropped = interval.tx_dropped;
    result.generator.missed_slots = counters.of(Counter::missed_slots);
    result.generator.read_late = counters.of(Counter::read_late);
    return result;
}

report::RunResult make_result(const config::Scenario& scenario, const RunPlan& plan, const Outcome& outcome,
                              const std::vector<WorkerReport>& reports, std::vector<report::SeriesRow> series,
                              const std::vector<cluster::RankFacts>& ranks) {
    const Total total = add_up(outcome.last);
    const stats::Counters& counters = total.counters;
    config::Scenario resolved = scenario;
    resolved.run.seed = plan.seed;  // also when it was left to chance: with it the run can be repeated
    report::RunResult result{.version = std::string(version()), .scenario = config::to_json(resolved)};
    result.duration_s = static_cast<double>(outcome.load_ns) / base::ns_per_s;
    result.endpoints = make_endpoints(total.census_at_stop, scenario.run.endpoints);
    result.registrations = make_registrations(counters, outcome.load_ns);
    result.removals = {.attempted = counters.of(Counter::removals_attempted),
                       .succeeded = counters.of(Counter::removals_succeeded),
                       .failed = counters.of(Counter::removals_failed) + counters.of(Counter::removals_abandoned)};
    result.clearings = {.attempted = counters.of(Counter::clearings_attempted),
                        .succeeded = counters.of(Counter::clearings_succeeded),
                        .failed = counters.of(Counter::clearings_failed),
                        .abandoned = counters.of(Counter::clearings_abandoned)};
    result.binding_lost = counters.of(Counter::binding_lost);
    result.options = {.sent = counters.of(Counter::keep_alives_sent),
                      .answered = counters.of(Counter::keep_alives_answered),
                      .lost = counters.of(Counter::keep_alives_lost),
                      .abandoned = counters.of(Counter::keep_alives_abandoned),
                      .lines_lost = counters.of(Counter::lines_lost)};
    result.options_rtt_us = summarise(total.keep_alive_rtt);
    result.subscriptions = {.attempted = counters.of(Counter::subscriptions_attempted),
                            .succeeded = counters.of(Counter::subscriptions_succeeded),
                            .failed = counters.of(Counter::subscriptions_failed),
                            .abandoned = counters.of(Counter::subscriptions_abandoned)};
    result.messages = make_messages(counters);
    for (std::size_t i = 0; i < counters.responses.size(); ++i) {
        if (counters.responses[i] != 0) {
            result.responses[static_cast<unsigned>(i + stats::status_first)] = counters.responses[i];
        }
    }
    result.rrd_us = summarise(total.rrd);
    stats::Breakdown breakdown;
    for (const WorkerReport& report : reports) {
        breakdown.merge(report.breakdown);
    }
    result.outcomes_us = make_outcomes(breakdown, total.rrd);
    result.service_us = make_service(breakdown, 0, breakdown.groups());
    result.groups = make_groups(scenario, plan, breakdown);
    if (result.groups.size() == 1) {
        result.groups.front().outcomes = result.outcomes_us;
    }
    result.generator = make_generator(total, outcome.last, reports);
    result.ranks = make_ranks(ranks, scenario, outcome, reports);
    result.series = std::move(series);
    result.recoveries = report::find_recoveries(result.series, scenario.run.endpoints);
    result.bytes_per_endpoint =
        static_cast<double>(result.generator.memory_bytes) / static_cast<double>(scenario.run.endpoints);
    result.machine = report::this_machine();
    return result;
}

}  // namespace regstorm::app
