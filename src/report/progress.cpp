// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/progress.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string>

namespace regstorm::report {
namespace {

constexpr std::size_t bar_chars_min = 10;

std::string count(std::uint64_t value) { return with_separators(value); }

std::string per_second(const ProgressSample& sample) {
    return count(static_cast<std::uint64_t>(std::max(0.0, sample.per_second))) + "/s";
}

std::string population(const ProgressSample& sample) {
    return fmt::format("{}/{} registered", count(sample.registered), count(sample.endpoints));
}

/// The share that is registered, as wide as there is room.
std::string bar(const ProgressSample& sample, std::size_t chars) {
    const double share =
        sample.endpoints == 0
            ? 0
            : std::min(1.0, static_cast<double>(sample.registered) / static_cast<double>(sample.endpoints));
    const auto full = static_cast<std::size_t>(share * static_cast<double>(chars));
    return '[' + std::string(full, '#') + std::string(chars - full, '.') + ']';
}

std::string time_of(const ProgressSample& sample) {
    std::string text = span_text(sample.elapsed_s);
    if (sample.left_s) {
        text += ", " + span_text(*sample.left_s) + " left";
    }
    return sample.phase.empty() ? text : text + ", " + std::string(sample.phase);
}

/// The bar takes what the figures leave.
std::string first_line(const ProgressSample& sample, std::uint32_t columns) {
    const std::string text = population(sample) + "  " + time_of(sample);
    const std::size_t taken = text.size() + 5;  // brackets, blanks, and the column that stays free
    if (columns >= taken + bar_chars_min) {
        return bar(sample, columns - taken) + "  " + text;
    }
    return text.size() < columns ? text : population(sample);
}

using Parts = std::vector<std::string>;

/// A name and as many of its parts as fit.
std::string line_of(std::string_view name, const Parts& parts, std::uint32_t columns) {
    std::string line = fmt::format("  {:<10}", name);
    for (const std::string& part : parts) {
        // The last column stays free: writing it makes some terminals wrap.
        if (line.size() + 3 + part.size() >= columns) {
            break;
        }
        line += part + "   ";
    }
    return line.substr(0, line.find_last_not_of(' ') + 1);
}

Parts delays_of(const ProgressSample& sample) {
    return {"p50 " + delay_text(sample.rrd_p50_us), "p90 " + delay_text(sample.rrd_p90_us),
            "p99 " + delay_text(sample.rrd_p99_us), "p99.9 " + delay_text(sample.rrd_p999_us),
            "max " + delay_text(sample.rrd_max_us)};
}

/// The most frequent first.
Parts answers_of(const ProgressSample& sample) {
    auto codes = sample.codes;
    std::ranges::stable_sort(codes, std::greater<>{}, [](const auto& code) { return code.second; });
    Parts parts;
    for (const auto& [status, number] : codes) {
        parts.push_back(fmt::format("{} {}", status, count(number)));
    }
    return parts.empty() ? Parts{"none yet"} : parts;
}

}  // namespace

std::vector<std::string> progress_screen(const ProgressSample& sample, std::uint32_t columns) {
    std::vector<std::string> lines{
        first_line(sample, columns),
        line_of("rate",
                {per_second(sample), "in flight " + count(sample.in_flight), "failed " + count(sample.failed),
                 "sent again " + count(sample.retransmitted)},
                columns),
        line_of("delay", delays_of(sample), columns), line_of("answers", answers_of(sample), columns),
        line_of("generator",
                {"send lag p99 " + delay_text(sample.lag_p99_us), "lost here " + count(sample.lost),
                 "slots missed " + count(sample.missed_slots)},
                columns)};
    if (sample.keys) {
        lines.push_back(line_of("keys", {"p pause or go on", "+ faster", "- slower", "q stop"}, columns));
    }
    for (std::string& line : lines) {
        line.resize(std::min<std::size_t>(line.size(), columns - 1));
    }
    return lines;
}

std::string progress_row(const ProgressSample& sample) {
    Parts parts{population(sample), per_second(sample), "failed " + count(sample.failed),
                "in flight " + count(sample.in_flight), "p99 " + delay_text(sample.rrd_p99_us)};
    if (sample.left_s) {
        parts.push_back(span_text(*sample.left_s) + " left");
    }
    if (!sample.phase.empty()) {
        parts.emplace_back(sample.phase);
    }
    return fmt::format("{:>8}  {}", span_text(sample.elapsed_s), fmt::join(parts, "  "));
}

Progress::Mode Progress::mode_for(const config::Report& report, const Terminal& terminal) {
    if (report.quiet || !report.progress) {
        return Mode::none;
    }
    return terminal.interactive ? Mode::redraw : Mode::rows;
}

void Progress::show(const ProgressSample& sample) {
    if (mode_ == Mode::redraw) {
        const std::vector<std::string> lines = progress_screen(sample, columns_);
        // Back to the first line; each is written over the one before, so that nothing flickers.
        std::string text = drawn_ > 1 ? fmt::format("\r\x1b[{}A", drawn_ - 1) : "\r";
        text += fmt::format("{}\x1b[K", fmt::join(lines, "\x1b[K\n"));
        fmt::print(out_, "{}", text);
        drawn_ = lines.size();
    } else if (mode_ == Mode::rows) {
        fmt::print(out_, "{}\n", progress_row(sample));
    }
    std::fflush(out_);
}

void Progress::finish() {
    if (drawn_ != 0) {
        fmt::print(out_, "{}\x1b[J", drawn_ > 1 ? fmt::format("\r\x1b[{}A", drawn_ - 1) : "\r");
        std::fflush(out_);
        drawn_ = 0;
    }
}

}  // namespace regstorm::report
