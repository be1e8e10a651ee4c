// SPDX-License-Identifier: Apache-2.0
// A worker's phones: an array of records, and what of it the timer wheel may see.
#pragma once

#include <cstdint>
#include <span>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/registration/record.hpp"

namespace regstorm::engine {

class EndpointTable {
  public:
    EndpointTable(base::Arena& arena, std::uint32_t endpoints)
        : records_(arena.make<registration::Record>(endpoints)) {}

    [[nodiscard]] static constexpr std::size_t bytes_for(std::uint32_t endpoints) {
        return base::Arena::bytes_for<registration::Record>(endpoints);
    }

    [[nodiscard]] registration::Record& operator[](base::EndpointIndex index) { return records_[index]; }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(records_.size()); }

    // The wheel's view (timer/wheel.hpp).
    [[nodiscard]] base::Tick& deadline(base::EndpointIndex index) { return records_[index].deadline; }
    [[nodiscard]] base::Tick& armed(base::EndpointIndex index) { return records_[index].armed; }
    // always_inline: g++ 12 takes a call that only prefetches for one without effect, and drops it.
    [[gnu::always_inline]] void prefetch(base::EndpointIndex index) const { __builtin_prefetch(&records_[index], 1); }

  private:
    std::span<registration::Record> records_;
};

}  // namespace regstorm::engine
