// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "regstorm/config/load.hpp"

namespace regstorm::app {

int run_command(const config::Scenario& scenario) {
    fmt::print(stderr, "regstorm run: this build has no engine; the scenario is good:\n{}\n",
               config::to_json(scenario).dump(2));
    return cannot_run;
}

}  // namespace regstorm::app
