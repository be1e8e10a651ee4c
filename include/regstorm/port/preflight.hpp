// SPDX-License-Identifier: Apache-2.0
// What a port needs, checked before anything is opened: every problem at once, each with the command that mends it.
// DPDK's own words for most of these are "Found 0 usable devices".
#pragma once

#include <cstdint>
#include <vector>

#include "regstorm/port/host_facts.hpp"
#include "regstorm/port/port_spec.hpp"
#include "regstorm/port/problem.hpp"

namespace regstorm::port {

struct PreflightOptions {
    std::uint16_t queues = 1;         ///< one per worker
    bool take_default_route = false;  ///< yes, cut this machine off if need be
};

/// Empty: the port should open. `facts` from gather_host_facts().
[[nodiscard]] std::vector<Problem> preflight(const PortSpec& spec, const PreflightOptions& options,
                                             const HostFacts& facts);

}  // namespace regstorm::port
