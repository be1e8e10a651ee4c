// SPDX-License-Identifier: Apache-2.0
// Any bytes as a request: the fast parser must stay inside them (ASan sees the buffer's end) and say what the reference
// says. So must the comparison with requests seen before: with this one itself, and with one that differs from it in
// the bytes that the input's own bytes choose.
#include <cstdio>
#include <cstdlib>

#include "alike.hpp"
#include "message_facts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string datagram(reinterpret_cast<const char*>(data), size);
    const std::string fast = regstorm::sip::facts_of_request({reinterpret_cast<const char*>(data), size});
    const std::string slow = regstorm::sip::reference_facts(datagram, false);
    if (fast != slow) {
        std::fprintf(stderr, "fast:\n%s\nreference:\n%s\n", fast.c_str(), slow.c_str());
        std::abort();
    }
    regstorm::sip::hold_to_the_parser<regstorm::sip::RequestShapes, regstorm::sip::Request>(
        datagram, regstorm::sip::facts_of_request);
    return 0;
}
