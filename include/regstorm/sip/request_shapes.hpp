// SPDX-License-Identifier: Apache-2.0
// What AnswerShapes is to a phone, for a registrar: REGISTERs of one fleet differ in users, tags and numbers only, and
// so do their credentials. A request is held against the last one of its length that was parsed; when it fits, only its
// numbers are read, and its credentials are found where they stood. Otherwise it is parsed as if nothing had been seen.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "regstorm/sip/datagram_shape.hpp"
#include "regstorm/sip/digest.hpp"
#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

/// One per registrar; 60 KB, of which as many shapes as requests have lengths, 1.5 KB each, are in use.
class RequestShapes {
  public:
    /// As parse_request(), and besides, where it is cheap, the sole Contact and the place of rport are read along.
    /// `out` is a fresh Request, or one that was last written here: of the same shape, most of it is left as it is.
    [[nodiscard]] ParseError parse(std::string_view datagram, Request& out) noexcept;

    /// parse_credentials() of Authorization row `row` of a request that was parsed here.
    [[nodiscard]] bool credentials(const Request& request, std::uint32_t row, Credentials& out) const noexcept;

  private:
    struct CredentialPlaces {
        Field user;
        Field realm;
        Field nonce;
        Field uri;
        Field opaque;
        Field cnonce;
        Field response;
        Field nc;
    };
    struct Shape {
        DatagramShape bytes;
        Field cseq;  ///< digits
        bool has_credentials = false;
        Credentials credentials;  ///< of the first Authorization row; its texts are elsewhere now:
        CredentialPlaces places;
        Request request;
    };

    void learn(Shape& shape, std::string_view datagram, const Request& parsed) noexcept;
    static void learn_credentials(Shape& shape, std::string_view datagram) noexcept;

    /// A fleet's requests have several lengths: numbers of users, ports and CSeq grow, and half come with credentials.
    ShapeTable<Shape, 16> shapes_;
    std::uint32_t learned_ = 0;
};

}  // namespace regstorm::sip
