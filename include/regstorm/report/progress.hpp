// SPDX-License-Identifier: Apache-2.0
// The run as it goes: one line that is redrawn on a terminal, one line per interval anywhere else, or nothing.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "regstorm/config/scenario.hpp"
#include "regstorm/report/terminal.hpp"

namespace regstorm::report {

struct ProgressSample {
    std::string_view phase{};  ///< "registering", "holding", "stopping"; empty: not shown
    double elapsed_s = 0;
    std::uint64_t endpoints = 0;
    std::uint64_t registered = 0;
    double per_second = 0;  ///< registrations succeeded, over the last interval
    std::uint64_t in_flight = 0;
    std::uint64_t failed = 0;
    double rrd_p99_us = 0;
    std::optional<double> left_s{};  ///< nothing when nobody can know
};

/// The redrawn line, at most `columns` wide: what does not fit is left out from the right.
[[nodiscard]] std::string progress_line(const ProgressSample& sample, std::uint32_t columns);
/// The line for logs.
[[nodiscard]] std::string progress_row(const ProgressSample& sample);

class Progress {
  public:
    enum class Mode : std::uint8_t { none, rows, redraw };

    [[nodiscard]] static Mode mode_for(const config::Report& report, const Terminal& terminal);

    Progress(std::FILE* out, Mode mode, std::uint32_t columns) : out_(out), mode_(mode), columns_(columns) {}
    ~Progress() { finish(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(const ProgressSample& sample);
    /// Clears the redrawn line, so that what follows starts on a clean one.
    void finish();

  private:
    std::FILE* out_;
    Mode mode_;
    std::uint32_t columns_;
    bool drawn_ = false;
};

}  // namespace regstorm::report
