// SPDX-License-Identifier: Apache-2.0
// What both parsers' fuzz targets hold AnswerShapes and RequestShapes to.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "message_facts.hpp"

namespace regstorm::sip {

/// The datagram told by comparison with itself, and with one that differs from it in the bytes that its own bytes
/// choose, has the facts of the parsed one, which `parsed` gives.
template <class Shapes, class Message>
void hold_to_the_parser(std::string_view datagram, std::string (*parsed)(std::string_view)) {
    static Shapes shapes;
    static Message message;
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(datagram[at]); };
    std::string alike(datagram);
    for (std::size_t i = 0; i + 2 < datagram.size(); i += 3) {
        if (byte(i) % 4 == 0) {
            alike[(byte(i) * 256U + byte(i + 1)) % datagram.size()] = datagram[i + 2];
        }
    }
    for (const std::string& each : {std::string(datagram), std::string(datagram), alike, std::string(datagram)}) {
        const std::string told = facts_of_alike(shapes, each, message);
        if (told != parsed(each)) {
            std::fprintf(stderr, "told by comparison:\n%s\nparsed:\n%s\n", told.c_str(), parsed(each).c_str());
            std::abort();
        }
    }
}

}  // namespace regstorm::sip
