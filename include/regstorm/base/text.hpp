// SPDX-License-Identifier: Apache-2.0
// Numbers into text at a known place. Each writer returns one past the last byte written; none terminates with NUL.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace regstorm::base {

/// Copies the bytes of `text`. ~1 ns for what fits two cache lines.
inline char* write_text(char* out, std::string_view text) {
    std::memcpy(out, text.data(), text.size());
    return out + text.size();
}

/// `value` in decimal, no padding: 1 to 10 characters.
inline char* write_decimal(char* out, std::uint32_t value) { return std::to_chars(out, out + 10, value).ptr; }

/// The lowest `Digits` nibbles of `value` in lower-case hex, leading zeros kept.
template <int Digits>
inline char* write_hex(char* out, std::uint64_t value) {
    static_assert(Digits >= 1 && Digits <= 16);
    constexpr char digits[] = "0123456789abcdef";
    for (int i = Digits - 1; i >= 0; --i) {
        out[i] = digits[value & 0xf];
        value >>= 4;
    }
    return out + Digits;
}

}  // namespace regstorm::base
