// SPDX-License-Identifier: Apache-2.0
// "10s 2k, 20s 5k, 40s 0": from ten seconds after the start 2,000 a second, from twenty 5,000, from forty none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "regstorm/config/values.hpp"

namespace regstorm::config {

struct RateStep {
    Duration at{0};  ///< after the start
    double per_second = 0;

    friend bool operator==(const RateStep&, const RateStep&) = default;
};

inline constexpr std::size_t rate_steps_max = 100;

/// The steps, in order of time. Empty text: none.
[[nodiscard]] Parsed<std::vector<RateStep>> parse_rate_steps(std::string_view text);
/// The same for the table of options: what is wrong, or nothing.
[[nodiscard]] std::string check_rate_steps(std::string_view text);

}  // namespace regstorm::config
