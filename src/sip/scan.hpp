// SPDX-License-Identifier: Apache-2.0
// Finding bytes of a set, 16 or 64 at a time. The parser's time goes into looking for the next delimiter; byte loops
// cost a cycle a byte, PCMPESTRI 11 cycles per 16. Here a set of ASCII bytes is two 16-entry tables, and a byte is in
// the set when low[byte & 15] & high[byte >> 4] is not 0: two PSHUFB for any set (SSSE3, part of x86-64-v2; bytes
// above 0x7f are never members). Other architectures build the same masks from a table, byte by byte.
//
// No load reaches outside the Window: near its end the last 16 or 64 bytes are loaded and the mask is shifted. A
// Window is therefore never smaller than 64 bytes; shorter datagrams are copied into one first.
#pragma once

#include <algorithm>
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
    /// For a set without two members of one low nibble: only[l] is the member with low nibble l, else no byte that
    /// has this nibble. Then a single PSHUFB and a compare tell.
    std::array<std::uint8_t, 16> only{};
    bool has_only = true;
    unsigned count = 0;

    [[nodiscard]] constexpr bool has(char byte) const { return member[static_cast<std::uint8_t>(byte)]; }
};

/// The bytes for which `predicate` is true.
template <class Predicate>
consteval ByteSet make_byte_set(Predicate predicate) {
    ByteSet set;
    for (unsigned low = 0; low < 16; ++low) {
        set.only[low] = static_cast<std::uint8_t>(low + 1);
        unsigned members = 0;
        for (unsigned byte = low; byte < 0x80; byte += 16) {
            if (predicate(static_cast<char>(byte))) {
                set.low[low] = static_cast<std::uint8_t>(set.low[low] | 1U << (byte >> 4));
                set.only[low] = static_cast<std::uint8_t>(byte);
                set.member[byte] = true;
                ++members;
            }
        }
        set.count += members;
        set.has_only = set.has_only && members <= 1;
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
[[nodiscard]] inline __m128i load_16(const void* from) { return _mm_loadu_si128(static_cast<const __m128i*>(from)); }

template <const ByteSet& set>
[[nodiscard]] inline std::uint32_t members_16(const char* from) {
    const __m128i bytes = load_16(from);
    if constexpr (set.count == 1) {
        constexpr char member = static_cast<char>(std::ranges::find(set.member, true) - set.member.begin());
        return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(member))));
    }
    if constexpr (set.has_only) {
        const __m128i inside = _mm_cmpeq_epi8(_mm_shuffle_epi8(load_16(set.only.data()), bytes), bytes);
        return static_cast<std::uint32_t>(_mm_movemask_epi8(inside));
    }
    const __m128i high = _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i columns = _mm_shuffle_epi8(load_16(set.low.data()), bytes);  // 0 where bit 7 is set
    const __m128i rows = _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15)));
    const __m128i outside = _mm_cmpeq_epi8(_mm_and_si128(columns, rows), _mm_setzero_si128());
    return static_cast<std::uint32_t>(_mm_movemask_epi8(outside)) ^ 0xffffU;
}

#else
template <const ByteSet& set>
[[nodiscard]] inline std::uint32_t members_16(const char* from) {
    return members_16_portable<set>(from);
}
#endif

template <const ByteSet& set>
[[nodiscard]] inline std::uint64_t members_64(const char* from) {
    return std::uint64_t{members_16<set>(from)} | std::uint64_t{members_16<set>(from + 16)} << 16 |
           std::uint64_t{members_16<set>(from + 32)} << 32 | std::uint64_t{members_16<set>(from + 48)} << 48;
}

/// The first byte in [from, end) that is a member (or, with `wanted` false, is none), or end.
template <const ByteSet& set, bool wanted = true>
[[nodiscard]] inline const char* find(Window window, const char* from, const char* end) {
    constexpr std::uint32_t flip = wanted ? 0U : 0xffffU;
    while (from < end) {
        if (window.end - from < 16) [[unlikely]] {
            const char* const load_at = window.end - 16;
            const std::uint32_t mask = (members_16<set>(load_at) ^ flip) >> (from - load_at);
            return mask != 0 && from + std::countr_zero(mask) < end ? from + std::countr_zero(mask) : end;
        }
        const std::uint32_t mask = members_16<set>(from) ^ flip;
        if (mask != 0) {
            from += std::countr_zero(mask);
            return from < end ? from : end;
        }
        from += 16;
    }
    return end;
}

/// Walks the members from `from` to the end of the window.
template <const ByteSet& set>
class Members {
  public:
    Members(Window window, const char* from) : window_(window), block_(from), mask_(load(from)) {}

    /// The next member, or nullptr.
    [[nodiscard]] const char* next() {
        while (mask_ == 0) {
            if (window_.end - block_ <= 64) {
                return nullptr;
            }
            block_ += 64;
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
            return members_64<set>(from);
        }
        return left == 0 ? 0 : members_64<set>(window_.end - 64) >> (64 - left);
    }

    Window window_;
    const char* block_;
    std::uint64_t mask_;
};

inline constexpr ByteSet line_feed_set = make_byte_set([](char byte) { return byte == '\n'; });
using LineFeeds = Members<line_feed_set>;

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
