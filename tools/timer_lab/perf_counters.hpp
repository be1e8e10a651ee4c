// SPDX-License-Identifier: Apache-2.0
// The processor's own counters around a piece of work, where the kernel lets this user read them and the machine, which
// may be a virtual one, has them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace regstorm::timer_lab {

enum class Event : std::uint8_t { cycles, instructions, cache_misses, branch_misses };
inline constexpr std::size_t event_count = 4;

class PerfCounters {
  public:
    PerfCounters();
    ~PerfCounters();
    PerfCounters(const PerfCounters&) = delete;
    PerfCounters& operator=(const PerfCounters&) = delete;

    void start();
    void stop();
    /// Since start(); nothing where it could not be counted.
    [[nodiscard]] std::optional<std::uint64_t> value(Event event) const;
    /// Why not all could be opened; empty when all could.
    [[nodiscard]] const std::string& refusal() const { return refusal_; }

  private:
    std::array<int, event_count> descriptors_;
    std::array<std::optional<std::uint64_t>, event_count> values_{};
    std::string refusal_;
};

}  // namespace regstorm::timer_lab
