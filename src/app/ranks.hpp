// SPDX-License-Identifier: Apache-2.0
// `regstorm run` as one of several processes that mpirun or srun started: rank 0 runs and tells, the others lend it
// their workers.
#pragma once

#include "regstorm/cluster/head.hpp"
#include "regstorm/cluster/share.hpp"
#include "regstorm/config/load.hpp"

namespace regstorm::app {

[[nodiscard]] int run_over_ranks(const config::Request& request);

/// `regstorm run` for a share of the workers (run.cpp); `head` leads the others.
[[nodiscard]] int run_share(const config::Scenario& scenario, const cluster::Share& share, cluster::Head* head);

}  // namespace regstorm::app
