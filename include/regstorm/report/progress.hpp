// SPDX-License-Identifier: Apache-2.0
// The run as it goes: a few lines that are redrawn in place on a terminal, one line per interval anywhere else, or
// nothing.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regstorm/config/scenario.hpp"
#include "regstorm/report/terminal.hpp"

namespace regstorm::report {

struct ProgressSample {
    std::string_view phase{};  ///< what the run is at, when it is not the load: "paused"; empty: not shown
    double elapsed_s = 0;
    std::uint64_t endpoints = 0;
    std::uint64_t registered = 0;
    double per_second = 0;  ///< registrations succeeded, over the last interval
    std::uint64_t in_flight = 0;
    std::uint64_t failed = 0;
    std::uint64_t retransmitted = 0;
    std::optional<double> left_s{};  ///< nothing when nobody can know
    // Delays of the last interval; NaN: none ended.
    double rrd_p50_us = 0;
    double rrd_p90_us = 0;
    double rrd_p99_us = 0;
    double rrd_p999_us = 0;
    double rrd_max_us = 0;
    std::vector<std::pair<unsigned, std::uint64_t>> codes{};  ///< final answers since the start, by status
    // The generator's own health.
    double lag_p99_us = 0;   ///< of the last interval
    std::uint64_t lost = 0;  ///< datagrams that this machine lost, both ways, since the start
    std::uint64_t missed_slots = 0;
    bool keys = false;  ///< the keyboard is read
};

/// What is redrawn, each line narrower than `columns`: what does not fit is left out from the right.
[[nodiscard]] std::vector<std::string> progress_screen(const ProgressSample& sample, std::uint32_t columns);
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
    /// Clears what is redrawn, so that what follows starts on a clean line.
    void finish();

  private:
    std::FILE* out_;
    Mode mode_;
    std::uint32_t columns_;
    std::size_t drawn_ = 0;  ///< lines, the last of which has the cursor
};

}  // namespace regstorm::report
