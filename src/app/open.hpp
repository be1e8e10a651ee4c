// SPDX-License-Identifier: Apache-2.0
// Before a port is opened: whether this machine can carry it.
#pragma once

#include <cstdint>
#include <string>

#include "regstorm/config/scenario.hpp"
#include "regstorm/port/port_spec.hpp"

namespace regstorm::app {

/// What the machine lacks for the port and how to mend it, or nothing.
[[nodiscard]] std::string why_closed(const port::PortSpec& spec, const config::Scenario& scenario,
                                     std::uint16_t queues);

/// True when the machine has what the port needs; else says on stderr what is missing and how to mend it.
[[nodiscard]] bool can_open(const port::PortSpec& spec, const config::Scenario& scenario, std::uint16_t queues);

}  // namespace regstorm::app
