// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/commands.hpp"
#include "build_facts.hpp"
#include "regstorm/cluster/launch.hpp"

namespace regstorm::app {
namespace {

#ifdef NDEBUG
constexpr std::string_view checks = "without internal checks";
#else
constexpr std::string_view checks = "with internal checks";
#endif
#ifdef __clang__
constexpr std::string_view compiler = "clang " __clang_version__;
#else
constexpr std::string_view compiler = "g++ " __VERSION__;
#endif

}  // namespace

std::string_view version() { return REGSTORM_VERSION; }  // from meson.build, the one place that has it

std::string version_text() {
    return fmt::format(
        "regstorm {}\ncommit      {}\nbuild       {}, {}, {}\nDPDK        {}\nPrometheus  {}\nMPI         {}\n",
        version(), REGSTORM_COMMIT, compiler, REGSTORM_BUILD, checks, REGSTORM_DPDK, REGSTORM_PROMETHEUS,
        cluster::mpi_version());
}

}  // namespace regstorm::app
