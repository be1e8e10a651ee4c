// SPDX-License-Identifier: Apache-2.0
// What each command does once its input is known to be good, and what its exit code means.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/command_line.hpp"
#include "regstorm/config/library.hpp"
#include "regstorm/config/scenario.hpp"

namespace regstorm::app {

enum ExitCode : int {
    passed = 0,
    criterion_failed = 1,
    bad_usage = 2,
    generator_limited = 3,  ///< the figures are not the registrar's
    cannot_run = 4,         ///< the environment does not allow it
};

[[nodiscard]] int run_command(const config::Scenario& scenario);
[[nodiscard]] int registrar_command(const config::Scenario& scenario);
[[nodiscard]] int capacity_command(const config::Scenario& scenario);
[[nodiscard]] int doctor_command(bool as_json);

/// `words` are those after the command: none or "list", or "show" and a name. `noun` is "scenario" or "profile".
[[nodiscard]] int library_command(std::span<const config::Embedded> all, std::string_view noun,
                                  const std::vector<std::string>& words);

/// `regstorm profiles`: as above, and `show NAME --resolved`, `import FILE`.
[[nodiscard]] int profiles_command(const CommandLine& line);

/// `regstorm report RESULT.json`: the page of a result that was kept.
[[nodiscard]] int report_command(const CommandLine& line);
/// `regstorm compare A.json B.json`
[[nodiscard]] int compare_command(const CommandLine& line);

/// "0.1.0".
[[nodiscard]] std::string_view version();
/// What `--version` prints: that, and what this program was built from and with.
[[nodiscard]] std::string version_text();

}  // namespace regstorm::app
