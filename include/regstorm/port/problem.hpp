// SPDX-License-Identifier: Apache-2.0
// How a port says that this machine cannot carry it: what is missing, and the command that mends it.
#pragma once

#include <stdexcept>
#include <string>

namespace regstorm::port {

struct Problem {
    std::string what;  ///< one line: what is missing or wrong
    std::string fix;   ///< the exact command, or what to write instead; may be empty when nobody knows
};

/// Thrown while ports are opened, never afterwards. The program prints what() and exits with status 4.
class PortError : public std::runtime_error {
  public:
    /// `detail`: the last words of DPDK, several lines, for those who have to dig deeper.
    explicit PortError(Problem problem, std::string detail = {})
        : std::runtime_error(problem.fix.empty() ? problem.what : problem.what + "; fix: " + problem.fix),
          problem_(std::move(problem)),
          detail_(std::move(detail)) {}

    [[nodiscard]] const Problem& problem() const { return problem_; }
    [[nodiscard]] const std::string& detail() const { return detail_; }

  private:
    Problem problem_;
    std::string detail_;
};

}  // namespace regstorm::port
