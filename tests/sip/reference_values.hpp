// SPDX-License-Identifier: Apache-2.0
// The reference parser's grammar of values: a cursor over a piece of the datagram, and one function a rule.
#pragma once

#include <string>
#include <vector>

#include "reference_parser.hpp"

namespace regstorm::sip::reference {

/// A place in the text and where reading must stop.
struct Cursor {
    const std::string& text;
    std::size_t at;
    std::size_t end;

    [[nodiscard]] bool done() const { return at >= end; }
    [[nodiscard]] bool sees(char byte) const { return !done() && text[at] == byte; }
    [[nodiscard]] bool sees_one_of(const std::string& bytes) const {
        return !done() && bytes.find(text[at]) != std::string::npos;
    }
    bool take(char byte) {
        const bool there = sees(byte);
        at += there ? 1 : 0;
        return there;
    }
    [[nodiscard]] Piece since(std::size_t begin) const { return {begin, at - begin, true}; }
};

struct Parameter {
    std::string name;  ///< in lower case
    Piece value;
    bool quoted = false;
};

[[nodiscard]] std::string lower_case(std::string text);
[[nodiscard]] bool is_token_byte(char byte);
void skip_white(Cursor& cursor);
/// WS off both ends; nothing left stands at the begin.
[[nodiscard]] Piece trimmed(const std::string& text, std::size_t begin, std::size_t end);

[[nodiscard]] bool take_token(Cursor& cursor, Piece& out);
[[nodiscard]] bool take_word(Cursor& cursor, const std::string& lower);
[[nodiscard]] bool take_quoted(Cursor& cursor);
/// Rule 8. False when a quoted string does not end.
[[nodiscard]] bool take_parameters(Cursor& cursor, std::vector<Parameter>& out);
/// Rules 7 and 11.
[[nodiscard]] bool take_address(Cursor& cursor, Piece& uri);
[[nodiscard]] bool is_uri(const std::string& text);
/// Digits only, at most `largest`.
[[nodiscard]] bool number_of(const std::string& digits, std::uint64_t largest, std::uint32_t& out);
[[nodiscard]] bool q_of(const std::string& text, std::uint32_t& thousandths);
/// Rule 12; one row.
[[nodiscard]] bool take_contacts(Cursor& cursor, std::vector<ContactValue>& out);

}  // namespace regstorm::sip::reference
