// SPDX-License-Identifier: Apache-2.0
#include "regstorm/capacity/result.hpp"

#include <cmath>

namespace regstorm::capacity {
namespace {

using Json = nlohmann::ordered_json;

Json rounded(double value) { return std::isfinite(value) ? Json(std::round(value * 1000) / 1000) : Json(nullptr); }
Json rounded(const std::optional<double>& value) { return value ? rounded(*value) : Json(nullptr); }

Json to_json(const Level& level) {
    return {{"rate", rounded(level.rate)},
            {"held", level.held},
            {"broke", level.broke},
            {"generator_limited", level.generator_limited}};
}

Json to_json(const Trial& trial) {
    const report::DelaySummary& rrd = trial.rrd_us;
    return {{"stage", to_text(trial.stage)},
            {"rate", rounded(trial.rate)},
            {"fate", to_text(trial.fate)},
            {"broke", trial.broke},
            {"limited", trial.limited},
            {"load_s", rounded(trial.seconds)},
            {"whole_s", rounded(trial.whole_s)},
            {"cut_short", trial.cut_short},
            {"first_user", trial.first},
            {"attempted", trial.registrations.attempted},
            {"succeeded", trial.registrations.succeeded},
            {"failed", trial.registrations.failed},
            {"abandoned", trial.registrations.abandoned},
            {"per_second", rounded(trial.registrations.per_second)},
            {"retransmitted", trial.retransmitted},
            {"rrd_us",
             {{"p50", rounded(rrd.p50)},
              {"p99", rounded(rrd.p99)},
              {"p999", rounded(rrd.p999)},
              {"max", rounded(rrd.max)}}},
            {"send_lag_p99_us", rounded(trial.send_lag_p99_us)},
            {"busy", rounded(trial.busy)},
            {"left_clean", trial.left_clean},
            {"swept", trial.swept}};
}

Json to_json(const Rfc7502Form& form) {
    return {{"transport", form.transport},
            {"attempts", form.attempts},
            {"establishment_threshold_s", rounded(form.establishment_threshold_s)},
            {"security", form.security},
            {"notes", form.notes},
            {"baseline_rate", rounded(form.baseline)},
            {"registration_rate", rounded(form.registration_rate)},
            {"re_registration_rate", rounded(form.re_registration_rate)}};
}

}  // namespace

std::string_view to_text(Stage stage) {
    switch (stage) {
        case Stage::search:
            return "search";
        case Stage::baseline:
            return "baseline";
        case Stage::registration:
            return "registration";
        case Stage::re_registration:
            return "re-registration";
    }
    return "";
}

Json to_json(const CapacityResult& result) {
    Json trials = Json::array();
    for (const Trial& trial : result.trials) {
        trials.push_back(to_json(trial));
    }
    const Finding& finding = result.finding;
    return {
        {"schema", capacity_schema},
        {"version", result.version},
        {"method", result.method},
        {"goal", result.goal},
        {"rate", rounded(finding.held.rate)},
        {"confidence", rounded(finding.confidence)},
        {"limit", to_text(finding.limit)},
        {"broke_first", result.broke_first},
        {"held", to_json(finding.held)},
        {"next", to_json(finding.next)},
        {"seconds", rounded(result.seconds)},
        {"rfc7502", result.rfc7502 ? to_json(*result.rfc7502) : Json(nullptr)},
        {"trials", trials},
        {"machine", {{"cpu", result.machine.cpu}, {"cores", result.machine.cores}, {"kernel", result.machine.kernel}}},
        {"scenario", result.scenario}};
}

}  // namespace regstorm::capacity
