// SPDX-License-Identifier: Apache-2.0
#include "app/scenario_input.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>

namespace regstorm::app {

std::string check_writable(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code ignored;
    if (path.empty() || path == "-") {
        return {};
    }
    if (fs::is_directory(path, ignored)) {
        return fmt::format("{} is a directory", path);
    }
    if (fs::exists(path, ignored)) {
        return access(path.c_str(), W_OK) == 0 ? "" : fmt::format("{}: {}", path, std::strerror(errno));
    }
    const fs::path parent = fs::path(path).parent_path();
    const std::string folder = parent.empty() ? "." : parent.string();
    if (!fs::is_directory(folder, ignored)) {
        return fmt::format("there is no folder {}", folder);
    }
    return access(folder.c_str(), W_OK | X_OK) == 0 ? "" : fmt::format("{}: {}", folder, std::strerror(errno));
}

config::Loaded load_checked(const config::Request& request) {
    config::Loaded loaded = config::load(request);
    const config::Report& report = loaded.scenario.report;
    const config::Evidence& evidence = loaded.scenario.evidence;
    for (const auto& [key, path] :
         {std::pair{"report.result", &report.result}, std::pair{"report.junit", &report.junit},
          std::pair{"report.html", &report.html}, std::pair{"report.csv", &report.csv},
          std::pair{"report.hdr_log", &report.hdr_log}, std::pair{"report.record_timers", &report.record_timers},
          std::pair{"evidence.capture", &evidence.capture}}) {
        if (const std::string unwritable = check_writable(*path); !unwritable.empty()) {
            loaded.problems.push_back(
                {.where = key, .what = unwritable, .allowed = "a file that can be written", .meant = {}});
        }
    }
    return loaded;
}

}  // namespace regstorm::app
