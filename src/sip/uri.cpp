// SPDX-License-Identifier: Apache-2.0
// URI equality (RFC 3261 19.1.4 with RFC 5954). Only reached when two URIs differ in their bytes, so it is written
// plainly: split, then compare part by part.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

#include "byte_sets.hpp"
#include "regstorm/base/socket_address.hpp"
#include "regstorm/sip/contact.hpp"

namespace regstorm::sip {
namespace {

inline constexpr std::uint32_t pairs_max = 32;  ///< parameters or headers of one URI

int hex_value(char digit) {
    if (is_digit(digit)) {
        return digit - '0';
    }
    const char letter = lower(digit);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/// Takes one character off `text`: an escape of a character that is not reserved is that character (RFC 2396 2.2);
/// an escaped reserved one stays apart from the bare one (256 is added).
int take_character(std::string_view& text) {
    if (text[0] == '%' && text.size() >= 3 && hex_value(text[1]) >= 0 && hex_value(text[2]) >= 0) {
        const int byte = hex_value(text[1]) * 16 + hex_value(text[2]);
        text.remove_prefix(3);
        return is_one_of(static_cast<char>(byte), ";/?:@&=+$,") ? byte + 256 : byte;
    }
    const int byte = static_cast<std::uint8_t>(text[0]);
    text.remove_prefix(1);
    return byte;
}

int fold_case(int character) { return character >= 'A' && character <= 'Z' ? character + 32 : character; }

bool same_exactly(std::string_view left, std::string_view right) {
    while (!left.empty() && !right.empty()) {
        if (take_character(left) != take_character(right)) {
            return false;
        }
    }
    return left.empty() && right.empty();
}

bool same_without_case(std::string_view left, std::string_view right) {
    while (!left.empty() && !right.empty()) {
        if (fold_case(take_character(left)) != fold_case(take_character(right))) {
            return false;
        }
    }
    return left.empty() && right.empty();
}

struct Pair {
    std::string_view name;
    std::string_view value;
};

struct Pairs {
    std::array<Pair, pairs_max> pair{};
    std::uint32_t count = 0;
    bool overflow = false;

    [[nodiscard]] std::span<const Pair> all() const { return {pair.data(), count}; }
    [[nodiscard]] const Pair* find(std::string_view name) const {
        for (const Pair& candidate : all()) {
            if (same_without_case(candidate.name, name)) {
                return &candidate;
            }
        }
        return nullptr;
    }
};

Pairs split(std::string_view text, char separator) {
    Pairs out;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find(separator));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        if (one.empty()) {
            continue;
        }
        if (out.count == pairs_max) {
            out.overflow = true;
            return out;
        }
        const std::size_t equals = one.find('=');
        out.pair[out.count++] = {one.substr(0, equals),
                                 equals == one.npos ? std::string_view{} : one.substr(equals + 1)};
    }
    return out;
}

struct Uri {
    std::string_view scheme;
    std::string_view user;  ///< with the password
    bool has_user = false;
    std::string_view host;
    std::string_view udp_port;
    bool has_port = false;
    std::string_view parameters;
    std::string_view headers;
};

/// [host][:port] off the front of `text`; what is left starts with ; or ? or is neither.
void take_host(std::string_view& text, Uri& out) {
    const std::size_t bracket = !text.empty() && text[0] == '[' ? text.find(']') : text.npos;
    const std::size_t host_end = bracket != text.npos ? bracket + 1 : std::min(text.size(), text.find_first_of(":;?"));
    out.host = text.substr(0, host_end);
    text.remove_prefix(host_end);
    if (!text.empty() && text[0] == ':') {
        out.has_port = true;
        out.udp_port = text.substr(1, text.find_first_of(";?") - 1);
        text.remove_prefix(1 + out.udp_port.size());
    }
}

Uri split_uri(std::string_view text) {
    Uri out;
    const std::size_t colon = text.find(':');
    out.scheme = text.substr(0, colon);
    text.remove_prefix(colon == text.npos ? text.size() : colon + 1);
    const std::size_t at = text.find('@');
    if (at != text.npos) {
        out.has_user = true;
        out.user = text.substr(0, at);
        text.remove_prefix(at + 1);
    }
    take_host(text, out);
    const std::size_t question = text.find('?');
    out.parameters = text.substr(0, question);
    out.headers = question == text.npos ? std::string_view{} : text.substr(question + 1);
    return out;
}

bool same_host(std::string_view left, std::string_view right) {
    if (same_without_case(left, right)) {
        return true;
    }
    if (left.empty() || right.empty() || left[0] != '[' || right[0] != '[') {
        return false;
    }
    const std::optional<base::IpAddress> address = base::parse_ip(left);
    return address && address == base::parse_ip(right);
}

/// -1 when it is no port.
std::int32_t port_number(std::string_view text) {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::int32_t{value} : -1;
}

/// Also "05060" is port 5060. What is no port equals only its own copy.
bool same_port(std::string_view left, std::string_view right) {
    return left == right || (port_number(left) >= 0 && port_number(left) == port_number(right));
}

/// A parameter of only one URI does not matter, except these (19.1.4; transport by its example).
bool must_be_in_both(std::string_view name) {
    for (const std::string_view one : {"user", "ttl", "method", "maddr", "transport"}) {
        if (same_without_case(name, one)) {
            return true;
        }
    }
    return false;
}

bool parameters_agree(const Pairs& left, const Pairs& right) {
    for (const Pair& pair : left.all()) {
        const Pair* const other = right.find(pair.name);
        if (other == nullptr ? must_be_in_both(pair.name) : !same_without_case(pair.value, other->value)) {
            return false;
        }
    }
    return true;
}

bool headers_contained(const Pairs& left, const Pairs& right) {
    for (const Pair& pair : left.all()) {
        const Pair* const other = right.find(pair.name);
        if (other == nullptr || !same_without_case(pair.value, other->value)) {
            return false;
        }
    }
    return true;
}

bool same_tail(const Uri& left, const Uri& right) {
    const Pairs left_parameters = split(left.parameters, ';');
    const Pairs right_parameters = split(right.parameters, ';');
    const Pairs left_headers = split(left.headers, '&');
    const Pairs right_headers = split(right.headers, '&');
    if (left_parameters.overflow || right_parameters.overflow || left_headers.overflow || right_headers.overflow) {
        return false;
    }
    return parameters_agree(left_parameters, right_parameters) && parameters_agree(right_parameters, left_parameters) &&
           left_headers.count == right_headers.count && headers_contained(left_headers, right_headers) &&
           headers_contained(right_headers, left_headers);
}

struct SentBy {
    std::string_view host;
    std::string_view udp_port;
    bool has_port = false;
};

/// Only for what read as host [":" port]: the colon is the first one after the brackets, if there are any.
SentBy split_sent_by(std::string_view text) {
    const std::size_t bracket = text.find(']');
    const std::size_t colon = text.find(':', bracket == text.npos ? 0 : bracket);
    const auto part = [&](std::size_t begin, std::size_t end) {
        return trim(text.data() + begin, text.data() + end).view();
    };
    if (colon == text.npos) {
        return {part(0, text.size()), {}, false};
    }
    return {part(0, colon), part(colon + 1, text.size()), true};
}

}  // namespace

