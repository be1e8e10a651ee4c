// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/commands.hpp"
#include "regstorm/report/run_result.hpp"

namespace regstorm::app {

int doctor_command() {
    const report::Machine machine = report::this_machine();
    fmt::print("processor  {}, {} cores\nkernel     {}\n", machine.cpu, machine.cores, machine.kernel);
    return passed;
}

}  // namespace regstorm::app
