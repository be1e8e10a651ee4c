// SPDX-License-Identifier: Apache-2.0
// The delays of each interval as an HdrHistogram log (format 1.3, histograms V2 compressed), which every program of
// that family reads, merges and plots. Our buckets are HdrHistogram's, so the counts go in as they are.
#pragma once

#include <chrono>
#include <string>

#include "regstorm/stats/histogram.hpp"

namespace regstorm::report {

class HdrLog {
  public:
    /// `start`: when the run began, by the clock on the wall.
    explicit HdrLog(std::chrono::system_clock::time_point start);

    /// An interval that began `start_s` after that.
    void add(double start_s, double length_s, const stats::Histogram& delays);
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string text_;
};

/// One histogram, V2, deflated, in base64: the last column of the log.
[[nodiscard]] std::string encode_hdr(const stats::Histogram& histogram);

}  // namespace regstorm::report
