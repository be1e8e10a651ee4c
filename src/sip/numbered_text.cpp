// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <stdexcept>

#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/decimal.hpp"
#include "regstorm/sip/request_template.hpp"

namespace regstorm::sip {
namespace {

[[noreturn]] void refuse(std::string_view pattern, const char* why) {
    throw std::invalid_argument("\"" + std::string(pattern) + "\": " + why +
                                "; one %d or %06d stands for the endpoint's number, %% for a percent sign");
}

/// The N of "0Nd" at `at`, or 1 for "d"; `at` moves past the d.
std::uint8_t read_width(std::string_view pattern, std::size_t& at) {
    std::uint32_t width = 1;
    if (at < pattern.size() && pattern[at] == '0') {
        width = 0;
        for (++at; at < pattern.size() && pattern[at] >= '0' && pattern[at] <= '9' && width <= decimal_chars_max;
             ++at) {
            width = width * 10 + static_cast<std::uint32_t>(pattern[at] - '0');
        }
        if (width < 1 || width > decimal_chars_max) {
            refuse(pattern, "the width of a number is 1 to 10");
        }
    }
    if (at == pattern.size() || pattern[at] != 'd') {
        refuse(pattern, "a % is not followed by d");
    }
    ++at;
    return static_cast<std::uint8_t>(width);
}

}  // namespace

NumberedText::NumberedText(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        const char c = pattern[at++];
        if (c == '%' && (at == pattern.size() || pattern[at] != '%')) {
            if (width_ != 0) {
                refuse(pattern, "there is more than one number");
            }
            width_ = read_width(pattern, at);
            continue;
        }
        at += c == '%' ? 1 : 0;
        (width_ == 0 ? before_ : after_) += c;
    }
}

char* NumberedText::write(char* out, std::uint32_t number) const noexcept {
    out = copy_text(out, before_);
    if (width_ == 0) {
        return out;
    }
    // Wider than what is written in one piece: the zeros first.
    const std::uint32_t split = 100'000'000;
    if (width_ > 8) {
        *out = '0';
        out += width_ == decimal_chars_max && number < 10 * split ? 1 : 0;
        *out = '0';
        out += number < split ? 1 : 0;
    }
    out = write_decimal_rounded(out, number, std::min<int>(width_, 8));
    return copy_text(out, after_);
}

std::uint32_t NumberedText::chars_max() const noexcept {
    return static_cast<std::uint32_t>(before_.size() + after_.size()) + (width_ == 0 ? 0 : decimal_chars_max);
}

}  // namespace regstorm::sip
