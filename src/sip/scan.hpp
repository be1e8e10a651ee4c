// SPDX-License-Identifier: Apache-2.0
// Finding bytes of a set, 16 or 64 at a time. The parser's time goes into looking for the next delimiter; byte loops
// cost a cycle a byte, PCMPESTRI 11 cycles per 16. Here a set of ASCII bytes is two 16-entry tables, and a byte is in
// the set when low[byte & 15] & high[byte >> 4] is not 0: two PSHUFB for any set (SSSE3, part of x86-64-v2; bytes
// above 0x7f are never members). Other architectures build the same masks from a table, byte by byte.
//
// No load reaches outside the Window: near its end the last 16 or 64 bytes are loaded and the mask is shifted. A
// Window is therefore never smaller than 64 bytes; shorter datagrams are copied into one first.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__SSSE3__)
#include <immintrin.h>
#endif

namespace regstorm::sip {

inline constexpr std::uint32_t window_bytes_min = 64;

/// The bytes that may be read.
struct Window {
    const char* begin;
    const char* end;
};

/// A set of bytes below 0x80.
struct ByteSet {
    std::array<std::uint8_t, 16> low{};  ///< bit h of low[l]: byte h << 4 | l is a member
    std::array<bool, 256> member{};

    [[nodiscard]] constexpr bool has(char byte) const { return member[static_cast<std::uint8_t>(byte)]; }
};

/// The bytes for which `predicate` is true.
template <class Predicate>
consteval ByteSet make_byte_set(Predicate predicate) {
    ByteSet set;
    for (unsigned byte = 0; byte < 0x80; ++byte) {
        if (predicate(static_cast<char>(byte))) {
            set.low[byte & 15] = static_cast<std::uint8_t>(set.low[byte & 15] | 1U << (byte >> 4));
            set.member[byte] = true;
        }
    }
    return set;
}

/// Bit i: byte i is a member.
template <const ByteSet& set>
[[nodiscard]] inline std::uint32_t members_16_portable(const char* from) {
    std::uint32_t mask = 0;
    for (unsigned i = 0; i < 16; ++i) {
        mask |= std::uint32_t{set.has(from[i])} << i;
    }
    return mask;
}

#if defined(__SSSE3__)
template <const ByteSet& set>
[[nodiscard]] inline std::uint32_t members_16(const char* from) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(set.low.data()));
    const __m128i high = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i columns = _mm_shuffle_epi8(low, bytes);  // 0 where bit 7 is set
    const __m128i rows = _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15)));
    const __m128i outside = _mm_cmpeq_epi8(_mm_and_si128(columns, rows), _mm_setzero_si128());
    return static_cast<std::uint32_t>(_mm_movemask_epi8(outside)) ^ 0xffffU;
}

/// Bit i: byte i is LF. A set of one needs no tables.
[[nodiscard]] inline std::uint64_t line_feeds_16(const char* from) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))));
}
#else
template <const ByteSet& set>
[[nodiscard]] inline std::uint32_t members_16(const char* from) {
    return members_16_portable<set>(from);
}

inline constexpr ByteSet line_feed = make_byte_set([](char byte) { return byte == '\n'; });

[[nodiscard]] inline std::uint64_t line_feeds_16(const char* from) { return members_16_portable<line_feed>(from); }
#endif

[[nodiscard]] inline std::uint64_t line_feeds_64(const char* from) {
    return line_feeds_16(from) | line_feeds_16(from + 16) << 16 | line_feeds_16(from + 32) << 32 |
           line_feeds_16(from + 48) << 48;
}

template <const ByteSet& set>
[[nodiscard]] inline std::uint64_t members_64(const char* from) {
    return std::uint64_t{members_16<set>(from)} | std::uint64_t{members_16<set>(from + 16)} << 16 |
           std::uint64_t{members_16<set>(from + 32)} << 32 | std::uint64_t{members_16<set>(from + 48)} << 48;
}

/// The first byte in [from, end) that is a member (or, with `wanted` false, is none), or end.
template <const ByteSet& set, bool wanted = true>
[[nodiscard]] inline const char* find(Window window, const char* from, const char* end) {
    while (from < end) {
        const char* const load_at = window.end - from >= 16 ? from : window.end - 16;
        const std::uint32_t mask = (members_16<set>(load_at) ^ (wanted ? 0U : 0xffffU)) >> (from - load_at);
        if (mask != 0) {
            from += std::countr_zero(mask);
            return from < end ? from : end;
        }
        from = load_at + 16;
    }
    return end;
}

/// Walks the line feeds from `from` to the end of the window.
class LineFeeds {
  public:
    LineFeeds(Window window, const char* from) : window_(window), block_(from), mask_(load(from)) {}

    /// The next LF, or nullptr.
    [[nodiscard]] const char* next() {
        while (mask_ == 0) {
            block_ += 64;
            if (block_ >= window_.end) {
                block_ = window_.end;
                return nullptr;
            }
            mask_ = load(block_);
        }
        const char* const found = block_ + std::countr_zero(mask_);
        mask_ &= mask_ - 1;
        return found;
    }

  private:
    [[nodiscard]] std::uint64_t load(const char* from) const {
        const auto left = static_cast<std::uint64_t>(window_.end - from);
        if (left >= 64) [[likely]] {
            return line_feeds_64(from);
        }
        return left == 0 ? 0 : line_feeds_64(window_.end - 64) >> (64 - left);
    }

    Window window_;
    const char* block_;
    std::uint64_t mask_;
};

/// Four bytes as a number, first byte lowest.
[[nodiscard]] inline std::uint32_t load_4(const char* from) {
    std::uint32_t word;
    std::memcpy(&word, from, sizeof word);
    if constexpr (std::endian::native == std::endian::big) {
        word = __builtin_bswap32(word);
    }
    return word;
}

/// Eight bytes as a number, first byte lowest.
[[nodiscard]] inline std::uint64_t load_8(const char* from) {
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    if constexpr (std::endian::native == std::endian::big) {
        word = __builtin_bswap64(word);
    }
    return word;
}

/// `text` (at most 8 bytes, from `at` on) as load_4() and load_8() would give it, 0 after its end.
[[nodiscard]] constexpr std::uint64_t word_of(std::string_view text, std::size_t at = 0) {
    std::uint64_t word = 0;
    for (std::size_t i = at; i < text.size() && i < at + 8; ++i) {
        word |= std::uint64_t{static_cast<std::uint8_t>(text[i])} << 8 * (i - at);
    }
    return word;
}

}  // namespace regstorm::sip
