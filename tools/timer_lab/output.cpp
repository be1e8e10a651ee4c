// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace regstorm::timer_lab {
namespace {

constexpr std::array<const char*, event_count> event_names{"cycles", "instructions", "cache_misses", "branch_misses"};

std::string ns_text(double ns) {
    return ns == 0 ? "-" : ns < 10 ? fmt::format("{:.1f}", ns) : fmt::format("{:.0f}", ns);
}

std::string us_text(double ns) {
    const double us = ns / 1000;
    return us < 10 ? fmt::format("{:.1f}", us) : fmt::format("{:.0f}", us);
}

std::string event_text(const Measurement& found, Event event) {
    const std::optional<double> each = found.event_each(event);
    return each ? fmt::format("{:.{}f}", *each, *each < 10 ? 2 : 0) : "n/p";
}

std::string count_text(std::uint64_t count) {
    if (count >= 1'000'000 && count % 1'000'000 == 0) {
        return fmt::format("{}M", count / 1'000'000);
    }
    return count >= 1000 && count % 1000 == 0 ? fmt::format("{}k", count / 1000) : fmt::format("{}", count);
}

std::vector<std::string> cells_of(const Measurement& found) {
    const bool own_clock = found.early != 0;
    return {found.facility,
            ns_text(found.ns_each()),
            ns_text(found.arm_ns() == 0 ? found.fill_each_ns() : found.arm_ns()),
            ns_text(found.cancel_ns()),
            ns_text(found.fire_ns()),
            event_text(found, Event::cycles),
            event_text(found, Event::instructions),
            event_text(found, Event::cache_misses),
            event_text(found, Event::branch_misses),
            fmt::format("{:.0f}", found.bytes_each()),
            us_text(static_cast<double>(found.stall_ns.value_at(0.99))),
            us_text(static_cast<double>(found.stall_ns.max())),
            own_clock ? "own clock"
                      : fmt::format("{} {} {}", found.lateness_ms.value_at(0.5), found.lateness_ms.value_at(0.99),
                                    found.lateness_ms.max()),
            fmt::format("{}", found.fired)};
}

nlohmann::ordered_json json_of(const Measurement& found) {
    nlohmann::ordered_json out{{"workload", found.workload},
                               {"facility", found.facility},
                               {"timers", found.timers},
                               {"seed", found.seed},
                               {"operations", found.operations},
                               {"fired", found.fired},
                               {"early", found.early},
                               {"ns_per_operation", found.ns_each()},
                               {"fill_ns", found.fill_each_ns()},
                               {"arm_ns", found.arm_ns()},
                               {"cancel_ns", found.cancel_ns()},
                               {"fire_ns", found.fire_ns()},
                               {"bytes_per_timer", found.bytes_each()},
                               {"stall_p50_ns", found.stall_ns.value_at(0.5)},
                               {"stall_p99_ns", found.stall_ns.value_at(0.99)},
                               {"stall_max_ns", found.stall_ns.max()},
                               {"late_p50_ms", found.lateness_ms.value_at(0.5)},
                               {"late_p99_ms", found.lateness_ms.value_at(0.99)},
                               {"late_max_ms", found.lateness_ms.max()}};
    for (std::size_t i = 0; i < event_count; ++i) {
        const std::optional<double> each = found.event_each(static_cast<Event>(i));
        out[fmt::format("{}_per_operation", event_names[i])] =
            each ? nlohmann::ordered_json(*each) : nlohmann::ordered_json(nullptr);
    }
    return out;
}

}  // namespace

std::string text_table(const std::vector<Measurement>& measurements) {
    const std::vector<std::string> head{"facility",
                                        "ns/op",
                                        "arm",
                                        "cancel",
                                        "fire",
                                        "cycles",
                                        "instr",
                                        "cache-m",
                                        "br-m",
                                        "B/timer",
                                        "stall p99 us",
                                        "worst us",
                                        "late ms p50 p99 max",
                                        "fired"};
    std::string text;
    for (std::size_t first = 0; first < measurements.size();) {
        std::size_t end = first;
        std::vector<std::vector<std::string>> rows{head};
        while (end < measurements.size() && measurements[end].workload == measurements[first].workload &&
               measurements[end].timers == measurements[first].timers) {
            rows.push_back(cells_of(measurements[end++]));
        }
        text += fmt::format("{}, {} timers\n", measurements[first].workload, count_text(measurements[first].timers));
        for (const std::vector<std::string>& row : rows) {
            std::string line;
            for (std::size_t column = 0; column < row.size(); ++column) {
                std::size_t width = 0;
                for (const std::vector<std::string>& other : rows) {
                    width = std::max(width, other[column].size());
                }
                line += column == 0 ? fmt::format("  {:<{}}", row[column], width)
                                    : fmt::format("  {:>{}}", row[column], width);
            }
            text += line + '\n';
        }
        text += '\n';
        first = end;
    }
    if (!measurements.empty() && !measurements.front().events_refusal.empty()) {
        text += fmt::format("n/p: {}\n", measurements.front().events_refusal);
    }
    return text;
}

std::string to_json(const std::vector<Measurement>& measurements) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const Measurement& found : measurements) {
        rows.push_back(json_of(found));
    }
    const std::string refusal = measurements.empty() ? std::string{} : measurements.front().events_refusal;
    return nlohmann::ordered_json{{"counters", refusal.empty() ? "all" : refusal}, {"measurements", rows}}.dump(1) +
           '\n';
}

std::string to_csv(const std::vector<Measurement>& measurements) {
    std::string text;
    for (const Measurement& found : measurements) {
        const nlohmann::ordered_json row = json_of(found);
        std::string head;
        std::string line;
        for (const auto& [key, value] : row.items()) {
            head += (head.empty() ? "" : ",") + key;
            line += (line.empty() ? "" : ",") + (value.is_null()     ? std::string{}
                                                 : value.is_string() ? value.get<std::string>()
                                                                     : value.dump());
        }
        text += (text.empty() ? head + '\n' : std::string{}) + line + '\n';
    }
    return text;
}

}  // namespace regstorm::timer_lab
