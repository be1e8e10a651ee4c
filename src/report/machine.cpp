// SPDX-License-Identifier: Apache-2.0
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "regstorm/report/run_result.hpp"

namespace regstorm::report {
namespace {

/// The first "model name" of /proc/cpuinfo; other architectures do not have one and report theirs by name.
std::string cpu_name(const char* otherwise) {
    std::ifstream cpuinfo("/proc/cpuinfo");
    for (std::string line; std::getline(cpuinfo, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) {
            return line.substr(colon + 2);
        }
    }
    return otherwise;
}

}  // namespace

Machine this_machine() {
    utsname system{};
    uname(&system);
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return {.cpu = cpu_name(system.machine),
            .cores = static_cast<std::uint32_t>(cores > 0 ? cores : 0),
            .kernel = std::string(system.sysname) + " " + system.release};
}

}  // namespace regstorm::report
