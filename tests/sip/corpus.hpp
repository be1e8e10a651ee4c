// SPDX-License-Identifier: Apache-2.0
// Messages that have broken parsers before, with the verdict that we give and why: RFC 4475 (torture), RFC 5118 (IPv6),
// and answers as servers send them. Where an RFC's message comes by TCP or TLS it says UDP here, because its transport
// is not what it is about; bodies are shortened.
#pragma once

#include <string>
#include <vector>

#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

struct CorpusMessage {
    std::string name;
    bool response;
    ParseError expected;
    std::string bytes;
};

[[nodiscard]] std::vector<CorpusMessage> torture_messages();  ///< RFC 4475
[[nodiscard]] std::vector<CorpusMessage> ipv6_messages();     ///< RFC 5118
[[nodiscard]] std::vector<CorpusMessage> server_messages();   ///< as servers answer

/// All of them.
[[nodiscard]] std::vector<CorpusMessage> corpus();

/// The one of that name; fails loudly when there is none.
[[nodiscard]] CorpusMessage corpus_message(const std::string& name);

/// `text` with CRLF for every LF, and without the LF that a raw string starts with.
[[nodiscard]] std::string crlf(std::string text);

}  // namespace regstorm::sip
