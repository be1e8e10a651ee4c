// SPDX-License-Identifier: Apache-2.0
// Who is bound where (RFC 3261 10). Addresses-of-record are found by a 64-bit hash of their text, in an open table
// with linear probing that is never more than half full; the text itself is not kept: of 10 M AoRs, two share a hash
// once in 370,000 runs. Bindings hang off their AoR in rows of a pool. Nothing allocates after construction; expired
// bindings are dropped when their AoR is next looked at, or when their place is needed (reclaim()). An AoR without
// bindings has no place: those behind it move up, so that lookups never wade through the dead.
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
    std::uint8_t contact_size = 0;  ///< 0: the row is free
    std::uint8_t lane = 0;          ///< of the port that the contact came in at
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

    // always_inline: g++ 12 takes a call that only prefetches for one without effect, and drops it.
    /// Asks for the AoR's place, well ahead of find().
    [[gnu::always_inline]] void prefetch(std::uint64_t aor_hash) const {
        __builtin_prefetch(&slots_[home_of(aor_hash)], 1);
    }
    /// Asks for its first binding, when its place has arrived.
    [[gnu::always_inline]] void prefetch_binding(std::uint64_t aor_hash) const {
        const AorSlot& home = slots_[home_of(aor_hash)];
        if (home.first != 0) {
            const char* const binding = reinterpret_cast<const char*>(&bindings_[home.first - 1]);
            __builtin_prefetch(binding, 1);
            __builtin_prefetch(binding + base::cache_line_bytes, 1);  // most contacts end in it
        }
    }

    /// The AoR's place, nullptr when it has none. Drops its expired bindings; the place may then be empty.
    [[nodiscard]] AorSlot* find(std::uint64_t aor_hash, base::Nanoseconds now_ns) {
        AorSlot& slot = slots_[place_of(aor_hash)];
        if (slot.hash == 0) {
            return nullptr;
        }
        drop_expired(slot, now_ns);
        return &slot;
    }

    /// A place for an AoR that has none; nullptr when the table is full.
    [[nodiscard]] AorSlot* enter(std::uint64_t aor_hash) {
        if (aors_ == aors_max_) {
            return nullptr;
        }
        ++aors_;
        AorSlot& slot = slots_[place_of(aor_hash)];
        slot.hash = kept(aor_hash);
        return &slot;
    }

    /// Gives up the place of an AoR that has no bindings any more. Other places may move.
    void leave(const AorSlot& slot) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t hole = static_cast<std::size_t>(&slot - slots_.data());
        // Whoever was pushed past the hole moves into it; ends at a free place, of which half the table is.
        for (std::size_t place = (hole + 1) & mask; slots_[place].hash != 0; place = (place + 1) & mask) {
            const std::size_t home = slots_[place].hash & mask;
            if (((place - home) & mask) >= ((place - hole) & mask)) {
                slots_[hole] = slots_[place];
                hole = place;
            }
        }
        slots_[hole] = AorSlot{};
        --aors_;
    }

    /// Drops what has expired in the next reclaim_slots_max places; for when the table is full. Other places may move.
    void reclaim(base::Nanoseconds now_ns) {
        for (std::uint32_t i = 0; i < reclaim_slots_max; ++i) {
            AorSlot& slot = slots_[cursor_];
            drop_expired(slot, now_ns);
            if (slot.hash != 0 && slot.first == 0) {
                leave(slot);  // and look at this place again: another AoR may have moved in
            } else {
                cursor_ = (cursor_ + 1) & (slots_.size() - 1);
            }
        }
    }

    [[nodiscard]] Binding& binding(std::uint32_t row) { return bindings_[row - 1]; }

    /// Rows of the pool, free ones included; the first is 1.
    [[nodiscard]] std::uint32_t rows() const { return static_cast<std::uint32_t>(bindings_.size()); }

    /// Bindings that append() can still give.
    [[nodiscard]] std::uint64_t free_bindings() const { return bindings_.size() - bound_; }

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
        binding(row).contact_size = 0;
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
    static constexpr std::uint32_t reclaim_slots_max = 256;

    /// 0 marks a free place.
    [[nodiscard]] static std::uint64_t kept(std::uint64_t aor_hash) { return aor_hash == 0 ? 1 : aor_hash; }

    /// Where the AoR is, unless somebody else is there.
    [[nodiscard]] std::size_t home_of(std::uint64_t aor_hash) const { return kept(aor_hash) & (slots_.size() - 1); }

    /// Where the AoR is, or would be.
    [[nodiscard]] std::size_t place_of(std::uint64_t aor_hash) const {
        const std::uint64_t hash = kept(aor_hash);
        const std::size_t mask = slots_.size() - 1;
        std::size_t place = home_of(aor_hash);
        while (slots_[place].hash != 0 && slots_[place].hash != hash) {
            place = (place + 1) & mask;
        }
        return place;
    }

    void drop_expired(AorSlot& slot, base::Nanoseconds now_ns) {
        for (std::uint32_t* link = &slot.first; *link != 0;) {
            if (binding(*link).expires_at_ns <= now_ns) {
                remove(link);
            } else {
                link = &binding(*link).next;
            }
        }
    }

    static std::size_t slots_for(std::uint32_t aors) { return std::bit_ceil(std::size_t{2} * aors + 2); }

    std::span<AorSlot> slots_;
    std::span<Binding> bindings_;
    std::uint32_t free_ = 0;
    std::uint32_t aors_ = 0;
    std::uint32_t aors_max_;
    std::uint64_t bound_ = 0;
    std::size_t cursor_ = 0;  ///< where reclaim() goes on
};

}  // namespace regstorm::registrar
