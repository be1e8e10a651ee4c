// SPDX-License-Identifier: Apache-2.0
#include <mpi.h>

#include "regstorm/cluster/launch.hpp"

namespace regstorm::cluster {

Launched meet(const std::function<std::string()>& invite) {
    int provided = 0;
    // Errors up to here end the program, in MPI's own words: nothing has begun.
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    int rank = 0;
    int ranks = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    Launched launched{.rank = static_cast<std::uint32_t>(rank), .ranks = static_cast<std::uint32_t>(ranks)};
    if (rank == 0) {
        launched.invitation = invite();
    }
    auto length = static_cast<int>(launched.invitation.size());
    MPI_Bcast(&length, 1, MPI_INT, 0, MPI_COMM_WORLD);
    launched.invitation.resize(static_cast<std::size_t>(length));
    MPI_Bcast(launched.invitation.data(), length, MPI_BYTE, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return launched;
}

std::string_view mpi_version() { return REGSTORM_MPI; }

}  // namespace regstorm::cluster
