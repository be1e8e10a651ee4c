// SPDX-License-Identifier: Apache-2.0
// The table against std::map, step by random step.
#include "regstorm/registrar/binding_table.hpp"

#include <gtest/gtest.h>
#include <map>
#include <vector>

#include "regstorm/base/prng.hpp"

namespace regstorm::registrar {
namespace {

/// Per AoR, the lifetimes of its bindings in order.
using Model = std::map<std::uint64_t, std::vector<base::Nanoseconds>>;

class Pair {
  public:
    Pair(std::uint32_t aors, std::uint32_t bindings)
        : plan_{.aors = aors, .bindings = bindings}, arena_(BindingTable::bytes_for(plan_)), table_(arena_, plan_) {}

    void add(std::uint64_t aor, base::Nanoseconds expires_at_ns) {
        AorSlot* slot = table_.find(aor, now_ns_);
        forget(aor);
        if (table_.free_bindings() == 0 || (slot == nullptr && (slot = table_.enter(aor)) == nullptr)) {
            make_room();
            ASSERT_EQ(table_.free_bindings() == 0, alive() == plan_.bindings);
            slot = table_.find(aor, now_ns_);
            slot = slot == nullptr ? table_.enter(aor) : slot;
            ASSERT_EQ(slot == nullptr, model_.size() == plan_.aors && !model_.contains(aor));
            if (slot == nullptr || table_.free_bindings() == 0) {
                return;
            }
        }
        Binding* const binding = table_.append(*slot);
        ASSERT_NE(binding, nullptr);
        binding->expires_at_ns = expires_at_ns;
        model_[aor].push_back(expires_at_ns);
    }

    void remove(std::uint64_t aor, std::size_t number) {
        AorSlot* const slot = table_.find(aor, now_ns_);
        forget(aor);
        const auto kept = model_.find(aor);
        if (kept == model_.end()) {
            if (slot != nullptr) {
                ASSERT_EQ(slot->first, 0U);
                table_.leave(*slot);
            }
            return;
        }
        ASSERT_NE(slot, nullptr);
        number %= kept->second.size();
        std::uint32_t* link = &slot->first;
        for (std::size_t i = 0; i < number; ++i) {
            link = &table_.binding(*link).next;
        }
        table_.remove(link);
        kept->second.erase(kept->second.begin() + static_cast<std::ptrdiff_t>(number));
        if (kept->second.empty()) {
            model_.erase(kept);
            table_.leave(*slot);
        }
    }

    /// Goes once around the table: what has expired has gone then.
    void make_room() {
        table_.reclaim(now_ns_);
        table_.reclaim(now_ns_);
        for (auto aor = model_.begin(); aor != model_.end();) {
            forget((aor++)->first);
        }
    }
    [[nodiscard]] std::uint64_t alive() const {
        std::uint64_t count = 0;
        for (const auto& [aor, bindings] : model_) {
            count += bindings.size();
        }
        return count;
    }
    void reclaim() { table_.reclaim(now_ns_); }
    void wait(base::Nanoseconds ns) { now_ns_ += ns; }

    void compare() {
        std::uint64_t live = 0;
        for (const auto& [aor, bindings] : model_) {
            for (const base::Nanoseconds expires_at_ns : bindings) {
                live += expires_at_ns > now_ns_ ? 1 : 0;
            }
        }
        ASSERT_EQ(table_.count_live(now_ns_), live);
        for (auto aor = model_.begin(); aor != model_.end();) {
            const std::uint64_t hash = (aor++)->first;
            const AorSlot* const slot = table_.find(hash, now_ns_);
            forget(hash);
            const auto kept = model_.find(hash);
            std::uint32_t row = slot == nullptr ? 0 : slot->first;
            if (kept != model_.end()) {
                for (const base::Nanoseconds expires_at_ns : kept->second) {
                    ASSERT_NE(row, 0U);
                    ASSERT_EQ(table_.binding(row).expires_at_ns, expires_at_ns);
                    row = table_.binding(row).next;
                }
            }
            ASSERT_EQ(row, 0U);
        }
    }

  private:
    /// What find() drops.
    void forget(std::uint64_t aor) {
        const auto kept = model_.find(aor);
        if (kept != model_.end()) {
            std::erase_if(kept->second, [&](base::Nanoseconds at_ns) { return at_ns <= now_ns_; });
            if (kept->second.empty()) {
                model_.erase(kept);
            }
        }
    }

    RegistrarPlan plan_;
    base::Arena arena_;
    BindingTable table_;
    Model model_;
    base::Nanoseconds now_ns_ = 1;
};

TEST(BindingTable, BehavesLikeAMap) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE(seed);
        base::Prng prng(seed);
        const std::uint32_t aors = 1 + static_cast<std::uint32_t>(prng.below(60));
        const std::uint32_t bindings = 1 + static_cast<std::uint32_t>(prng.below(150));
        // Few distinct low bits, so that places collide and wrap; 0 is a hash like any other.
        std::vector<std::uint64_t> names(90);
        for (std::uint64_t& name : names) {
            name = prng.below(2) == 0 ? prng.below(4) | prng.next() << 32 : prng.next() | 0x7c;
        }
        names[0] = 0;
        Pair pair(aors, bindings);
        for (int step = 0; step < 5000 && !::testing::Test::HasFailure(); ++step) {
            const std::uint64_t name = names[prng.below(names.size())];
            switch (prng.below(8)) {
                case 0:
                    pair.wait(prng.below(30));
                    break;
                case 1:
                    pair.reclaim();
                    break;
                case 2:
                case 3:
                    pair.remove(name, prng.below(8));
                    break;
                default:
                    pair.add(name, 1 + prng.below(4000));
                    pair.wait(prng.below(2));
                    break;
            }
            if (step % 16 == 0) {
                pair.compare();
            }
        }
    }
}

}  // namespace
}  // namespace regstorm::registrar
