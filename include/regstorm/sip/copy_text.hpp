// SPDX-License-Identifier: Apache-2.0
// Copies, and comparisons, of short texts without a call. memcpy() of a size that the compiler does not know costs 4-8
// ns to get to the first byte; a request is two dozen such pieces. Sizes repeat from message to message, so the
// branches predict well.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace regstorm::sip {

template <std::size_t Bytes>
[[gnu::always_inline]] inline void copy_bytes(char* out, const char* from) {
    std::memcpy(out, from, Bytes);  // a constant size: one load and one store
}

/// Copies exactly text.size() bytes, in steps of 16 of which the last two may overlap. Returns one past the last.
[[gnu::always_inline]] inline char* copy_text(char* out, std::string_view text) {
    const char* from = text.data();
    const std::size_t size = text.size();
    char* const end = out + size;
    if (size >= 16) {
        const char* const last = from + size - 16;
        do {
            copy_bytes<16>(out, from);
            out += 16;
            from += 16;
        } while (from < last);
        copy_bytes<16>(end - 16, last);
    } else if (size >= 8) {
        copy_bytes<8>(out, from);
        copy_bytes<8>(end - 8, from + size - 8);
    } else if (size >= 4) {
        copy_bytes<4>(out, from);
        copy_bytes<4>(end - 4, from + size - 4);
    } else if (size > 0) {
        out[0] = from[0];
        out[size / 2] = from[size / 2];
        out[size - 1] = from[size - 1];
    }
    return end;
}

template <class Word>
[[nodiscard, gnu::always_inline]] inline Word difference(const char* left, const char* right) {
    Word words[2];
    copy_bytes<sizeof(Word)>(reinterpret_cast<char*>(&words[0]), left);
    copy_bytes<sizeof(Word)>(reinterpret_cast<char*>(&words[1]), right);
    return words[0] ^ words[1];
}

/// Whether two texts are the same, in steps of 8 of which the last two may overlap. Unlike ==, without a call. Not for
/// a text that was written just now: its bytes cannot be read in wider pieces than they were written without a wait.
[[nodiscard, gnu::always_inline]] inline bool equal_text(std::string_view left, std::string_view right) {
    const std::size_t size = left.size();
    if (size != right.size()) {
        return false;
    }
    const char* const l = left.data();
    const char* const r = right.data();
    std::uint64_t differences = 0;
    if (size >= 8) {
        for (std::size_t at = 0; at + 8 < size; at += 8) {
            differences |= difference<std::uint64_t>(l + at, r + at);
        }
        differences |= difference<std::uint64_t>(l + size - 8, r + size - 8);
    } else if (size >= 4) {
        differences = difference<std::uint32_t>(l, r) | difference<std::uint32_t>(l + size - 4, r + size - 4);
    } else {
        for (std::size_t at = 0; at < size; ++at) {
            differences |= static_cast<std::uint64_t>(l[at] ^ r[at]);
        }
    }
    return differences == 0;
}

inline constexpr std::uint32_t copy_slack = 15;

/// Copies in whole steps of 16: up to copy_slack bytes after `text` are read and as many after the end are written.
/// Returns one past the last byte of the text itself.
[[gnu::always_inline]] inline char* copy_text_rounded(char* out, const char* from, std::uint32_t size) {
    char* const end = out + size;
    do {
        copy_bytes<16>(out, from);
        out += 16;
        from += 16;
    } while (out < end);
    return end;
}

/// The same for long texts: in steps of 64, of which the last two may overlap.
[[gnu::always_inline]] inline char* copy_long_text_rounded(char* out, const char* from, std::uint32_t size) {
    char* const end = out + size;
    if (size < 64) {
        return copy_text_rounded(out, from, size);
    }
    const char* const last = from + size - 64;
    do {
        copy_bytes<64>(out, from);
        out += 64;
        from += 64;
    } while (from < last);
    copy_bytes<64>(end - 64, last);
    return end;
}

}  // namespace regstorm::sip
