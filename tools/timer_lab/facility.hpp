// SPDX-License-Identifier: Apache-2.0
// What a timer facility has to offer to be driven by the lab. To try one of your own: a class that satisfies
// TimerFacility in a header beside this one, and its line in registered.cpp.
//
// Time is virtual, in milliseconds, and never goes back. Every timer has an id and a 64-byte record, as a phone has in
// the generator; a facility may keep what it likes in the record's 56 own bytes, or elsewhere.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#include "regstorm/base/units.hpp"

namespace regstorm::timer_lab {

using base::Tick;

struct alignas(64) Record {
    std::uint64_t fired = 0;  ///< the lab's: what a timer is for is in the record, so firing touches it
    static constexpr std::size_t own_bytes = 56;
    alignas(8) std::array<std::byte, own_bytes> own{};

    /// The facility's own bytes as a T; begin() makes it, as() finds it again.
    template <class T>
    T& begin() {
        // NOLINTNEXTLINE(misc-redundant-expression): a T that fills them makes both sides equal
        static_assert(sizeof(T) <= own_bytes && alignof(T) <= 8 && std::is_trivially_destructible_v<T>);
        return *new (own.data()) T();
    }
    template <class T>
    T& as() {
        return *std::launder(reinterpret_cast<T*>(own.data()));
    }
};
static_assert(sizeof(Record) == 64);

/// Stands for whatever is called when a timer fires.
struct AnyFire {
    void operator()(std::uint32_t, Tick) const {}
};

template <class T>
concept TimerFacility = requires(T timers, const T fixed, std::span<Record> records, std::uint32_t id, Tick tick) {
    /// As it is named in tables, and one line of what it is.
    { T::name } -> std::convertible_to<const char*>;
    { T::note } -> std::convertible_to<const char*>;
    /// One record per timer, zeroed; the time, and how long the script will run.
    requires std::constructible_from<T, std::span<Record>, Tick, Tick>;
    /// Sets the timer of `id`, or moves it. `tick` is after the present.
    timers.arm(id, tick);
    /// Unsets it; a timer that is not set is left alone.
    timers.cancel(id);
    /// Calls fire(id, deadline) for timers due at `tick`; it may set that timer again. False: more is due, call again;
    /// each call is one stall of the loop around it.
    { timers.advance(tick, AnyFire{}) } -> std::same_as<bool>;
    /// Bytes held now, records excluded.
    { fixed.bytes() } -> std::convertible_to<std::size_t>;
};

/// Facilities that read a clock of their own cannot be told the time: await(tick) waits for it, unmeasured, and they
/// fire early by as much as the script runs behind.
template <class T>
concept HasOwnClock = requires(T timers, Tick tick) {
    timers.await(tick);
};

/// Bytes that CountingAllocators hold now. One facility runs at a time.
inline std::size_t& allocated_bytes() {
    static std::size_t bytes = 0;
    return bytes;
}

/// For containers: counts what they allocate.
template <class T>
struct CountingAllocator {
    using value_type = T;
    CountingAllocator() = default;
    template <class U>
    CountingAllocator(const CountingAllocator<U>&) {}
    T* allocate(std::size_t count) {
        allocated_bytes() += count * sizeof(T);
        return std::allocator<T>{}.allocate(count);
    }
    void deallocate(T* memory, std::size_t count) {
        allocated_bytes() -= count * sizeof(T);
        std::allocator<T>{}.deallocate(memory, count);
    }
    friend bool operator==(const CountingAllocator&, const CountingAllocator&) { return true; }
};

}  // namespace regstorm::timer_lab
