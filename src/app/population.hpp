// SPDX-License-Identifier: Apache-2.0
// Which phones there are: the groups of the scenario as rows of the engine's group table, each with its block of the
// run's numbers and its registrar.
#pragma once

#include <vector>

#include "regstorm/base/socket_address.hpp"
#include "regstorm/config/scenario.hpp"
#include "regstorm/engine/plan.hpp"

namespace regstorm::app {

/// Address of a target; names are looked up. Throws PlanError with what to do about it.
[[nodiscard]] base::SocketAddress resolve(const config::Target& target);

/// One group for all phones, or those of the scenario, in order. `registrar`: where phones without a target of their
/// own send. Throws PlanError when counts and shares do not add up to the run's endpoints.
[[nodiscard]] std::vector<engine::Group> make_groups(const config::Scenario& scenario, bool embedded,
                                                     const base::SocketAddress& registrar);

/// A step through `endpoints` that visits all of them and mixes neighbours: 1 for a single group.
[[nodiscard]] std::uint32_t start_stride(std::uint32_t endpoints, std::size_t groups);

}  // namespace regstorm::app
