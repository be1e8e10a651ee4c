// SPDX-License-Identifier: Apache-2.0
// Who is bound where (RFC 3261 10). Addresses-of-record are found by a 64-bit hash of their text, in an open table
// with linear probing that is never more than half full; the text itself is not kept: of 10 M AoRs, two share a hash
// once in 370,000 runs. Bindings hang off their AoR in rows of a pool. Nothing allocates after construction; expired
// bindings are dropped when their AoR is next looked at.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/registrar/plan.hpp"

namespace regstorm::registrar {

/// 64 bits of a text, eight bytes at a time; for tables, not for secrets.
[[nodiscard]] inline std::uint64_t hash_text(std::string_view text) {
    std::uint64_t hash = 0x9e3779b97f4a7c15ULL ^ text.size();
    while (!text.empty()) {
        std::uint64_t word = 0;
        const std::size_t bytes = text.size() < 8 ? text.size() : 8;
        std::memcpy(&word, text.data(), bytes);
        hash = base::mix64(hash ^ word);
        text.remove_prefix(bytes);
    }
    return hash;
}

struct Binding {
    std::uint32_t next = 0;  ///< row of the AoR's next binding, or of the next free row; counted from 1
    std::uint32_t cseq = 0;
    std::uint64_t call_id_hash = 0;
    base::Nanoseconds expires_at_ns = 0;
    std::uint16_t contact_size = 0;
    std::array<char, contact_chars_max> contact_text{};

    [[nodiscard]] std::string_view contact() const { return {contact_text.data(), contact_size}; }
};
static_assert(sizeof(Binding) == 192, "three cache lines");

/// An AoR's place; `first` is the head of its bindings.
struct AorSlot {
    std::uint64_t hash = 0;  ///< 0: free
    std::uint32_t first = 0;
};

class BindingTable {
  public:
    BindingTable(base::Arena& arena, const RegistrarPlan& plan)
        : slots_(arena.make<AorSlot>(slots_for(plan.aors))),
          bindings_(arena.make<Binding>(plan.bindings)),
          aors_max_(plan.aors) {
        for (std::uint32_t row = plan.bindings; row > 0; --row) {
            bindings_[row - 1].next = free_;
            free_ = row;
        }
    }

    [[nodiscard]] static std::size_t bytes_for(const RegistrarPlan& plan) {
        return base::Arena::bytes_for<AorSlot>(slots_for(plan.aors)) + base::Arena::bytes_for<Binding>(plan.bindings);
    }

    /// The AoR's place, made if there is none; nullptr when the table is full. Drops its expired bindings.
    [[nodiscard]] AorSlot* find(std::uint64_t aor_hash, base::Nanoseconds now_ns) {
        const std::uint64_t hash = aor_hash == 0 ? 1 : aor_hash;
        const std::size_t mask = slots_.size() - 1;
        std::size_t place = hash & mask;
        while (slots_[place].hash != 0 && slots_[place].hash != hash) {
            place = (place + 1) & mask;
        }
        AorSlot& slot = slots_[place];
        if (slot.hash == 0) {
            if (aors_ == aors_max_) {
                return nullptr;
            }
            ++aors_;
            slot.hash = hash;
        }
        for (std::uint32_t* link = &slot.first; *link != 0;) {
            if (binding(*link).expires_at_ns <= now_ns) {
                remove(link);
            } else {
                link = &binding(*link).next;
            }
        }
        return &slot;
    }

    [[nodiscard]] Binding& binding(std::uint32_t row) { return bindings_[row - 1]; }

    /// Appends an empty binding to the AoR; nullptr when the pool is empty.
    [[nodiscard]] Binding* append(AorSlot& slot) {
        if (free_ == 0) {
            return nullptr;
        }
        const std::uint32_t row = free_;
        free_ = binding(row).next;
        std::uint32_t* link = &slot.first;
        while (*link != 0) {
            link = &binding(*link).next;
        }
        *link = row;
        binding(row) = Binding{};
        ++bound_;
        return &binding(row);
    }

    /// Removes the binding that `link` points at; `link` then points at the one after it.
    void remove(std::uint32_t* link) {
        const std::uint32_t row = *link;
        *link = binding(row).next;
        binding(row).next = free_;
        free_ = row;
        --bound_;
    }

    /// Bindings that have not expired; walks the whole table.
    [[nodiscard]] std::uint64_t count_live(base::Nanoseconds now_ns) const {
        std::uint64_t live = 0;
        for (const AorSlot& slot : slots_) {
            for (std::uint32_t row = slot.first; row != 0; row = bindings_[row - 1].next) {
                live += bindings_[row - 1].expires_at_ns > now_ns ? 1 : 0;
            }
        }
        return live;
    }

    /// Bindings kept, expired ones that nobody has looked at included.
    [[nodiscard]] std::uint64_t bound() const { return bound_; }

  private:
    static std::size_t slots_for(std::uint32_t aors) { return std::bit_ceil(std::size_t{2} * aors + 2); }

    std::span<AorSlot> slots_;
    std::span<Binding> bindings_;
    std::uint32_t free_ = 0;
    std::uint32_t aors_ = 0;
    std::uint32_t aors_max_;
    std::uint64_t bound_ = 0;
};

}  // namespace regstorm::registrar
