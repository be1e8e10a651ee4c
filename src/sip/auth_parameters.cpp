// SPDX-License-Identifier: Apache-2.0
#include "auth_parameters.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "byte_sets.hpp"
#include "regstorm/sip/find_stop.hpp"

namespace regstorm::sip {
namespace {

constexpr bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

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
        (left == scheme.size() || is_white(at_[scheme.size()]))) {
        digest_ = true;
        at_ += scheme.size();
    }
}

void AuthParameters::skip_space() noexcept {
    while (at_ != end_ && is_white(*at_)) {
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

/// The name at at_, and at_ behind it. False when none stands there.
bool AuthParameters::take_name(std::uint64_t& key) noexcept {
    if (end_ - at_ >= 8) {
        // Most names are up to seven letters with = behind them: one word, one comparison for each property.
        constexpr std::uint64_t ones = 0x0101010101010101ULL;
        constexpr std::uint64_t tops = ones << 7;
        std::uint64_t word = 0;
        std::memcpy(&word, at_, sizeof word);
        const std::uint64_t equals = word ^ ones * '=';
        const std::uint64_t found = (equals - ones) & ~equals & tops;
        if (found != 0) {
            const std::uint64_t letters_mask = (found & -found) / 0x80 - 1;  // of the bytes below the first =
            const std::uint64_t lower_case = word | ones * 0x20;
            const std::uint64_t above = (lower_case & ~tops) + ones * (0x80 - 'a');
            const std::uint64_t beyond = (lower_case & ~tops) + ones * (0x7f - 'z');
            if ((~(above & ~beyond & ~word) & tops & letters_mask) == 0 && letters_mask != 0) {
                key = lower_case & letters_mask;
                at_ += std::countr_zero(found) / 8;
                return true;
            }
        }
    }
    const char* const name = at_;
    while (at_ != end_ && is_token(*at_)) {
        ++at_;
    }
    key = name_key({name, static_cast<std::size_t>(at_ - name)});
    return at_ != name;
}

bool AuthParameters::next(AuthParameter& out) noexcept {
    while (at_ != end_ && (is_white(*at_) || *at_ == ',')) {
        ++at_;
    }
    if (at_ == end_) {
        return false;
    }
    const char* const name = at_;
    if (!take_name(out.key)) {
        return fail();
    }
    out.name = {name, static_cast<std::size_t>(at_ - name)};
    skip_space();
    if (at_ == end_ || *at_ != '=') {
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
