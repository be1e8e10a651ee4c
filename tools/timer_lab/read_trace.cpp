// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <stdexcept>

#include "regstorm/timer/trace.hpp"
#include "script.hpp"

namespace regstorm::timer_lab {
namespace {

/// More records than this are no recording of ours, and would take the machine's memory.
constexpr std::uint32_t timers_max = 1U << 27;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw std::runtime_error(fmt::format("{}: {}", path, why));
}

Operation operation_of(const timer::TraceEntry& entry, const timer::TraceHeader& header, const std::string& path) {
    switch (entry.kind()) {
        case timer::TraceKind::arm:
        case timer::TraceKind::cancel:
            if (entry.id() >= header.timers) {
                refuse(path, fmt::format("names timer {} of {}", entry.id(), header.timers));
            }
            return {entry.id(), entry.tick, entry.kind() == timer::TraceKind::arm ? Kind::arm : Kind::cancel};
        case timer::TraceKind::advance:
            return {0, entry.tick, Kind::advance};
    }
    refuse(path, "holds an operation that is none");
}

}  // namespace

Script read_trace(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    timer::TraceHeader header;
    if (!file.read(reinterpret_cast<char*>(&header), sizeof header) || header.magic != timer::trace_magic ||
        header.timers == 0 || header.timers > timers_max) {
        refuse(path, file.is_open() ? "is no recording of timers" : "cannot be read");
    }
    Script script{.timers = header.timers, .start = header.start, .end = header.start};
    Tick now = header.start;
    timer::TraceEntry entry;
    while (file.read(reinterpret_cast<char*>(&entry), sizeof entry)) {
        Operation operation = operation_of(entry, header, path);
        if (operation.kind == Kind::advance) {
            if (operation.tick < now) {
                refuse(path, "goes back in time");
            }
            now = operation.tick;
        } else if (operation.kind == Kind::arm && operation.tick <= now) {
            operation.tick = now + 1;  // set when it was due already: it fires at the next occasion
        }
        script.run.push_back(operation);
    }
    if (script.run.size() != header.entries) {
        refuse(path, fmt::format("is cut: {} of {} operations", script.run.size(), header.entries));
    }
    script.end = now;
    return script;
}

}  // namespace regstorm::timer_lab
