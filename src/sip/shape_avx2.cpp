// SPDX-License-Identifier: Apache-2.0
// Compiled with AVX2; called only where the processor has it.
#include <immintrin.h>

#include "shape_kernels.hpp"

namespace regstorm::sip {

bool agrees_avx2(const char* data, const char* text, const std::uint8_t* fixed, std::size_t size) noexcept {
    const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(&plain_set.low)));
    const __m256i high =
        _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(high_nibble_bits)));
    const __m256i nibble = _mm256_set1_epi8(15);
    __m256i good = _mm256_set1_epi8(-1);  // the least that was found for each column; 0: a byte that must not be there
    const auto compare = [&](std::size_t at) {
        const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(data + at));
        const __m256i kept = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(fixed + at));
        const __m256i there = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + at));
        const __m256i columns = _mm256_shuffle_epi8(low, bytes);  // 0 where bit 7 is set
        const __m256i rows = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble));
        const __m256i plain = _mm256_and_si256(columns, rows);
        good = _mm256_min_epu8(good, _mm256_blendv_epi8(plain, _mm256_cmpeq_epi8(bytes, there), kept));
    };
    const std::size_t last = size - 32;
    for (std::size_t at = 0; at < last; at += 32) {
        compare(at);
    }
    compare(last);  // it may overlap the one before
    return _mm256_movemask_epi8(_mm256_cmpeq_epi8(good, _mm256_setzero_si256())) == 0;
}

}  // namespace regstorm::sip
