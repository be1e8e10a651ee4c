// SPDX-License-Identifier: Apache-2.0
// The lab's results for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "measurement.hpp"

namespace regstorm::timer_lab {

[[nodiscard]] std::string text_table(const std::vector<Measurement>& measurements);
[[nodiscard]] std::string to_json(const std::vector<Measurement>& measurements);
[[nodiscard]] std::string to_csv(const std::vector<Measurement>& measurements);
/// One page with charts as SVG, which needs nothing but itself.
[[nodiscard]] std::string to_html(const std::vector<Measurement>& measurements);

}  // namespace regstorm::timer_lab
