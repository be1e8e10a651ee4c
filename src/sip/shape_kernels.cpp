// SPDX-License-Identifier: Apache-2.0
#include "shape_kernels.hpp"

#if defined(__x86_64__)
#include <smmintrin.h>
#endif

namespace regstorm::sip {
namespace {

bool on_any_machine() noexcept { return true; }

#if defined(__x86_64__)
// __builtin_cpu_supports() also asks whether the operating system saves the wide registers.
bool compares_with_avx2() noexcept { return __builtin_cpu_supports("avx2"); }
#endif

constexpr ShapeKernel shape_list[] = {
    {"portable", on_any_machine, agrees_portable},
#if defined(__x86_64__)
    {"sse", on_any_machine, agrees_sse},
    {"avx2", compares_with_avx2, agrees_avx2},
#endif
};

}  // namespace

std::span<const ShapeKernel> shape_kernels() noexcept { return shape_list; }

bool agrees_portable(const char* data, const char* text, const std::uint8_t* fixed, std::size_t size) noexcept {
    bool good = true;
    for (std::size_t at = 0; at < size; ++at) {
        good &= fixed[at] != 0 ? data[at] == text[at] : plain_set.has(data[at]);
    }
    return good;
}

#if defined(__x86_64__)
bool agrees_sse(const char* data, const char* text, const std::uint8_t* fixed, std::size_t size) noexcept {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(&plain_set.low));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(high_nibble_bits));
    const __m128i nibble = _mm_set1_epi8(15);
    __m128i good = _mm_set1_epi8(-1);  // the least that was found for each column; 0: a byte that must not be there
    const auto compare = [&](std::size_t at) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at));
        const __m128i kept = _mm_loadu_si128(reinterpret_cast<const __m128i*>(fixed + at));
        const __m128i there = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
        const __m128i columns = _mm_shuffle_epi8(low, bytes);  // 0 where bit 7 is set
        const __m128i rows = _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble));
        const __m128i plain = _mm_and_si128(columns, rows);
        good = _mm_min_epu8(good, _mm_blendv_epi8(plain, _mm_cmpeq_epi8(bytes, there), kept));
    };
    const std::size_t last = size - 16;
    for (std::size_t at = 0; at < last; at += 16) {
        compare(at);
    }
    compare(last);  // it may overlap the one before
    return _mm_movemask_epi8(_mm_cmpeq_epi8(good, _mm_setzero_si128())) == 0;
}
#endif

}  // namespace regstorm::sip
