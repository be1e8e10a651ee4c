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

#include "regstorm/sip/datagram_shape.hpp"
#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

/// One per worker. ~20 KB, of which one shape, about 1.5 KB, is in use while answers are alike.
class AnswerShapes {
  public:
    /// As parse_response(), and besides, where it is cheap, the sole Contact and its expiry are read along. `out` is a
    /// fresh Response, or one that was last written here: of the same shape, most of it is left as it is.
    [[nodiscard]] ParseError parse(std::string_view datagram, Response& out) noexcept;

  private:
    struct Shape {
        DatagramShape bytes;
        Field cseq;     ///< digits
        Field rport;    ///< digits, or absent
        Field expires;  ///< digits of the sole Contact's expiry, or absent
        Response response;
    };

    [[nodiscard]] static bool take(const Shape& shape, std::string_view datagram, Response& out) noexcept;
    void learn(Shape& shape, std::string_view datagram, const Response& parsed) noexcept;

    ShapeTable<Shape, 8> shapes_;
    std::uint32_t learned_ = 0;
};

}  // namespace regstorm::sip
