// SPDX-License-Identifier: Apache-2.0
// Many messages side by side: GCC vector extensions give one source for SSE, AVX2, AVX-512 and NEON, and the compiler
// makes the rotations and three-way logic that each of them has. Two vectors advance together (`Streams`) because one
// leaves the pipeline half empty. Lane l of vector s is message s * Lanes + l.
//
// The words of one message lie in a row and the kernel wants word i of all messages in one vector, so each square of
// Lanes x Lanes words is transposed in registers: log2(Lanes) rounds of interleaving, a fifth of the time that
// gathering word by word takes.
#pragma once

#include <cstdint>

#include "regstorm/sip/hash_steps.hpp"

namespace regstorm::sip {
namespace {

template <int Lanes>
struct VectorOf {
    typedef std::uint32_t Type __attribute__((vector_size(Lanes * 4)));
};
template <int Lanes>
using Vector = typename VectorOf<Lanes>::Type;

/// Lanes of `left` and `right` in turn, starting from the middle when `High`.
template <bool High, class V, int... I>
[[gnu::always_inline]] inline V interleave(const V& left, const V& right, std::integer_sequence<int, I...>) {
    constexpr int lanes = sizeof...(I);
    return __builtin_shufflevector(left, right, ((I % 2) * lanes + I / 2 + (High ? lanes / 2 : 0))...);
}

/// rows[i] lane j becomes rows[j] lane i.
template <int Lanes>
[[gnu::always_inline]] inline void transpose(Vector<Lanes> (&rows)[Lanes]) {
    constexpr std::make_integer_sequence<int, Lanes> all;
    for (int round = 1; round < Lanes; round *= 2) {
        Vector<Lanes> next[Lanes];
        for (int i = 0; i < Lanes / 2; ++i) {
            next[2 * i] = interleave<false>(rows[i], rows[i + Lanes / 2], all);
            next[2 * i + 1] = interleave<true>(rows[i], rows[i + Lanes / 2], all);
        }
        for (int i = 0; i < Lanes; ++i) {
            rows[i] = next[i];
        }
    }
}

/// Word i of block `block` of all messages into words[stream][i].
template <int Lanes, int Streams>
[[gnu::always_inline]] inline void load_words(Vector<Lanes> (&words)[Streams][16], const std::uint8_t* messages,
                                              std::uint32_t blocks, std::uint32_t block) {
    for (int s = 0; s < Streams; ++s) {
        for (int part = 0; part < 16 / Lanes; ++part) {
            Vector<Lanes> rows[Lanes];
            for (int lane = 0; lane < Lanes; ++lane) {
                const std::size_t message = static_cast<std::size_t>(s) * Lanes + static_cast<std::size_t>(lane);
                __builtin_memcpy(&rows[lane], messages + (message * blocks + block) * 64 + part * Lanes * 4,
                                 sizeof rows[lane]);
            }
            transpose<Lanes>(rows);
            for (int i = 0; i < Lanes; ++i) {
                words[s][part * Lanes + i] = rows[i];
            }
        }
    }
}

template <int Lanes, int Streams, int StateWords>
[[gnu::always_inline]] inline void load_state(Vector<Lanes> (&state)[Streams][StateWords], const std::uint32_t* from) {
    for (int s = 0; s < Streams; ++s) {
        for (int i = 0; i < StateWords; ++i) {
            __builtin_memcpy(&state[s][i], from + (i * Streams + s) * Lanes, sizeof state[s][i]);
        }
    }
}

template <int Lanes, int Streams, int StateWords>
[[gnu::always_inline]] inline void store_state(std::uint32_t* to, const Vector<Lanes> (&state)[Streams][StateWords]) {
    for (int s = 0; s < Streams; ++s) {
        for (int i = 0; i < StateWords; ++i) {
            __builtin_memcpy(to + (i * Streams + s) * Lanes, &state[s][i], sizeof state[s][i]);
        }
    }
}

/// The constants as plain memory: knowing their values, GCC builds each vector of them with a move through an integer
/// register and a shuffle, where a broadcasting load is one instruction on a port that is idle.
[[gnu::always_inline]] inline const std::uint32_t* in_memory(const std::uint32_t* constants) {
    asm volatile("" : "+r"(constants));
    return constants;
}

template <int Lanes, int Streams>
void md5_lanes(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    Vector<Lanes> vectors[Streams][4];
    load_state<Lanes, Streams>(vectors, state);
    for (std::uint32_t block = 0; block < blocks; ++block) {
        const std::uint32_t* const constant = in_memory(md5_constant);
        Vector<Lanes> words[Streams][16];
        load_words<Lanes, Streams>(words, messages, blocks, block);
        md5_block<Vector<Lanes>, Streams>(vectors, words, constant);
    }
    store_state<Lanes, Streams>(state, vectors);
}

template <int Lanes, int Streams>
void sha256_lanes(std::uint32_t* state, const std::uint8_t* messages, std::uint32_t blocks) noexcept {
    Vector<Lanes> vectors[Streams][8];
    load_state<Lanes, Streams>(vectors, state);
    for (std::uint32_t block = 0; block < blocks; ++block) {
        const std::uint32_t* const constant = in_memory(sha256_constant);
        Vector<Lanes> words[Streams][16];
        load_words<Lanes, Streams>(words, messages, blocks, block);
        for (int s = 0; s < Streams; ++s) {
            for (Vector<Lanes>& word : words[s]) {  // big-endian
                const Vector<Lanes> halves = rotate_left<16>(word);
                word = (halves & 0x00ff00ff) << 8 | ((halves >> 8) & 0x00ff00ff);
            }
        }
        sha256_block<Vector<Lanes>, Streams>(vectors, words, constant);
    }
    store_state<Lanes, Streams>(state, vectors);
}

}  // namespace
}  // namespace regstorm::sip
