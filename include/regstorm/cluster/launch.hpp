// SPDX-License-Identifier: Apache-2.0
// The only part that knows MPI: which of several processes this is, and one text that rank 0 tells the others. MPI is
// left again before the run begins. With Open MPI 4.1 a call into it can wait for mpirun when a peer dies (its TCP
// transport reports that by way of mpirun), which is when the survivors have two seconds to save what was gathered.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace regstorm::cluster {

/// How many processes a launcher (mpirun, srun) has started together, by its environment; 1 without one.
[[nodiscard]] std::uint32_t started_together();

struct Launched {
    std::uint32_t rank = 0;
    std::uint32_t ranks = 1;
    std::string invitation{};  ///< what rank 0's `invite` gave
};

/// Meets the other ranks; `invite` is called on rank 0. Throws std::runtime_error when this build has no MPI.
[[nodiscard]] Launched meet(const std::function<std::string()>& invite);

/// Of the MPI that this was built with; "no".
[[nodiscard]] std::string_view mpi_version();

}  // namespace regstorm::cluster
