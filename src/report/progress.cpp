// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/progress.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

namespace regstorm::report {
namespace {

constexpr std::size_t bar_chars = 20;

double share_of(const ProgressSample& sample) {
    return sample.endpoints == 0
               ? 0
               : std::min(1.0, static_cast<double>(sample.registered) / static_cast<double>(sample.endpoints));
}

std::string bar(double share) {
    const std::size_t full = static_cast<std::size_t>(share * bar_chars);
    return '[' + std::string(full, '#') + std::string(bar_chars - full, '.') + ']';
}

/// From what matters most to what matters least.
std::vector<std::string> parts_of(const ProgressSample& sample) {
    std::vector<std::string> parts;
    parts.push_back(
        fmt::format("{}/{} registered", with_separators(sample.registered), with_separators(sample.endpoints)));
    parts.push_back(fmt::format("{}/s", with_separators(static_cast<std::uint64_t>(std::max(0.0, sample.per_second)))));
    parts.push_back(fmt::format("failed {}", with_separators(sample.failed)));
    parts.push_back(fmt::format("in flight {}", with_separators(sample.in_flight)));
    parts.push_back("p99 " + delay_text(sample.rrd_p99_us));
    if (sample.left_s) {
        parts.push_back(span_text(*sample.left_s) + " left");
    }
    if (!sample.phase.empty()) {
        parts.emplace_back(sample.phase);
    }
    return parts;
}

}  // namespace

std::string progress_line(const ProgressSample& sample, std::uint32_t columns) {
    std::string line = bar(share_of(sample));
    for (const std::string& part : parts_of(sample)) {
        // The last column stays free: writing it makes some terminals wrap.
        if (line.size() + 2 + part.size() >= columns) {
            break;
        }
        line += "  " + part;
    }
    return line;
}

std::string progress_row(const ProgressSample& sample) {
    return fmt::format("{:>8}  {}", span_text(sample.elapsed_s), fmt::join(parts_of(sample), "  "));
}

Progress::Mode Progress::mode_for(const config::Report& report, const Terminal& terminal) {
    if (report.quiet || !report.progress) {
        return Mode::none;
    }
    return terminal.interactive ? Mode::redraw : Mode::rows;
}

void Progress::show(const ProgressSample& sample) {
    if (mode_ == Mode::redraw) {
        fmt::print(out_, "\r{}\x1b[K", progress_line(sample, columns_));
        drawn_ = true;
    } else if (mode_ == Mode::rows) {
        fmt::print(out_, "{}\n", progress_row(sample));
    }
    std::fflush(out_);
}

void Progress::finish() {
    if (drawn_) {
        std::fputs("\r\x1b[K", out_);
        std::fflush(out_);
        drawn_ = false;
    }
}

}  // namespace regstorm::report
