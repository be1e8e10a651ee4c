// SPDX-License-Identifier: Apache-2.0
// The result as JSON. Field order is the order of RESULT.md, so that the file reads top down.
#include "regstorm/report/run_result.hpp"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>

namespace regstorm::report {
namespace {

using Json = nlohmann::ordered_json;

/// Three decimals: nanoseconds of a microsecond. JSON has no NaN; a figure that is none becomes null.
Json rounded(double value) { return std::isfinite(value) ? Json(std::round(value * 1000) / 1000) : Json(nullptr); }

Json to_json(const DelaySummary& delay) {
    return {{"count", delay.count},          {"mean", rounded(delay.mean)}, {"p50", rounded(delay.p50)},
            {"p90", rounded(delay.p90)},     {"p99", rounded(delay.p99)},   {"p999", rounded(delay.p999)},
            {"p9999", rounded(delay.p9999)}, {"max", rounded(delay.max)}};
}

Json to_json(const Outcomes& outcomes) {
    return {{"succeeded", to_json(outcomes.succeeded)},
            {"rejected", to_json(outcomes.rejected)},
            {"unanswered", to_json(outcomes.unanswered)}};
}

Json to_json(const ServiceDelays& service) {
    return {{"all", to_json(service.all)},
            {"accepted", to_json(service.accepted)},
            {"challenged", to_json(service.challenged)},
            {"refused", to_json(service.refused)}};
}

Json to_json(const GroupResult& group) {
    return {{"name", group.name},
            {"endpoints", group.endpoints},
            {"outcomes_us", to_json(group.outcomes)},
            {"service_us", to_json(group.service)}};
}

Json to_json(const Registrations& registrations) {
    Json failed_by = Json::object();
    for (const auto& [cause, count] : registrations.failed_by) {
        failed_by[cause] = count;
    }
    return {{"attempted", registrations.attempted},
            {"succeeded", registrations.succeeded},
            {"failed", registrations.failed},
            {"abandoned", registrations.abandoned},
            {"redirected", registrations.redirected},
            {"failed_over", registrations.failed_over},
            {"per_second", rounded(registrations.per_second)},
            {"failed_by", failed_by}};
}

Json to_json(const Attempts& attempts) {
    return {{"attempted", attempts.attempted},
            {"succeeded", attempts.succeeded},
            {"failed", attempts.failed},
            {"abandoned", attempts.abandoned}};
}

Json to_json(const Options& options) {
    return {{"sent", options.sent},
            {"answered", options.answered},
            {"lost", options.lost},
            {"abandoned", options.abandoned},
            {"lines_lost", options.lines_lost}};
}

Json to_json(const Messages& messages) {
    return {{"sent", messages.sent},
            {"received", messages.received},
            {"retransmitted", messages.retransmitted},
            {"retransmissions", messages.retransmissions},
            {"final", messages.final},
            {"provisional", messages.provisional},
            {"stray", messages.stray},
            {"late", messages.late},
            {"duplicate", messages.duplicate},
            {"mismatched", messages.mismatched},
            {"multiple_via", messages.multiple_via},
            {"malformed", messages.malformed},
            {"oversized", messages.oversized},
            {"requests", messages.requests},
            {"keep_alive_bytes", messages.keep_alive_bytes},
            {"unreachable", messages.unreachable}};
}

Json to_json(const Generator& generator) {
    Json busy = Json::array();
    for (const double share : generator.busy) {
        busy.push_back(rounded(share));
    }
    return {{"send_lag_us", to_json(generator.send_lag_us)},
            {"tx_dropped", generator.tx_dropped},
            {"rx_dropped", generator.rx_dropped},
            {"rx_other", generator.rx_other},
            {"rx_bad", generator.rx_bad},
            {"rx_crossed", generator.rx_crossed},
            {"missed_slots", generator.missed_slots},
            {"read_late", generator.read_late},
            {"skipped_slots", generator.skipped_slots},
            {"busy", busy},
            {"longest_gap_us", rounded(generator.longest_gap_us)},
            {"huge_pages", generator.huge_pages},
            {"memory_bytes", generator.memory_bytes}};
}

Json to_json(const Rank& rank) {
    Json busy = Json::array();
    for (const double share : rank.generator.busy) {
        busy.push_back(rounded(share));
    }
    return {{"rank", rank.rank},
            {"host", rank.host},
            {"status", rank.lost ? "lost" : to_text(rank.verdict.status)},
            {"reasons", rank.verdict.reasons},
            {"endpoints", rank.endpoints},
            {"attempted", rank.registrations.attempted},
            {"succeeded", rank.registrations.succeeded},
            {"sent", rank.sent},
            {"received", rank.received},
            {"send_lag_p99_us", rounded(rank.generator.send_lag_us.p99)},
            {"send_lag_max_us", rounded(rank.generator.send_lag_us.max)},
            {"tx_dropped", rank.generator.tx_dropped},
            {"rx_dropped", rank.generator.rx_dropped},
            {"missed_slots", rank.generator.missed_slots},
            {"busy", busy},
            {"longest_gap_us", rounded(rank.generator.longest_gap_us)}};
}

Json to_json(const Recovery& recovery) {
    Json out{{"from_s", rounded(recovery.from_s)}, {"until_s", rounded(recovery.until_s)}};
    for (std::size_t i = 0; i < recovery_shares.size(); ++i) {
        const std::optional<double>& after_s = recovery.registered_after_s[i];
        out[fmt::format("registered_{}_after_s", recovery_shares[i])] = after_s ? rounded(*after_s) : Json(nullptr);
    }
    return out;
}

/// "max" as in run.rate: a `null` would say that nobody knows.
Json to_json(const RateChange& change) {
    const Json rate = std::isinf(change.rate_per_s) ? Json("max") : rounded(change.rate_per_s);
    return {{"t_s", rounded(change.t_s)}, {"rate_per_s", rate}};
}

/// Shares need more digits than delays.
Json to_json(const Criterion& criterion) {
    const Json value = criterion.value ? Json(std::round(*criterion.value * 1e6) / 1e6) : Json(nullptr);
    return {{"text", criterion.text}, {"value", value}, {"measured", criterion.measured}, {"passed", criterion.passed}};
}

Json to_json(const SeriesRow& row) {
    return {{"t_s", rounded(row.t_s)},
            {"registered", row.registered},
            {"clearings", row.clearings},
            {"attempted", row.attempted},
            {"succeeded", row.succeeded},
            {"failed", row.failed},
            {"retransmitted", row.retransmitted},
            {"rrd_p50_us", rounded(row.rrd_p50_us)},
            {"rrd_p99_us", rounded(row.rrd_p99_us)}};
}

}  // namespace

std::string_view to_text(Status status) {
    switch (status) {
        case Status::valid:
            return "valid";
        case Status::generator_limited:
            return "generator-limited";
        case Status::aborted:
            return "aborted";
    }
    return "";
}

Json to_json(const RunResult& result) {
    Json responses = Json::object();
    for (const auto& [status, count] : result.responses) {
        responses[std::to_string(status)] = count;
    }
    Json series = Json::array();
    for (const SeriesRow& row : result.series) {
        series.push_back(to_json(row));
    }
    Json recoveries = Json::array();
    for (const Recovery& recovery : result.recoveries) {
        recoveries.push_back(to_json(recovery));
    }
    Json rate_changes = Json::array();
    for (const RateChange& change : result.rate_changes) {
        rate_changes.push_back(to_json(change));
    }
    Json ranks = Json::array();
    for (const Rank& rank : result.ranks) {
        ranks.push_back(to_json(rank));
    }
    Json groups = Json::array();
    for (const GroupResult& group : result.groups) {
        groups.push_back(to_json(group));
    }
    Json criteria = Json::array();
    for (const Criterion& criterion : result.criteria) {
        criteria.push_back(to_json(criterion));
    }
    const Endpoints& endpoints = result.endpoints;
    const Removals& removals = result.removals;
    const Machine& machine = result.machine;
    return {{"schema", result_schema},
            {"version", result.version},
            {"verdict", {{"status", to_text(result.verdict.status)}, {"reasons", result.verdict.reasons}}},
            {"criteria", criteria},
            {"duration_s", rounded(result.duration_s)},
            {"endpoints",
             {{"total", endpoints.total},
              {"registered", endpoints.registered},
              {"pending", endpoints.pending},
              {"failed", endpoints.failed}}},
            {"registrations", to_json(result.registrations)},
            {"clearings", to_json(result.clearings)},
            {"removals",
             {{"attempted", removals.attempted}, {"succeeded", removals.succeeded}, {"failed", removals.failed}}},
            {"binding_lost", result.binding_lost},
            {"options", to_json(result.options)},
            {"options_rtt_us", to_json(result.options_rtt_us)},
            {"subscriptions", to_json(result.subscriptions)},
            {"messages", to_json(result.messages)},
            {"responses", responses},
            {"rrd_us", to_json(result.rrd_us)},
            {"outcomes_us", to_json(result.outcomes_us)},
            {"service_us", to_json(result.service_us)},
            {"groups", groups},
            {"rate_changes", rate_changes},
            {"recoveries", recoveries},
            {"generator", to_json(result.generator)},
            {"ranks", ranks},
            {"bytes_per_endpoint", rounded(result.bytes_per_endpoint)},
            {"machine", {{"cpu", machine.cpu}, {"cores", machine.cores}, {"kernel", machine.kernel}}},
            {"scenario", result.scenario},
            {"series", series}};
}

std::string write_result(const RunResult& result, const std::string& path) {
    // Bytes that are no UTF-8 (a CPU name, a path) must not cost the whole result.
    return write_text(to_json(result).dump(2, ' ', false, Json::error_handler_t::replace) + "\n", path);
}

std::string write_text(std::string_view text, const std::string& path) {
    std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "w");
    if (file == nullptr) {
        return fmt::format("{}: cannot be written: {}", path, std::strerror(errno));
    }
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    const bool closed = file == stdout ? std::fflush(file) == 0 : std::fclose(file) == 0;
    return written && closed ? "" : fmt::format("{}: could not be written whole: {}", path, std::strerror(errno));
}

}  // namespace regstorm::report
