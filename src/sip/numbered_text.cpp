// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/decimal.hpp"
#include "regstorm/sip/request_template.hpp"

namespace regstorm::sip {
namespace {

constexpr std::string_view no_number = "has a % that is neither %d nor %01d to %010d; %% is a percent sign";

/// The N of "0Nd" at `at`, or 1 for "d"; `at` moves past the d. 0 when it is neither.
std::uint8_t read_width(std::string_view pattern, std::size_t& at) {
    std::uint32_t width = 1;
    if (at < pattern.size() && pattern[at] == '0') {
        width = 0;
        for (++at; at < pattern.size() && pattern[at] >= '0' && pattern[at] <= '9' && width <= decimal_chars_max;
             ++at) {
            width = width * 10 + static_cast<std::uint32_t>(pattern[at] - '0');
        }
    }
    if (width > decimal_chars_max || at == pattern.size() || pattern[at] != 'd') {
        return 0;
    }
    ++at;
    return static_cast<std::uint8_t>(width);
}

}  // namespace

NumberedText::NumberedText(std::string_view pattern) {
    if (const std::string_view fault = compile(pattern); !fault.empty()) {
        throw std::invalid_argument("\"" + std::string(pattern) + "\" " + std::string(fault));
    }
}

std::string_view NumberedText::find_fault(std::string_view pattern) { return NumberedText().compile(pattern); }

std::string_view NumberedText::compile(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
        const char c = pattern[at++];
        if (c == '%' && (at == pattern.size() || pattern[at] != '%')) {
            const bool first = width_ == 0;
            width_ = read_width(pattern, at);
            if (width_ == 0 || !first) {
                return width_ == 0 ? no_number : "has more than one number";
            }
            continue;
        }
        at += c == '%' ? 1 : 0;
        (width_ == 0 ? before_ : after_) += c;
    }
    return {};
}

bool NumberedText::reads(std::string_view text, std::uint32_t& number) const noexcept {
    if (width_ == 0) {
        return text == before_;
    }
    if (text.size() < before_.size() + width_ + after_.size() || !text.starts_with(before_) ||
        !text.ends_with(after_)) {
        return false;
    }
    const std::string_view digits = text.substr(before_.size(), text.size() - before_.size() - after_.size());
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool padded = digits.size() > width_ && digits.front() == '0';  // wider than it is ever written
    return error == std::errc{} && end == digits.data() + digits.size() && !padded;
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

std::uint32_t NumberedText::begins(std::string_view text, std::uint32_t number) const noexcept {
    const std::size_t before = before_.size();
    if (width_ == 0 || width_ > 8 || number >= 100'000'000 || text.size() < before + 8) {
        char written[512];
        if (chars_max() + copy_slack > sizeof written) {
            return 0;
        }
        const std::string_view whole(written, static_cast<std::size_t>(write(written, number) - written));
        return text.starts_with(whole) ? static_cast<std::uint32_t>(whole.size()) : 0;
    }
    const DecimalWord digits = decimal_word(number, width_);
    const std::size_t whole = before + static_cast<std::size_t>(digits.chars) + after_.size();
    const bool same = digits.begins(text.data() + before) && text.size() >= whole &&
                      equal_text(text.substr(0, before), before_) &&
                      equal_text(text.substr(whole - after_.size(), after_.size()), after_);
    return same ? static_cast<std::uint32_t>(whole) : 0;
}

std::uint32_t NumberedText::chars_max() const noexcept {
    return static_cast<std::uint32_t>(before_.size() + after_.size()) + (width_ == 0 ? 0 : decimal_chars_max);
}

}  // namespace regstorm::sip
