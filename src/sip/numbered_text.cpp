// SPDX-License-Identifier: Apache-2.0
#include <stdexcept>

#include "regstorm/base/text.hpp"
#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/request_template.hpp"

namespace regstorm::sip {
namespace {

constexpr std::uint32_t number_chars_max = 10;

[[noreturn]] void refuse(std::string_view pattern, const char* why) {
    throw std::invalid_argument("\"" + std::string(pattern) + "\": " + why +
                                "; one %d or %06d stands for the endpoint's number, %% for a percent sign");
}

/// The N of "0Nd" at `at`, or 1 for "d"; `at` moves past the d.
std::uint8_t read_width(std::string_view pattern, std::size_t& at) {
    std::uint32_t width = 1;
    if (at < pattern.size() && pattern[at] == '0') {
        width = 0;
        for (++at; at < pattern.size() && pattern[at] >= '0' && pattern[at] <= '9' && width <= number_chars_max; ++at) {
            width = width * 10 + static_cast<std::uint32_t>(pattern[at] - '0');
        }
        if (width < 1 || width > number_chars_max) {
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
    char digits[number_chars_max];
    char* at = digits + number_chars_max;
    do {
        *--at = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    while (digits + number_chars_max - at < width_) {
        *--at = '0';
    }
    out = copy_text(out, {at, static_cast<std::size_t>(digits + number_chars_max - at)});
    return copy_text(out, after_);
}

std::uint32_t NumberedText::chars_max() const noexcept {
    return static_cast<std::uint32_t>(before_.size() + after_.size()) + (width_ == 0 ? 0 : number_chars_max);
}

}  // namespace regstorm::sip
