// SPDX-License-Identifier: Apache-2.0
// Every fact that a parser gives about a datagram, one a line, in one form for the fast and for the reference parser:
// equal texts mean equal verdicts and fields. Also used by the fuzz targets.
#pragma once

#include <string>
#include <string_view>

#include "reference_parser.hpp"
#include "regstorm/sip/answer_shapes.hpp"
#include "regstorm/sip/message.hpp"
#include "regstorm/sip/request_shapes.hpp"

namespace regstorm::sip {

/// The fast parser's verdict and, when it is none, fields and Contact values.
[[nodiscard]] std::string facts_of_response(std::string_view datagram);
[[nodiscard]] std::string facts_of_request(std::string_view datagram);
/// As facts_of_response(), by comparison with what `shapes` has seen. Also says so when the sole Contact that was read
/// along is not the one that is there. `response` stays the same, as a worker's does.
[[nodiscard]] std::string facts_of_alike(AnswerShapes& shapes, std::string_view datagram, Response& response);

/// The same for a request. Also says so when credentials, or the answer that is written from it, are not those of the
/// parsed request.
[[nodiscard]] std::string facts_of_alike(RequestShapes& shapes, std::string_view datagram, Request& request);

/// The reference parser's.
[[nodiscard]] std::string reference_facts(const std::string& datagram, bool response);

}  // namespace regstorm::sip
