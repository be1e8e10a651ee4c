// SPDX-License-Identifier: Apache-2.0
#include "config/text_checks.hpp"

#include <fmt/format.h>
#include <optional>

#include "regstorm/base/socket_address.hpp"
#include "regstorm/config/values.hpp"
#include "regstorm/sip/request_template.hpp"

namespace regstorm::config {
namespace {

/// user = unreserved / escaped / user-unreserved, RFC 3261 25.1; the escape is the pattern's business.
bool is_user_char(char c) {
    const bool alpha = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    const bool digit = c >= '0' && c <= '9';
    return alpha || digit || std::string_view("-_.!~*'()&=+$,;?/").find(c) != std::string_view::npos;
}

/// Well-formed UTF-8 (RFC 3629 4): what TOML promises, and what JSON can carry into the result.
bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const unsigned lead = static_cast<unsigned char>(text[at]);
        const std::size_t tail = lead < 0x80   ? 0
                                 : lead < 0xc2 ? 4
                                 : lead < 0xe0 ? 1
                                 : lead < 0xf0 ? 2
                                 : lead < 0xf5 ? 3
                                               : 4;
        if (tail == 4 || at + tail >= text.size()) {
            return false;
        }
        std::uint32_t code = tail == 0 ? lead : lead & (0x3fU >> tail);
        for (std::size_t i = 1; i <= tail; ++i) {
            const unsigned next = static_cast<unsigned char>(text[at + i]);
            if ((next & 0xc0) != 0x80) {
                return false;
            }
            code = code << 6 | (next & 0x3f);
        }
        const bool overlong = (tail == 2 && code < 0x800) || (tail == 3 && code < 0x1'0000);
        if (overlong || code > 0x10'ffff || (code >= 0xd800 && code <= 0xdfff)) {
            return false;
        }
        at += tail + 1;
    }
    return true;
}

}  // namespace

std::string check_printable(std::string_view text) {
    if (!is_utf8(text)) {
        return "is not UTF-8";
    }
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) {
            return "has a control character";
        }
    }
    return {};
}

std::string check_quotable(std::string_view text) {
    if (text.find_first_of("\"\\") != text.npos) {
        return "has a quote or a backslash";
    }
    return check_printable(text);
}

std::string check_user_pattern(std::string_view text) {
    for (const char c : text) {
        if (c != '%' && !is_user_char(c)) {
            return c == '@' ? "has an @; the domain is auth.domain"
                            : "has a character that a SIP user name cannot have";
        }
    }
    return std::string(sip::NumberedText::find_fault(text));
}

std::string check_domain(std::string_view text) {
    return parse_target(text).good() ? "" : "is not a domain; write host or host:port";
}

std::string check_listen_address(std::string_view text) {
    const std::optional<base::SocketAddress> address = base::parse_socket_address(text, 0);
    return text.empty() || (address && address->udp_port != 0) ? "" : "is no ADDRESS:PORT, as in 127.0.0.1:9090";
}

}  // namespace regstorm::config