bool same_uri(std::string_view left, std::string_view right) noexcept {
    if (left == right) {
        return true;
    }
    const Uri a = split_uri(left);
    const Uri b = split_uri(right);
    if (!same_without_case(a.scheme, b.scheme)) {
        return false;
    }
    if (!same_without_case(a.scheme, "sip") && !same_without_case(a.scheme, "sips")) {
        return false;  // of other schemes we know no equality but that of their bytes
    }
    return a.has_user == b.has_user && same_exactly(a.user, b.user) && same_host(a.host, b.host) &&
           a.has_port == b.has_port && same_port(a.udp_port, b.udp_port) && same_tail(a, b);
}

bool leads_to(std::string_view uri, std::string_view host, std::uint16_t udp_port) noexcept {
    const Uri parts = split_uri(uri);
    if (!same_without_case(parts.scheme, "sip") || !same_host(parts.host, host) ||
        (parts.has_port ? port_number(parts.udp_port) : 5060) != std::int32_t{udp_port}) {
        return false;
    }
    const Pairs parameters = split(parts.parameters, ';');
    const Pair* const transport = parameters.find("transport");
    return !parameters.overflow && parameters.find("maddr") == nullptr &&
           (transport == nullptr || same_without_case(transport->value, "udp"));
}

bool same_sent_by(std::string_view received, std::string_view own) noexcept {
    if (received == own) [[likely]] {
        return true;
    }
    const SentBy a = split_sent_by(received);
    const SentBy b = split_sent_by(own);
    return same_host(a.host, b.host) && a.has_port == b.has_port && same_port(a.udp_port, b.udp_port);
}

}  // namespace regstorm::sip
