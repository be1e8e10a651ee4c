// SPDX-License-Identifier: Apache-2.0
// What is at the other end of a file descriptor, and numbers the way people read them.
#pragma once

#include <cstdint>
#include <string>

namespace regstorm::report {

struct Terminal {
    bool interactive = false;
    bool colour = false;  ///< interactive, not TERM=dumb, NO_COLOR unset or empty (no-color.org)
    std::uint32_t columns = 80;
};

[[nodiscard]] Terminal describe_terminal(int fd);

/// 1234567 as "1,234,567".
[[nodiscard]] std::string with_separators(std::uint64_t value);
/// "870 ns", "42 us", "1.25 ms", "3.1 s".
[[nodiscard]] std::string delay_text(double us);
/// "42 s", "3 min 20 s", "2 h 5 min".
[[nodiscard]] std::string span_text(double seconds);

}  // namespace regstorm::report
