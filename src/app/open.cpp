// SPDX-License-Identifier: Apache-2.0
#include "app/open.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <vector>

#include "regstorm/port/preflight.hpp"

namespace regstorm::app {

bool can_open(const port::PortSpec& spec, const config::Scenario& scenario, std::uint16_t queues) {
    const std::vector<port::Problem> problems = port::preflight(
        spec, {.queues = queues, .take_default_route = scenario.link.take_default_route}, port::gather_host_facts());
    for (const port::Problem& problem : problems) {
        fmt::print(stderr, "regstorm: {}\n", port::PortError(problem).what());
    }
    return problems.empty();
}

}  // namespace regstorm::app
