// SPDX-License-Identifier: Apache-2.0
// SHA-256 with the SHA extensions: four rounds take four instructions, but each waits for the one before, so two
// messages in turn hide most of the wait (the second costs a third of the first). Three times as
// fast as eight AVX2 lanes, and needs no batch (bench_sip, Sha256Kernel).
#include <immintrin.h>

#include "hash_lane_kernels.hpp"
#include "regstorm/sip/hash_steps.hpp"

namespace regstorm::sip {
namespace {

/// The state as the instructions want it: the words A B E F in one register, C D G H in the other.
struct State {
    __m128i abef, cdgh;
};

[[gnu::always_inline]] inline __m128i load(const void* from) {
    return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

/// Four rounds; `Group` counts them in fours. The schedule's last 16 words stand in words[4] and are renewed in place.
template <int Group>
[[gnu::always_inline]] inline void four_rounds(State& state, __m128i (&words)[4]) {
    __m128i& now = words[Group % 4];
    if constexpr (Group >= 4) {
        const __m128i before = words[(Group + 3) % 4];
        const __m128i shifted = _mm_alignr_epi8(before, words[(Group + 2) % 4], 4);
        now = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(now, words[(Group + 1) % 4]), shifted), before);
    }
    const __m128i sum = _mm_add_epi32(now, load(sha256_constant + Group * 4));
    state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, sum);
    state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

template <int Messages>
[[gnu::always_inline]] inline void compress(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    State now[Messages];
    for (int m = 0; m < Messages; ++m) {
        const auto word = [&](int i) { return static_cast<int>(state[i * Messages + m]); };
        now[m] = {_mm_set_epi32(word(0), word(1), word(4), word(5)), _mm_set_epi32(word(2), word(3), word(6), word(7))};
    }
    for (std::uint32_t block = 0; block < blocks; ++block) {
        __m128i words[Messages][4];
        State before[Messages];
        for (int m = 0; m < Messages; ++m) {
            before[m] = now[m];
            for (int i = 0; i < 4; ++i) {
                const std::size_t message = static_cast<std::size_t>(m);
                words[m][i] = _mm_shuffle_epi8(load(messages + (message * blocks + block) * 64 + i * 16), big_endian);
            }
        }
        const auto rounds = [&]<int... Group>(std::integer_sequence<int, Group...>) __attribute__((always_inline)) {
            const auto all = [&]<int One>(std::integral_constant<int, One>) __attribute__((always_inline)) {
                for (int m = 0; m < Messages; ++m) {
                    four_rounds<One>(now[m], words[m]);
                }
            };
            (all(std::integral_constant<int, Group>{}), ...);
        };
        rounds(std::make_integer_sequence<int, 16>{});
        for (int m = 0; m < Messages; ++m) {
            now[m].abef = _mm_add_epi32(now[m].abef, before[m].abef);
            now[m].cdgh = _mm_add_epi32(now[m].cdgh, before[m].cdgh);
        }
    }
    constexpr int place[8] = {3, 2, 7, 6, 1, 0, 5, 4};  // of word i in {abef, cdgh}
    for (int m = 0; m < Messages; ++m) {
        std::uint32_t words[8];
        _mm_storeu_si128(reinterpret_cast<__m128i*>(words), now[m].abef);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(words + 4), now[m].cdgh);
        for (int i = 0; i < 8; ++i) {
            state[i * Messages + m] = words[place[i]];
        }
    }
}

}  // namespace

void sha256_sha_ni(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    compress<1>(state, messages, blocks);
}

void sha256_sha_ni_pair(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    compress<2>(state, messages, blocks);
}

}  // namespace regstorm::sip
