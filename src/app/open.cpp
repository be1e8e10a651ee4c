// SPDX-License-Identifier: Apache-2.0
#include "app/open.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <vector>

#include "regstorm/port/preflight.hpp"

namespace regstorm::app {

std::string why_closed(const port::PortSpec& spec, const config::Scenario& scenario, std::uint16_t queues) {
    std::string lines;
    for (const port::Problem& problem :
         port::preflight(spec, {.queues = queues, .take_default_route = scenario.link.take_default_route},
                         port::gather_host_facts())) {
        lines += (lines.empty() ? "" : "\nregstorm: ") + std::string(port::PortError(problem).what());
    }
    return lines;
}

bool can_open(const port::PortSpec& spec, const config::Scenario& scenario, std::uint16_t queues) {
    const std::string lines = why_closed(spec, scenario, queues);
    if (!lines.empty()) {
        fmt::print(stderr, "regstorm: {}\n", lines);
    }
    return lines.empty();
}

}  // namespace regstorm::app
