// SPDX-License-Identifier: Apache-2.0
#include "auth_parameters.hpp"

#include <array>

#include "regstorm/sip/find_stop.hpp"

namespace regstorm::sip {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

/// token of RFC 3261 25.1
constexpr std::array<bool, 256> token_characters = [] {
    std::array<bool, 256> table{};
    for (const unsigned char c : std::string_view("0123456789abcdefghijklmnopqrstuvwxyz"
                                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ-.!%*_+`'~")) {
        table[c] = true;
    }
    return table;
}();
constexpr bool is_token(char c) { return token_characters[static_cast<unsigned char>(c)]; }

constexpr std::string_view algorithm_names[] = {"MD5",          "MD5-sess",    "SHA-256",
                                                "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"};

}  // namespace

bool is_word(std::string_view text, std::string_view lower_case) noexcept {
    if (text.size() != lower_case.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (lower(text[i]) != lower_case[i]) {
            return false;
        }
    }
    return true;
}

bool read_algorithm(std::string_view name, DigestAlgorithm& out) noexcept {
    static_assert(std::size(algorithm_names) == static_cast<std::size_t>(DigestAlgorithm::sha512_256_sess) + 1);
    for (std::size_t i = 0; i < std::size(algorithm_names); ++i) {
        const std::string_view known = algorithm_names[i];
        std::size_t same = 0;
        while (same < known.size() && same < name.size() && lower(known[same]) == lower(name[same])) {
            ++same;
        }
        if (same == known.size() && same == name.size()) {
            out = static_cast<DigestAlgorithm>(i);
            return true;
        }
    }
    return false;
}

std::string_view to_text(DigestAlgorithm algorithm) noexcept {
    return algorithm_names[static_cast<std::uint8_t>(algorithm)];
}

AuthParameters::AuthParameters(std::string_view text) noexcept : at_(text.data()), end_(at_ + text.size()) {
    skip_space();
    constexpr std::string_view scheme = "digest";
    const std::size_t left = static_cast<std::size_t>(end_ - at_);
    if (left >= scheme.size() && is_word({at_, scheme.size()}, scheme) &&
        (left == scheme.size() || is_space(at_[scheme.size()]))) {
        digest_ = true;
        at_ += scheme.size();
    }
}

void AuthParameters::skip_space() noexcept {
    while (at_ != end_ && is_space(*at_)) {
        ++at_;
    }
}

bool AuthParameters::take_quoted(std::string_view& out) noexcept {
    const char* const first = ++at_;
    for (;; ++at_) {  // once per character that is not plain
        at_ = find_stop<true, '"', '\\', '\x7f'>(at_, end_);
        if (at_ == end_) {
            return fail();
        }
        if (*at_ == '"') {
            out = {first, static_cast<std::size_t>(at_ - first)};
            ++at_;
            return true;
        }
        at_ += *at_ == '\\' ? 1 : 0;
        if (at_ == end_ || is_control(*at_)) {
            return fail();
        }
    }
}

bool AuthParameters::next(AuthParameter& out) noexcept {
    while (at_ != end_ && (is_space(*at_) || *at_ == ',')) {
        ++at_;
    }
    if (at_ == end_) {
        return false;
    }
    const char* const name = at_;
    while (at_ != end_ && is_token(*at_)) {
        ++at_;
    }
    out.key = name_key({name, static_cast<std::size_t>(at_ - name)});
    const bool nameless = at_ == name;
    skip_space();
    if (nameless || at_ == end_ || *at_ != '=') {
        return fail();
    }
    ++at_;
    skip_space();
    if (at_ != end_ && *at_ == '"') {
        if (!take_quoted(out.value)) {
            return false;
        }
    } else {
        // Wider than a token: servers leave the quotes off nonces that hold = and /.
        const char* const value = at_;
        while (at_ != end_ && *at_ > ' ' && *at_ < 0x7f && *at_ != ',' && *at_ != '"') {
            ++at_;
        }
        out.value = {value, static_cast<std::size_t>(at_ - value)};
        if (out.value.empty() || out.value.find('\\') != std::string_view::npos) {
            return fail();  // a backslash would turn into an escape between our quotes
        }
    }
    skip_space();
    return at_ == end_ || *at_ == ',' || fail();
}

}  // namespace regstorm::sip
