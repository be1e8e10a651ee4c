// SPDX-License-Identifier: Apache-2.0
// The compression functions of MD5 (RFC 1321 3.4) and SHA-256 (FIPS 180-4 6.2.2), written once for any number of
// messages side by side: `Word` is a plain 32-bit number for one message or a vector of them for many, and `Streams`
// such words advance together, which fills the pipeline: a hash is one long chain of dependent steps.
//
// Everything is always_inline and in an unnamed namespace: this text is compiled several times with different
// instruction sets, and the linker must never pick the AVX-512 copy of a shared function for a machine without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace regstorm::sip {

inline constexpr std::uint32_t md5_initial[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

/// floor(2^32 * |sin(i + 1)|)
inline constexpr std::uint32_t md5_constant[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
inline constexpr int md5_rotation[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
inline constexpr int md5_word_factor[4] = {1, 5, 3, 7};
inline constexpr int md5_word_offset[4] = {0, 1, 5, 0};

/// Fractions of the square roots of the first 8 primes, and of the cube roots of the first 64.
inline constexpr std::uint32_t sha256_initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};
inline constexpr std::uint32_t sha256_constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

namespace {

template <int Bits, class Word>
[[gnu::always_inline]] inline Word rotate_left(const Word& word) {
    return word << Bits | word >> (32 - Bits);
}

template <int Round, class Word>
[[gnu::always_inline]] inline Word md5_mix(const Word& b, const Word& c, const Word& d) {
    if constexpr (Round == 0) {
        return d ^ (b & (c ^ d));
    } else if constexpr (Round == 1) {
        return (d & b) | (~d & c);
    } else if constexpr (Round == 2) {
        return b ^ (c ^ d);
    } else {
        return c ^ (b | ~d);
    }
}

/// Step `Step` of 64. The four variables change roles instead of places: a is v[-Step mod 4], b the next one, ...
template <int Step, class Word>
[[gnu::always_inline]] inline void md5_step(Word (&v)[4], const Word (&words)[16], const std::uint32_t* constant) {
    constexpr int round = Step / 16;
    constexpr int index = (md5_word_factor[round] * Step + md5_word_offset[round]) % 16;
    Word& a = v[(64 - Step) % 4];
    const Word& b = v[(65 - Step) % 4];
    const Word& c = v[(66 - Step) % 4];
    const Word& d = v[(67 - Step) % 4];
    Word sum = a + (words[index] + constant[Step]);
    if constexpr (round == 1 && sizeof(Word) < 64) {
        // The halves of the choice share no bit, so they may be added; only one of them waits for the last step's b.
        // AVX-512 has the whole choice in one instruction.
        sum += ~d & c;
        sum += d & b;
    } else {
        sum += md5_mix<round>(b, c, d);
    }
    a = b + rotate_left<md5_rotation[round][Step % 4]>(sum);
}

template <class Word, int Streams>
[[gnu::always_inline]] inline void md5_block(Word (&state)[Streams][4], const Word (&words)[Streams][16],
                                             const std::uint32_t* constant) {
    Word v[Streams][4];
    for (int s = 0; s < Streams; ++s) {
        for (int i = 0; i < 4; ++i) {
            v[s][i] = state[s][i];
        }
    }
    const auto steps = [&]<int... Step>(std::integer_sequence<int, Step...>) __attribute__((always_inline)) {
        const auto all_streams = [&]<int One>(std::integral_constant<int, One>) __attribute__((always_inline)) {
            for (int s = 0; s < Streams; ++s) {
                md5_step<One>(v[s], words[s], constant);
            }
        };
        (all_streams(std::integral_constant<int, Step>{}), ...);
    };
    steps(std::make_integer_sequence<int, 64>{});
    for (int s = 0; s < Streams; ++s) {
        for (int i = 0; i < 4; ++i) {
            state[s][i] += v[s][i];
        }
    }
}

/// Step `Step` of 64; the schedule's last 16 words stand in `words` and are renewed in place.
template <int Step, class Word>
[[gnu::always_inline]] inline void sha256_step(Word (&v)[8], Word (&words)[16], const std::uint32_t* constant) {
    Word& word = words[Step % 16];
    if constexpr (Step >= 16) {
        const Word& older = words[(Step + 1) % 16];
        const Word& newer = words[(Step + 14) % 16];
        word += (rotate_left<25>(older) ^ rotate_left<14>(older) ^ (older >> 3)) + words[(Step + 9) % 16] +
                (rotate_left<15>(newer) ^ rotate_left<13>(newer) ^ (newer >> 10));
    }
    const Word& a = v[(64 - Step) % 8];
    const Word& b = v[(65 - Step) % 8];
    const Word& c = v[(66 - Step) % 8];
    Word& d = v[(67 - Step) % 8];
    const Word& e = v[(68 - Step) % 8];
    const Word& f = v[(69 - Step) % 8];
    const Word& g = v[(70 - Step) % 8];
    Word& h = v[(71 - Step) % 8];
    const Word sum = h + (word + constant[Step]) + (g ^ (e & (f ^ g))) +
                     (rotate_left<26>(e) ^ rotate_left<21>(e) ^ rotate_left<7>(e));
    d += sum;
    h = sum + ((a & b) | (c & (a | b))) + (rotate_left<30>(a) ^ rotate_left<19>(a) ^ rotate_left<10>(a));
}

template <class Word, int Streams>
[[gnu::always_inline]] inline void sha256_block(Word (&state)[Streams][8], Word (&words)[Streams][16],
                                                const std::uint32_t* constant) {
    Word v[Streams][8];
    for (int s = 0; s < Streams; ++s) {
        for (int i = 0; i < 8; ++i) {
            v[s][i] = state[s][i];
        }
    }
    const auto steps = [&]<int... Step>(std::integer_sequence<int, Step...>) __attribute__((always_inline)) {
        const auto all_streams = [&]<int One>(std::integral_constant<int, One>) __attribute__((always_inline)) {
            for (int s = 0; s < Streams; ++s) {
                sha256_step<One>(v[s], words[s], constant);
            }
        };
        (all_streams(std::integral_constant<int, Step>{}), ...);
    };
    steps(std::make_integer_sequence<int, 64>{});
    for (int s = 0; s < Streams; ++s) {
        for (int i = 0; i < 8; ++i) {
            state[s][i] += v[s][i];
        }
    }
}

}  // namespace
}  // namespace regstorm::sip
