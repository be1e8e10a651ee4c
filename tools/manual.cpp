// SPDX-License-Identifier: Apache-2.0
// Writes the manual pages and the completion into a folder; the build calls it, and what it writes is installed.
#include "app/manual.hpp"

#include <cstdio>
#include <fmt/format.h>

#include "app/help.hpp"
#include "regstorm/report/run_result.hpp"

int main(int argc, char** argv) {
    using namespace regstorm;
    if (argc != 2) {
        fmt::print(stderr, "usage: regstorm-manual FOLDER\n");
        return 2;
    }
    const std::string folder = argv[1];
    std::string failure = report::write_text(app::man_page(""), folder + "/regstorm.1");
    for (const std::string_view command : app::command_names) {
        failure += report::write_text(app::man_page(command), fmt::format("{}/regstorm-{}.1", folder, command));
    }
    failure += report::write_text(app::bash_completion(), folder + "/regstorm.bash");
    fmt::print(stderr, "{}", failure);
    return failure.empty() ? 0 : 1;
}
