// SPDX-License-Identifier: Apache-2.0
// The program, from the top: arguments into a request, the request into a scenario, the scenario into a command.
#include <cstdio>
#include <exception>
#include <fmt/format.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/help.hpp"
#include "app/ranks.hpp"
#include "app/scenario_input.hpp"
#include "regstorm/cluster/launch.hpp"

namespace regstorm::app {
namespace {

/// Beyond this point the scenario is good: every value within its range, none contradicting another.
int with_scenario(const config::Request& request, int (*command)(const config::Scenario&)) {
    const config::Loaded loaded = load_checked(request);
    for (const config::Problem& problem : loaded.problems) {
        fmt::print(stderr, "{}\n", config::to_text(problem));
    }
    return loaded.good() ? command(loaded.scenario) : bad_usage;
}

int print(std::FILE* out, std::string_view text, ExitCode code) {
    fmt::print(out, "{}", text);
    return code;
}

int dispatch(const CommandLine& line) {
    switch (line.action) {
        case Action::overview:
            return print(stderr, overview_text(), bad_usage);
        case Action::help:
            return print(stdout, line.text, passed);
        case Action::version:
            return print(stdout, version_text(), passed);
        case Action::error:
            return print(stderr, line.text + "\n", bad_usage);
        case Action::run:
            return cluster::started_together() > 1 ? run_over_ranks(line.request)
                                                   : with_scenario(line.request, run_command);
        case Action::registrar:
            return with_scenario(line.request, registrar_command);
        case Action::capacity:
            if (cluster::started_together() > 1) {
                return print(stderr, "regstorm: capacity searches in one process: start it without mpirun\n",
                             bad_usage);
            }
            return with_scenario(line.request, capacity_command);
        case Action::doctor:
            return doctor_command(line.as_json);
        case Action::scenarios:
            return library_command(config::scenarios(), "scenario", line.words);
        case Action::profiles:
            return profiles_command(line);
        case Action::report:
            return report_command(line);
        case Action::compare:
            return compare_command(line);
    }
    return bad_usage;
}

}  // namespace
}  // namespace regstorm::app

int main(int argc, char** argv) {
    using namespace regstorm::app;
    try {
        return dispatch(parse_command_line({argv + 1, argv + argc}));
    } catch (const std::exception& failure) {
        fmt::print(stderr, "regstorm: {}\n", failure.what());
        return cannot_run;
    }
}
