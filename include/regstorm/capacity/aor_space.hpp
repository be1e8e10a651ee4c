// SPDX-License-Identifier: Apache-2.0
// Which users a trial registers, so that its registrations are initial ones. A trial that ended in order leaves nothing
// behind, and the next one takes the same users. One whose removals were not all answered leaves bindings: the next
// takes users that nobody has registered yet, and when there are none left they are swept first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace regstorm::capacity {

/// Users by number, from `first` on.
struct Block {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::uint32_t sweep = 0;  ///< so many users, from 0 on, may have bindings that have to be removed first
};

class AorSpace {
  public:
    /// `aors` 0: as many as are asked for. `movable`: a trial may begin at another number than 0.
    AorSpace(std::uint32_t aors, bool always_new, bool movable)
        : aors_(aors == 0 ? std::numeric_limits<std::uint32_t>::max() / 2 : aors),
          always_new_(always_new),
          movable_(movable) {}

    /// `count` is at most all of them.
    [[nodiscard]] Block take(std::uint32_t count) {
        count = std::min(count, aors_);
        const std::uint32_t first = dirty_ ? first_ + used_ : first_;
        if ((dirty_ && !movable_) || first > aors_ || aors_ - first < count) {
            // Clean users before `first` may still be bound by an earlier trial.
            const std::uint32_t touched = touched_;
            first_ = 0;
            used_ = touched_ = count;
            dirty_ = false;
            return {0, count, touched};
        }
        first_ = first;
        dirty_ = false;
        used_ = count;
        touched_ = std::max(touched_, first_ + count);
        return {first_, count, 0};
    }

    /// What take() gave is over; `clean`: the registrar confirmed every removal.
    void give_back(bool clean) { dirty_ = !clean || always_new_; }

    [[nodiscard]] std::uint32_t size() const { return aors_; }

  private:
    std::uint32_t aors_;
    bool always_new_;
    bool movable_;
    std::uint32_t first_ = 0;
    std::uint32_t used_ = 0;
    std::uint32_t touched_ = 0;  ///< users that were ever taken, since the last sweep
    bool dirty_ = false;
};

}  // namespace regstorm::capacity
