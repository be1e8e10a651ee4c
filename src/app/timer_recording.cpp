// SPDX-License-Identifier: Apache-2.0
#include "app/timer_recording.hpp"

#include <fmt/format.h>
#include <fstream>

namespace regstorm::app {

std::string recording_path(const std::string& path, std::size_t worker) {
    return worker == 0 || path.empty() ? path : fmt::format("{}.{}", path, worker);
}

std::string write_recording(const std::string& path, const timer::TraceHeader& header,
                            std::span<const timer::TraceEntry> entries) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(&header), sizeof header);
    file.write(reinterpret_cast<const char*>(entries.data()), static_cast<std::streamsize>(entries.size_bytes()));
    return file.flush() ? std::string{} : fmt::format("cannot write {}", path);
}

}  // namespace regstorm::app
