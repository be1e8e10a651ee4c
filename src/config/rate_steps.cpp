// SPDX-License-Identifier: Apache-2.0
#include "regstorm/config/rate_steps.hpp"

#include <fmt/format.h>

#include "config/pieces.hpp"

namespace regstorm::config {
namespace {

Parsed<RateStep> parse_step(std::string_view text) {
    const std::size_t blank = text.find_first_of(" \t");
    if (blank == text.npos) {
        return {{}, fmt::format("is no step at \"{}\"; write when and how fast, as in 10s 2k", text)};
    }
    const Parsed<Duration> at = parse_duration(text.substr(0, blank), {});
    if (!at.good()) {
        return {{}, fmt::format("{} (at \"{}\")", at.problem, text)};
    }
    const Parsed<Rate> rate = parse_rate(trimmed(text.substr(blank)));
    if (!rate.good() || rate.value.max) {
        return {{}, fmt::format("{} (at \"{}\")", rate.good() ? "steps have no rate max" : rate.problem, text)};
    }
    return {{at.value, rate.value.per_second}, {}};
}

}  // namespace

Parsed<std::vector<RateStep>> parse_rate_steps(std::string_view text) {
    std::vector<RateStep> steps;
    while (!trimmed(text).empty()) {
        const std::size_t comma = text.find(',');
        const Parsed<RateStep> step = parse_step(trimmed(text.substr(0, comma)));
        if (!step.good()) {
            return {{}, step.problem};
        }
        if (!steps.empty() && step.value.at <= steps.back().at) {
            return {{}, fmt::format("goes back in time at {}", to_text(step.value.at))};
        }
        if (steps.size() == rate_steps_max) {
            return {{}, fmt::format("has more than {} steps", rate_steps_max)};
        }
        steps.push_back(step.value);
        text = comma == text.npos ? std::string_view{} : text.substr(comma + 1);
    }
    return {std::move(steps), {}};
}

std::string check_rate_steps(std::string_view text) { return parse_rate_steps(text).problem; }

}  // namespace regstorm::config
