// SPDX-License-Identifier: Apache-2.0
// Answers of one registrar to one fleet look alike: the same rows in the same places, and in them other users, tags
// and numbers. So an answer is first held against the last one of its length that was parsed: equal everywhere but
// in the values that may differ, and these made of plain characters only? Then it says the same in the same places,
// and only its numbers are read. Otherwise it is parsed, as if nothing had been seen before.
//
// The comparison takes half of the parser's time (scripts/bench parse: parse_alike/* beside parse/*). It decides
// nothing by itself: what it accepts has, to the last field, the result of parse_response(), which the differential
// tests and the fuzzer hold it to.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

/// One per worker. ~20 KB, of which one shape, about 1.5 KB, is in use while answers are alike.
class AnswerShapes {
  public:
    /// Longer datagrams are always parsed.
    static constexpr std::uint32_t bytes_max = 1024;

    /// As parse_response(), and besides, where it is cheap, the sole Contact and its expiry are read along. `out` is a
    /// fresh Response, or one that was last written here: of the same shape, most of it is left as it is.
    [[nodiscard]] ParseError parse(std::string_view datagram, Response& out) noexcept;

  private:
    static constexpr std::uint32_t shapes = 8;  ///< told apart by the length of the datagram
    static constexpr std::uint32_t block = 16;
    static constexpr std::uint32_t none = ~0U;  ///< no datagram is as long, not even an empty one
    /// A shape that fits is trusted this much more, up to the limit; one that does not, less; at 0 it is replaced.
    static constexpr std::uint8_t trust_max = 4;

    struct Shape {
        std::uint32_t size = none;  ///< of the datagrams
        std::uint8_t trust = 0;
        std::uint8_t mixed_count = 0;
        Field cseq;     ///< digits
        Field rport;    ///< digits, or absent
        Field expires;  ///< digits of the sole Contact's expiry, or absent
        Response response;
        std::array<std::uint16_t, bytes_max / block> fixed_bits;   ///< of the mixed blocks: bytes that are fixed
        std::array<std::uint16_t, bytes_max / block> mixed_at;     ///< blocks that have bytes that may differ
        alignas(block) std::array<char, bytes_max> text;           ///< with 0 where bytes may differ
        alignas(block) std::array<std::uint8_t, bytes_max> fixed;  ///< 0xff where they may not
    };

    [[nodiscard]] static bool fits(const Shape& shape, std::string_view datagram) noexcept;
    [[nodiscard]] static bool take(const Shape& shape, std::string_view datagram, Response& out) noexcept;
    void learn(Shape& shape, std::string_view datagram, const Response& parsed) noexcept;

    std::array<Shape, shapes> shapes_{};
    std::uint32_t learned_ = 0;
};

}  // namespace regstorm::sip
