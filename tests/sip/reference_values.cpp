// SPDX-License-Identifier: Apache-2.0
#include "reference_values.hpp"

#include <cctype>
#include <regex>

namespace regstorm::sip::reference {
namespace {

const std::string white = " \t\r\n";

bool is_uri_byte(char byte) {
    return static_cast<unsigned char>(byte) > 0x20 && byte != 0x7f && byte != '<' && byte != '>' && byte != '"';
}

Piece take_uri_bytes(Cursor& cursor) {
    const std::size_t begin = cursor.at;
    while (!cursor.done() && is_uri_byte(cursor.text[cursor.at])) {
        ++cursor.at;
    }
    return cursor.since(begin);
}

std::string text_of(const Cursor& cursor, const Piece& piece) { return cursor.text.substr(piece.offset, piece.size); }

bool take_angle_address(Cursor& cursor, Piece& uri) {
    if (!cursor.take('<')) {
        return false;
    }
    skip_white(cursor);
    uri = take_uri_bytes(cursor);
    skip_white(cursor);
    return cursor.take('>') && is_uri(text_of(cursor, uri));
}

void read_contact_parameter(const Cursor& cursor, const Parameter& parameter, bool& expires_seen, ContactValue& out) {
    const std::string value = parameter.value.present ? text_of(cursor, parameter.value) : "";
    const bool plain = parameter.value.present && !parameter.quoted;
    std::uint32_t number = 0;
    if (parameter.name == "expires" && !expires_seen) {
        expires_seen = true;
        out.has_expires = plain && number_of(value, 0xffffffff, number);
        out.bad_expires = !out.has_expires;
        out.expires_s = out.has_expires ? number : 0;
    }
    if (parameter.name == "reg-id" && out.reg_id == 0 && plain && number_of(value, 0xffffffff, number)) {
        out.reg_id = number;
    }
    if (parameter.name == "q" && !out.has_q && plain && q_of(value, number)) {
        out.has_q = true;
        out.q_thousandths = number;
    }
    const auto keep_first = [&](const char* name, Piece& piece) {
        if (parameter.name == name && !piece.present && !value.empty()) {
            piece = parameter.value;
        }
    };
    keep_first("+sip.instance", out.instance);
    keep_first("pub-gruu", out.pub_gruu);
    keep_first("temp-gruu", out.temp_gruu);
}

bool take_star(Cursor& cursor, Piece& uri) {
    Cursor ahead = cursor;
    if (!ahead.take('*')) {
        return false;
    }
    uri = ahead.since(cursor.at);
    skip_white(ahead);
    if (!ahead.done() && !ahead.sees(',')) {
        return false;
    }
    cursor.at = ahead.at;
    return true;
}

}  // namespace

std::string lower_case(std::string text) {
    for (char& byte : text) {
        if (byte >= 'A' && byte <= 'Z') {
            byte = static_cast<char>(byte - 'A' + 'a');
        }
    }
    return text;
}

bool is_token_byte(char byte) {
    const auto value = static_cast<unsigned char>(byte);
    return value < 0x80 && (std::isalnum(value) != 0 || std::string("-.!%*_+`'~").find(byte) != std::string::npos);
}

void skip_white(Cursor& cursor) {
    while (cursor.sees_one_of(white)) {
        ++cursor.at;
    }
}

Piece trimmed(const std::string& text, std::size_t begin, std::size_t end) {
    const std::string value = text.substr(begin, end - begin);
    const std::size_t first = value.find_first_not_of(white);
    if (first == std::string::npos) {
        return {begin, 0, true};
    }
    return {begin + first, value.find_last_not_of(white) - first + 1, true};
}

bool take_token(Cursor& cursor, Piece& out) {
    const std::size_t begin = cursor.at;
    while (!cursor.done() && is_token_byte(cursor.text[cursor.at])) {
        ++cursor.at;
    }
    out = cursor.since(begin);
    return out.size > 0;
}

bool take_word(Cursor& cursor, const std::string& lower) {
    if (cursor.end - cursor.at < lower.size() || lower_case(cursor.text.substr(cursor.at, lower.size())) != lower) {
        return false;
    }
    cursor.at += lower.size();
    return true;
}

bool take_quoted(Cursor& cursor) {
    if (!cursor.take('"')) {
        return false;
    }
    while (!cursor.done()) {
        if (cursor.take('"')) {
            return true;
        }
        cursor.at += cursor.sees('\\') ? 2 : 1;
    }
    return false;
}

bool take_parameters(Cursor& cursor, std::vector<Parameter>& out) {
    for (;;) {
        skip_white(cursor);
        if (!cursor.take(';')) {
            return true;
        }
        skip_white(cursor);
        Parameter parameter;
        Piece name;
        if (!take_token(cursor, name)) {
            continue;
        }
        parameter.name = lower_case(text_of(cursor, name));
        skip_white(cursor);
        if (cursor.take('=')) {
            skip_white(cursor);
            const std::size_t begin = cursor.at;
            if (cursor.sees('"')) {
                if (!take_quoted(cursor)) {
                    return false;
                }
                parameter.quoted = true;
                parameter.value = {begin + 1, cursor.at - begin - 2, true};
            } else {
                while (!cursor.done() && !cursor.sees_one_of(white + ";,\"")) {
                    ++cursor.at;
                }
                parameter.value = cursor.since(begin);
                parameter.value.present = parameter.value.size > 0;
            }
        }
        out.push_back(parameter);
    }
}

bool is_uri(const std::string& text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
        return false;
    }
    const std::string scheme = lower_case(text.substr(0, colon));
    if (scheme[0] < 'a' || scheme[0] > 'z') {
        return false;
    }
    for (const char byte : scheme) {
        if (!(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9') && byte != '+' && byte != '-' &&
            byte != '.') {
            return false;
        }
    }
    for (const char byte : text) {
        if (!is_uri_byte(byte)) {
            return false;
        }
    }
    return true;
}

bool take_address(Cursor& cursor, Piece& uri) {
    if (cursor.sees('"')) {
        if (!take_quoted(cursor)) {
            return false;
        }
        skip_white(cursor);
        return take_angle_address(cursor, uri);
    }
    Cursor ahead = cursor;
    while (!ahead.done() && !ahead.sees_one_of("\"<>;,")) {
        ++ahead.at;
    }
    if (ahead.sees('<')) {
        cursor.at = ahead.at;
        return take_angle_address(cursor, uri);
    }
    if (ahead.sees('"') || ahead.sees('>')) {
        return false;
    }
    Cursor bare{cursor.text, cursor.at, ahead.at};
    uri = take_uri_bytes(bare);
    cursor.at = bare.at;
    return is_uri(text_of(cursor, uri));
}

bool number_of(const std::string& digits, std::uint64_t largest, std::uint32_t& out) {
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) {
        return false;
    }
    const std::size_t first = digits.find_first_not_of('0');
    const std::string significant = first == std::string::npos ? "0" : digits.substr(first);
    if (significant.size() > 10 || std::stoull(significant) > largest) {
        return false;
    }
    out = static_cast<std::uint32_t>(std::stoull(significant));
    return true;
}

bool q_of(const std::string& text, std::uint32_t& thousandths) {
    static const std::regex grammar("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?");
    if (!std::regex_match(text, grammar)) {
        return false;
    }
    std::string decimals = text.size() > 2 ? text.substr(2) : "";
    decimals.resize(3, '0');
    thousandths = static_cast<std::uint32_t>(std::stoul(text.substr(0, 1)) * 1000 + std::stoul(decimals));
    return true;
}

bool take_contacts(Cursor& cursor, std::vector<ContactValue>& out) {
    for (;;) {
        while (cursor.sees_one_of(white + ",")) {
            ++cursor.at;
        }
        if (cursor.done()) {
            return true;
        }
        ContactValue contact;
        if (!take_star(cursor, contact.uri)) {
            std::vector<Parameter> parameters;
            if (!take_address(cursor, contact.uri) || !take_parameters(cursor, parameters) ||
                !(cursor.done() || cursor.sees(','))) {
                return false;
            }
            bool expires_seen = false;
            for (const Parameter& parameter : parameters) {
                read_contact_parameter(cursor, parameter, expires_seen, contact);
            }
        }
        out.push_back(contact);
    }
}

}  // namespace regstorm::sip::reference
