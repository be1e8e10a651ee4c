// SPDX-License-Identifier: Apache-2.0
// Every datagram received ends in exactly one counter, every attempt in exactly one outcome. These are the equations
// that say so; a run that breaks one has counted something twice or not at all.
#include <fmt/format.h>
#include <numeric>

#include "regstorm/report/run_result.hpp"

namespace regstorm::report {
namespace {

template <class Counts>
std::uint64_t sum(const Counts& counts) {
    std::uint64_t total = 0;
    for (const auto& [key, count] : counts) {
        total += count;
    }
    return total;
}

std::uint64_t sum(const std::vector<SeriesRow>& series, std::uint64_t SeriesRow::*column) {
    std::uint64_t total = 0;
    for (const SeriesRow& row : series) {
        total += row.*column;
    }
    return total;
}

class Sums {
  public:
    void equal(std::string_view name, std::uint64_t whole, std::string_view parts, std::uint64_t total) {
        if (whole != total) {
            broken.push_back(fmt::format("{} ({}) is not {} ({})", name, whole, parts, total));
        }
    }
    void at_most(std::string_view name, std::uint64_t part, std::string_view whole, std::uint64_t total) {
        if (part > total) {
            broken.push_back(fmt::format("{} ({}) is more than {} ({})", name, part, whole, total));
        }
    }
    void ordered(std::string_view name, const DelaySummary& delay) {
        if (!(delay.p50 <= delay.p90 && delay.p90 <= delay.p99 && delay.p99 <= delay.p999 &&
              delay.p999 <= delay.p9999 && delay.p9999 <= delay.max)) {
            broken.push_back(fmt::format("{} has percentiles out of order", name));
        }
    }

    std::vector<std::string> broken;
};

}  // namespace

std::vector<std::string> check_sums(const RunResult& result) {
    Sums sums;
    const Endpoints& endpoints = result.endpoints;
    sums.equal("endpoints.total", endpoints.total, "registered + pending + failed",
               endpoints.registered + endpoints.pending + endpoints.failed);

    const Registrations& registrations = result.registrations;
    sums.equal("registrations.attempted", registrations.attempted, "succeeded + failed + abandoned",
               registrations.succeeded + registrations.failed + registrations.abandoned);
    sums.equal("registrations.failed", registrations.failed, "the sum of failed_by", sum(registrations.failed_by));
    const Removals& removals = result.removals;
    sums.equal("removals.attempted", removals.attempted, "succeeded + failed", removals.succeeded + removals.failed);

    sums.equal("clearings.attempted", result.clearings.attempted, "succeeded + failed + abandoned",
               result.clearings.succeeded + result.clearings.failed + result.clearings.abandoned);
    sums.equal("subscriptions.attempted", result.subscriptions.attempted, "succeeded + failed + abandoned",
               result.subscriptions.succeeded + result.subscriptions.failed + result.subscriptions.abandoned);
    sums.equal("options.sent", result.options.sent, "answered + lost + abandoned",
               result.options.answered + result.options.lost + result.options.abandoned);
    sums.equal("options_rtt_us.count", result.options_rtt_us.count, "options.answered", result.options.answered);

    const Messages& messages = result.messages;
    sums.equal("messages.received", messages.received, "the sum of its kinds",
               messages.final + messages.provisional + messages.stray + messages.late + messages.duplicate +
                   messages.mismatched + messages.multiple_via + messages.malformed + messages.oversized +
                   messages.requests + messages.keep_alive_bytes + messages.unreachable);
    sums.equal("messages.final", messages.final, "the sum of responses", sum(result.responses));
    sums.at_most("messages.retransmitted", messages.retransmitted, "messages.sent", messages.sent);
    sums.equal("messages.retransmitted", messages.retransmitted, "the sum of retransmissions",
               std::accumulate(messages.retransmissions.begin(), messages.retransmissions.end(), std::uint64_t{0}));

    sums.at_most("rrd_us.count", result.rrd_us.count, "registrations.attempted", registrations.attempted);
    sums.ordered("rrd_us", result.rrd_us);
    const ServiceDelays& service = result.service_us;
    sums.equal("service_us.all.count", service.all.count, "accepted + challenged + refused",
               service.accepted.count + service.challenged.count + service.refused.count);
    sums.at_most("service_us.all.count", service.all.count, "messages.final", messages.final);
    sums.ordered("service_us.all", service.all);
    sums.ordered("options_rtt_us", result.options_rtt_us);
    sums.ordered("generator.send_lag_us", result.generator.send_lag_us);

    if (!result.series.empty()) {
        sums.equal("clearings.attempted", result.clearings.attempted, "the sum of the series",
                   sum(result.series, &SeriesRow::clearings));
        sums.equal("registrations.attempted", registrations.attempted, "the sum of the series",
                   sum(result.series, &SeriesRow::attempted));
        sums.equal("registrations.succeeded", registrations.succeeded, "the sum of the series",
                   sum(result.series, &SeriesRow::succeeded));
        sums.equal("registrations.failed", registrations.failed, "the sum of the series",
                   sum(result.series, &SeriesRow::failed));
        sums.equal("messages.retransmitted", messages.retransmitted, "the sum of the series",
                   sum(result.series, &SeriesRow::retransmitted));
    }
    return std::move(sums.broken);
}

}  // namespace regstorm::report
