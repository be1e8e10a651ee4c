// SPDX-License-Identifier: Apache-2.0
#include "regstorm/cluster/launch.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace regstorm::cluster {
namespace {

std::uint32_t number_in(const char* variable) {
    const char* const text = std::getenv(variable);
    std::uint32_t number = 0;
    if (text != nullptr) {
        const std::string_view view(text);
        std::from_chars(view.data(), view.data() + view.size(), number);
    }
    return number;
}

}  // namespace

std::uint32_t started_together() {
    // Open MPI's mpirun, then launchers with PMI, then Slurm with PMIx, which says how many only in words of its own.
    const std::uint32_t by_pmix = std::getenv("PMIX_RANK") != nullptr ? number_in("SLURM_STEP_NUM_TASKS") : 0;
    return std::max({number_in("OMPI_COMM_WORLD_SIZE"), number_in("PMI_SIZE"), by_pmix, std::uint32_t{1}});
}

}  // namespace regstorm::cluster
