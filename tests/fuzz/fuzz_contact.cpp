// SPDX-License-Identifier: Apache-2.0
// URIs and the choice of our own Contact. The bytes are two or three parts, separated by NUL: a URI, another one, and
// rows of an answer. URI equality must be symmetric and hold of copies; an expiry is granted from what is there.
#include <cstdlib>
#include <string>
#include <string_view>

#include "regstorm/sip/contact.hpp"

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

std::string_view take_part(std::string_view& text) {
    const std::string_view part = text.substr(0, text.find('\0'));
    text.remove_prefix(part.size() == text.size() ? text.size() : part.size() + 1);
    return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace regstorm::sip;
    std::string_view text{reinterpret_cast<const char*>(data), size};
    const std::string left(take_part(text));
    const std::string right(take_part(text));
    require(same_uri(left, left));
    require(same_uri(left, right) == same_uri(right, left));
    require(same_sent_by(left, right) == same_sent_by(right, left));

    const std::string datagram =
        "SIP/2.0 200 OK\nv:SIP/2.0/UDP h;branch=x\nf:a:b\nt:a:b\ni:x\nCSeq:1 REGISTER\n" + std::string(text) + "\n\n";
    Response response;
    if (parse_response(datagram, response) != ParseError::none) {
        return 0;
    }
    const GrantedExpiry granted = granted_expiry(response, left, right, 600);
    require(granted.source != Granted::by_request || granted.expires_s == 600);
    require(granted.source != Granted::by_header || response.has_expires);
    require(granted.source != Granted::binding_lost || granted.expires_s == 0);
    return 0;
}
