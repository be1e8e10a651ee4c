// SPDX-License-Identifier: Apache-2.0
#include "perf_counters.hpp"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace regstorm::timer_lab {
namespace {

constexpr std::array<std::uint64_t, event_count> configurations{
    PERF_COUNT_HW_CPU_CYCLES, PERF_COUNT_HW_INSTRUCTIONS, PERF_COUNT_HW_CACHE_MISSES, PERF_COUNT_HW_BRANCH_MISSES};

int open_counter(std::uint64_t configuration) {
    perf_event_attr attributes{};
    attributes.type = PERF_TYPE_HARDWARE;
    attributes.size = sizeof attributes;
    attributes.config = configuration;
    attributes.disabled = 1;
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    attributes.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    return static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

}  // namespace

PerfCounters::PerfCounters() {
    for (std::size_t i = 0; i < event_count; ++i) {
        descriptors_[i] = open_counter(configurations[i]);
        if (descriptors_[i] < 0 && refusal_.empty()) {
            refusal_ = errno == EACCES || errno == EPERM ? "not permitted (kernel.perf_event_paranoid)"
                       : errno == ENOENT || errno == ENODEV || errno == EOPNOTSUPP
                           ? "not permitted: this machine has no such counters"
                           : std::string("not permitted: ") + std::strerror(errno);
        }
    }
}

PerfCounters::~PerfCounters() {
    for (const int descriptor : descriptors_) {
        if (descriptor >= 0) {
            close(descriptor);
        }
    }
}

void PerfCounters::start() {
    for (const int descriptor : descriptors_) {
        if (descriptor >= 0) {
            ioctl(descriptor, PERF_EVENT_IOC_RESET, 0);
            ioctl(descriptor, PERF_EVENT_IOC_ENABLE, 0);
        }
    }
}

void PerfCounters::stop() {
    for (std::size_t i = 0; i < event_count; ++i) {
        struct {
            std::uint64_t value;
            std::uint64_t enabled_ns;
            std::uint64_t running_ns;
        } found{};
        values_[i].reset();
        if (descriptors_[i] < 0) {
            continue;
        }
        ioctl(descriptors_[i], PERF_EVENT_IOC_DISABLE, 0);
        // Counters that share a register ran part of the time; one that never ran says nothing.
        if (read(descriptors_[i], &found, sizeof found) == static_cast<ssize_t>(sizeof found) &&
            found.running_ns != 0) {
            values_[i] =
                static_cast<std::uint64_t>(static_cast<double>(found.value) * static_cast<double>(found.enabled_ns) /
                                           static_cast<double>(found.running_ns));
        }
    }
}

std::optional<std::uint64_t> PerfCounters::value(Event event) const { return values_[static_cast<std::size_t>(event)]; }

}  // namespace regstorm::timer_lab
