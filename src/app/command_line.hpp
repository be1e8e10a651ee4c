// SPDX-License-Identifier: Apache-2.0
// Arguments into a request, without side effects: nothing is printed, nothing exits, so that tests can call it. CLI11
// splits the arguments; what they mean, what they may be and what was meant instead comes from the option table, so a
// flag says exactly what the same key in a scenario file would say.
#pragma once

#include <string>
#include <vector>

#include "regstorm/config/load.hpp"

namespace regstorm::app {

enum class Action : std::uint8_t {
    overview,
    help,
    version,
    run,
    registrar,
    capacity,
    doctor,
    scenarios,
    profiles,
    report,
    compare,
    error
};

struct CommandLine {
    Action action = Action::overview;
    config::Request request;         ///< for run and registrar
    std::vector<std::string> words;  ///< for the commands without a scenario: what follows the command
    bool resolved = false;           ///< profiles show: every key
    std::string account = "1";       ///< profiles import
    std::string output;              ///< profiles import, report: the file to write
    bool force = false;              ///< compare: whatever differs
    bool as_json = false;            ///< doctor
    std::string text;                ///< for help; for error one or more lines
};

/// `arguments` without the program's name.
[[nodiscard]] CommandLine parse_command_line(const std::vector<std::string>& arguments);

}  // namespace regstorm::app
