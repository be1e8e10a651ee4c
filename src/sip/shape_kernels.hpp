// SPDX-License-Identifier: Apache-2.0
// The comparison of a datagram with a shape, 16 or 32 bytes at a time: it is most of what reading a message costs, on
// both sides. The wide one is compiled apart and chosen at run time, like the hash kernels. 64 at a time were no faster
// than 32 (scripts/bench shape_compare has those that stayed).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "byte_sets.hpp"

namespace regstorm::sip {

/// What may stand in a free place: none of these ends anything in a SIP message.
inline constexpr ByteSet plain_set =
    make_byte_set([](char byte) { return is_alpha(byte) || is_digit(byte) || is_one_of(byte, "-.+/=_"); });

/// Bit h of [h]: what plain_set.low is tested with.
alignas(16) inline constexpr std::uint8_t high_nibble_bits[16] = {1, 2, 4, 8, 16, 32, 64, 128};

/// Whether the `size` bytes at `data`, 64 at least, are those at `text` wherever `fixed` is 0xff, and plain wherever it
/// is 0; there `text` is 0 too.
using ShapeCompare = bool (*)(const char* data, const char* text, const std::uint8_t* fixed, std::size_t size);

bool agrees_portable(const char* data, const char* text, const std::uint8_t* fixed, std::size_t size) noexcept;
#if defined(__x86_64__)
bool agrees_sse(const char* data, const char* text, const std::uint8_t* fixed, std::size_t size) noexcept;
bool agrees_avx2(const char* data, const char* text, const std::uint8_t* fixed, std::size_t size) noexcept;
#endif

struct ShapeKernel {
    std::string_view name;
    bool (*runs_here)() noexcept;
    ShapeCompare agrees;
};

/// The first runs anywhere; of those that run here, the last is the fastest.
[[nodiscard]] std::span<const ShapeKernel> shape_kernels() noexcept;

}  // namespace regstorm::sip
