// SPDX-License-Identifier: Apache-2.0
// The help texts: what stands in the option table, laid out for a terminal.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace regstorm::app {

/// What `regstorm` alone and `regstorm --help` say.
[[nodiscard]] std::string overview_text();
/// Of one command, by name; empty for a name that is none.
[[nodiscard]] std::string help_text(std::string_view command);

// The same in its parts, for manual pages and completion.

inline constexpr std::array<std::string_view, 8> command_names{"run",       "registrar", "capacity", "doctor",
                                                               "scenarios", "profiles",  "report",   "compare"};
struct HelpOption {
    std::string_view group;  ///< its heading
    std::string typed;       ///< "--rate RATE", "--set device.t1=DURATION"
    std::string explained;
};
/// None for commands without options of the table.
[[nodiscard]] std::vector<HelpOption> help_options(std::string_view command);
/// What stands before the options; of commands without, all of it.
[[nodiscard]] std::string_view help_head(std::string_view command);
[[nodiscard]] std::string_view help_tail(std::string_view command);

}  // namespace regstorm::app
