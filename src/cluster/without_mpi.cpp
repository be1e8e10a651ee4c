// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "regstorm/cluster/launch.hpp"

namespace regstorm::cluster {

Launched meet(const std::function<std::string()>& /*invite*/) {
    throw std::runtime_error("started as one of " + std::to_string(started_together()) +
                             " processes, but built without MPI; configure it with -Dmpi=enabled");
}

std::string_view mpi_version() { return "no"; }

}  // namespace regstorm::cluster
