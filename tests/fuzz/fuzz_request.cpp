// SPDX-License-Identifier: Apache-2.0
// Any bytes as a request: the fast parser must stay inside them (ASan sees the buffer's end) and say what the reference
// says. So must the comparison with requests seen before: with this one itself, and with one that differs from it in
// the bytes that the input's own bytes choose.
#include <cstdio>
#include <cstdlib>

#include "message_facts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string datagram(reinterpret_cast<const char*>(data), size);
    const std::string fast = regstorm::sip::facts_of_request({reinterpret_cast<const char*>(data), size});
    const std::string slow = regstorm::sip::reference_facts(datagram, false);
    if (fast != slow) {
        std::fprintf(stderr, "fast:\n%s\nreference:\n%s\n", fast.c_str(), slow.c_str());
        std::abort();
    }
    static regstorm::sip::RequestShapes shapes;
    static regstorm::sip::Request request;
    std::string alike = datagram;
    for (std::size_t i = 0; i + 2 < size; i += 3) {
        if (data[i] % 4 == 0) {
            alike[(data[i] * 256U + data[i + 1]) % size] = static_cast<char>(data[i + 2]);
        }
    }
    for (const std::string& each : {datagram, datagram, alike, datagram}) {
        const std::string told = regstorm::sip::facts_of_alike(shapes, each, request);
        const std::string parsed = regstorm::sip::facts_of_request(each);
        if (told != parsed) {
            std::fprintf(stderr, "told by comparison:\n%s\nparsed:\n%s\n", told.c_str(), parsed.c_str());
            std::abort();
        }
    }
    return 0;
}
