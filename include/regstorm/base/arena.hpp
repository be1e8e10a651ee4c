// SPDX-License-Identifier: Apache-2.0
// Allocate, seal, run. The plan says how many bytes a run needs; one Arena maps them (on huge pages where the
// kernel grants them), rooms carve their tables from it, and seal() ends that: later carving is a bug and aborts.
// Memory is zeroed by the kernel and touched at construction of each table, so the steady state takes no page fault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#include "regstorm/base/check.hpp"

namespace regstorm::base {

class Arena {
  public:
    /// Maps `bytes` of zeroed memory. Throws std::bad_alloc when the machine does not have them.
    explicit Arena(std::size_t bytes);
    ~Arena();
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /// `count` value-initialised objects, cache-line aligned (or more, if T asks). T is never destroyed.
    template <class T>
    [[nodiscard]] std::span<T> make(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T>, "the arena destroys nothing");
        T* first = static_cast<T*>(take(count * sizeof(T), alignof(T)));
        std::uninitialized_value_construct_n(first, count);
        return {first, count};
    }

    /// From here on nothing allocates.
    void seal() { sealed_ = true; }

    [[nodiscard]] std::size_t bytes_used() const { return used_; }
    [[nodiscard]] std::size_t bytes_mapped() const { return mapped_; }
    [[nodiscard]] bool on_huge_pages() const { return huge_; }

    /// Upper bound of what make<T>(count) takes, for plans: the objects and their alignment.
    template <class T>
    [[nodiscard]] static constexpr std::size_t bytes_for(std::size_t count) {
        return count * sizeof(T) + (alignof(T) > 64 ? alignof(T) : 64);
    }

  private:
    [[nodiscard]] void* take(std::size_t bytes, std::size_t alignment);

    std::byte* memory_ = nullptr;
    std::size_t mapped_ = 0;
    std::size_t used_ = 0;
    bool huge_ = false;
    bool sealed_ = false;
};

}  // namespace regstorm::base
