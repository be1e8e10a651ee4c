// SPDX-License-Identifier: Apache-2.0
// The page that embed.py writes at build time, in pieces that every compiler takes; the data goes between the two.
#pragma once

#include <cstddef>
#include <iterator>
#include <string_view>

namespace regstorm::report {

extern const std::string_view page_before_data[];
extern const std::size_t page_before_data_count;
extern const std::string_view page_after_data[];
extern const std::size_t page_after_data_count;

}  // namespace regstorm::report
