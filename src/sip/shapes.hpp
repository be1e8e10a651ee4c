// SPDX-License-Identifier: Apache-2.0
// What AnswerShapes and RequestShapes do alike once a datagram fits: the message of the shape is copied, and the
// numbers are read again.
#pragma once

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "byte_sets.hpp"
#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

/// By steps of 16: for a size like this, compilers take the string instruction, which is slow to start.
template <class Kind>
void copy_message(const Kind& from, Kind& to) {
    static_assert(std::is_trivially_copyable_v<Kind>);
    const char* const source = reinterpret_cast<const char*>(&from);
    char* const out = reinterpret_cast<char*>(&to);
    for (std::size_t at = 0; at + 16 <= sizeof from; at += 16) {
        std::memcpy(out + at, source + at, 16);
    }
    std::memcpy(out + sizeof from - 16, source + sizeof from - 16, 16);
}

/// The run of digits at `at`; none when there are more than read_again() takes.
[[nodiscard]] inline Field digits_at(std::string_view datagram, std::size_t at) {
    const std::size_t end = std::min(datagram.find_first_not_of("0123456789", at), datagram.size());
    const std::size_t size = end - at <= 2 * 8 ? end - at : 0;
    return {static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(size)};
}

/// The number that the last `count` (1-8) bytes before `end` spell; `wrong` is not 0 then when one of them is no digit.
[[nodiscard, gnu::always_inline]] inline std::uint64_t read_before(const char* end, std::uint32_t count,
                                                                   std::uint64_t& wrong) {
    const std::uint64_t values = digit_values(load_8(end - 8)) & ~std::uint64_t{0} << 8 * (8 - count);
    wrong |= not_digits(values);
    return spelled(values);
}

/// All of the field is digits still, and not above `largest`. Its size is known, so it is read from its end: one word,
/// or two. Something of 16 bytes stands before it in every datagram. Inline: a call costs as much as it does.
[[nodiscard, gnu::always_inline]] inline bool read_again(const char* datagram, Field digits, std::uint32_t largest,
                                                         std::uint32_t& out) {
    const char* const end = datagram + digits.offset + digits.size;
    std::uint64_t wrong = 0;
    std::uint64_t value = read_before(end, std::min<std::uint32_t>(digits.size, 8), wrong);
    if (digits.size > 8) {
        value += read_before(end - 8, digits.size - 8U, wrong) * 100'000'000;
    }
    out = static_cast<std::uint32_t>(value);
    return wrong == 0 && value <= largest;
}

/// The digits of the CSeq. A row of that name before the body is the only one: two are refused by the parser.
[[nodiscard]] inline bool find_cseq(std::string_view datagram, const Message& message, Field& out) {
    constexpr std::string_view name = "\r\nCSeq: ";
    const std::size_t row = datagram.find(name);
    // The empty line's own end may be what precedes the name: then it stands in the body.
    if (row == datagram.npos || row + 2 >= message.body.offset) {
        return false;
    }
    out = digits_at(datagram, row + name.size());
    return out.size != 0;
}

/// How often `word`, in lower case, stands anywhere in `text`, in whatever case.
[[nodiscard]] inline std::size_t count_words(std::string_view text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
        count += is_text({text.data() + at, text.data() + at + word.size()}, word) ? 1 : 0;
    }
    return count;
}

}  // namespace regstorm::sip
