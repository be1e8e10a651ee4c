// SPDX-License-Identifier: Apache-2.0
// The first of a few characters, eight bytes at a time in one machine word: parameters and quoted strings are some ten
// to sixty characters long, too short for a call into a SIMD search and too long for a look at each. About a third of a
// nanosecond per character.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace regstorm::sip {

static_assert(std::endian::native == std::endian::little, "the first byte must be the lowest of the word");

/// The first place in [at, end) that holds one of `Stops` (or, with Controls, a byte below the space), else `end`.
template <bool Controls, char... Stops>
[[nodiscard]] inline const char* find_stop(const char* at, const char* end) {
    constexpr std::uint64_t ones = 0x0101010101010101ULL;
    constexpr std::uint64_t tops = 0x8080808080808080ULL;
    while (end - at >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        // A byte becomes zero where it equals the stop, and subtracting one from a zero byte sets its top bit. The
        // borrow may set more of them above, never below, so the lowest is right.
        const auto zeros = [](std::uint64_t bytes) { return (bytes - ones) & ~bytes; };
        std::uint64_t found = (zeros(word ^ ones * static_cast<unsigned char>(Stops)) | ...);
        if constexpr (Controls) {
            found |= (word - ones * ' ') & ~word;
        }
        found &= tops;
        if (found != 0) {
            return at + std::countr_zero(found) / 8;
        }
        at += 8;
    }
    while (at != end && !((*at == Stops) || ...) && !(Controls && static_cast<unsigned char>(*at) < ' ')) {
        ++at;
    }
    return at;
}

}  // namespace regstorm::sip
