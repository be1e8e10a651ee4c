// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "regstorm/config/load.hpp"

namespace regstorm::app {

int registrar_command(const config::Scenario& scenario) {
    fmt::print(stderr, "regstorm registrar: this build has no registrar; its configuration is good:\n{}\n",
               config::to_json(scenario)["registrar"].dump(2));
    return cannot_run;
}

}  // namespace regstorm::app
