// SPDX-License-Identifier: Apache-2.0
#include "reference_parser.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "reference_values.hpp"

namespace regstorm::sip::reference {
namespace {

const std::map<std::string, std::string> long_form = {{"v", "via"},       {"f", "from"},    {"t", "to"},
                                                      {"i", "call-id"},   {"m", "contact"}, {"l", "content-length"},
                                                      {"k", "supported"}, {"o", "event"}};

class Parser {
  public:
    Parser(const std::string& text, bool response) : text_(text), response_(response) {}

    Parsed run() {
        out_.error = message();
        return out_;
    }

  private:
    ParseError message();
    ParseError rows(std::size_t at);
    ParseError row(const std::string& name, const Piece& value);
    ParseError own_row(const std::string& name, const Piece& value);
    ParseError end_of_header(std::size_t body);
    [[nodiscard]] bool is_keep_alive() const;
    bool status_line(const std::string& line);
    bool request_line(const std::string& line);
    ParseError via(const Piece& value);
    bool top_via(Cursor& cursor);
    bool sent_by(Cursor& cursor);
    ParseError party(const Piece& value, Piece& tag);
    ParseError cseq(const Piece& value);
    ParseError number(const Piece& value, std::uint64_t largest, Number& out);
    ParseError retry_after(const Piece& value);

    [[nodiscard]] std::string text_of(const Piece& piece) const { return text_.substr(piece.offset, piece.size); }
    [[nodiscard]] Cursor cursor_of(const Piece& piece) const {
        return {text_, piece.offset, piece.offset + piece.size};
    }

    const std::string& text_;
    bool response_;
    Parsed out_;
    std::map<std::string, int> seen_;
    Number content_length_;
};

bool Parser::is_keep_alive() const {
    if (text_.find_first_not_of(std::string("\r\n\0", 3)) == std::string::npos) {
        return true;
    }
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text_[at]); };
    return text_.size() >= 20 && byte(0) / 64 == 0 && byte(2) * 256U + byte(3) + 20U == text_.size() &&
           text_.substr(4, 4) == "\x21\x12\xa4\x42";
}

bool Parser::status_line(const std::string& line) {
    if (line.size() < 11 || lower_case(line.substr(0, 8)) != "sip/2.0 " || (line.size() > 11 && line[11] != ' ')) {
        return false;
    }
    std::uint32_t status = 0;
    if (!number_of(line.substr(8, 3), 699, status) || status < 100) {
        return false;
    }
    out_.status = status;
    return true;
}

bool Parser::request_line(const std::string& line) {
    const std::size_t first = line.find(' ');
    if (first == std::string::npos) {
        return false;
    }
    const std::size_t second = line.find(' ', first + 1);
    if (second == std::string::npos || lower_case(line.substr(second + 1)) != "sip/2.0") {
        return false;
    }
    Cursor cursor{line, 0, first};
    if (!take_token(cursor, out_.method) || !cursor.done()) {
        return false;
    }
    out_.uri = {first + 1, second - first - 1, true};
    return is_uri(line.substr(first + 1, second - first - 1));
}

ParseError Parser::message() {
    if (text_.size() > 65535) {
        return ParseError::start_line;
    }
    if (is_keep_alive()) {
        return ParseError::keep_alive;
    }
    const std::size_t line_end = text_.find('\n');
    std::string line = text_.substr(0, line_end);
    if (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    if (!(response_ ? status_line(line) : request_line(line))) {
        return ParseError::start_line;
    }
    return line_end == std::string::npos ? ParseError::truncated : rows(line_end + 1);
}

ParseError Parser::rows(std::size_t at) {
    for (;;) {
        std::size_t line_end = text_.find('\n', at);
        if (line_end == std::string::npos) {
            return ParseError::truncated;
        }
        const std::string line = text_.substr(at, line_end - at);
        if (line.empty() || line == "\r") {
            return end_of_header(line_end + 1);
        }
        while (line_end + 1 < text_.size() && (text_[line_end + 1] == ' ' || text_[line_end + 1] == '\t')) {
            line_end = text_.find('\n', line_end + 1);
            if (line_end == std::string::npos) {
                return ParseError::truncated;
            }
        }
        Cursor cursor{text_, at, line_end};
        Piece name;
        if (!take_token(cursor, name)) {
            return ParseError::header_line;
        }
        while (cursor.sees(' ') || cursor.sees('\t')) {
            ++cursor.at;
        }
        if (!cursor.take(':')) {
            return ParseError::header_line;
        }
        std::string lower = lower_case(text_of(name));
        const auto compact = long_form.find(lower);
        lower = compact == long_form.end() ? lower : compact->second;
        const ParseError error = row(lower, trimmed(text_, cursor.at, line_end));
        if (error != ParseError::none) {
            return error;
        }
        at = line_end + 1;
    }
}

ParseError Parser::row(const std::string& name, const Piece& value) {
    static const std::set<std::string> once = {"call-id", "cseq", "from", "to", "content-length"};
    if (seen_[name]++ > 0 && once.contains(name)) {
        return ParseError::duplicate_header;
    }
    if (name == "via") {
        out_.vias.push_back(value);
        return via(value);
    }
    if (name == "from") {
        out_.from = value;
        return party(value, out_.from_tag);
    }
    if (name == "to") {
        out_.to = value;
        return party(value, out_.to_tag);
    }
    if (name == "call-id") {
        out_.call_id = value;
        return value.size == 0 ? ParseError::missing_header : ParseError::none;
    }
    if (name == "cseq") {
        return cseq(value);
    }
    if (name == "contact") {
        out_.contacts.push_back(value);
        return ParseError::none;
    }
    if (name == "expires") {
        return number(value, 0xffffffff, out_.expires);
    }
    if (name == "content-length") {
        return number(value, 0xffffffff, content_length_);
    }
    if (name == "require") {
        out_.require.push_back(value);
        return ParseError::none;
    }
    return own_row(name, value);
}

ParseError Parser::own_row(const std::string& name, const Piece& value) {
    const std::map<std::string, std::vector<Piece>*> lists =
        response_ ? std::map<std::string, std::vector<Piece>*>{{"www-authenticate", &out_.www_authenticate},
                                                               {"proxy-authenticate", &out_.proxy_authenticate},
                                                               {"service-route", &out_.service_route},
                                                               {"unsupported", &out_.unsupported}}
                  : std::map<std::string, std::vector<Piece>*>{{"route", &out_.routes},
                                                               {"authorization", &out_.authorization},
                                                               {"proxy-authorization", &out_.proxy_authorization},
                                                               {"supported", &out_.supported}};
    const auto list = lists.find(name);
    if (list != lists.end()) {
        list->second->push_back(value);
        return ParseError::none;
    }
    if (response_ && name == "authentication-info" && seen_[name] == 1) {
        out_.authentication_info = value;
    }
    if (!response_ && name == "event" && seen_[name] == 1) {
        out_.event = value;
    }
    if (response_ && name == "min-expires") {
        return number(value, 0xffffffff, out_.min_expires);
    }
    if (response_ && name == "retry-after") {
        return retry_after(value);
    }
    if (!response_ && name == "max-forwards") {
        return number(value, 255, out_.max_forwards);
    }
    return ParseError::none;
}

bool Parser::sent_by(Cursor& cursor) {
    const std::size_t begin = cursor.at;
    const auto run = [&] {
        const std::size_t from = cursor.at;
        while (!cursor.done() && !cursor.sees_one_of(" \t\r\n;,\"")) {
            ++cursor.at;
        }
        return cursor.at > from;
    };
    if (!run()) {
        return false;
    }
    for (;;) {
        Cursor ahead = cursor;
        skip_white(ahead);
        const bool colon_before = text_[cursor.at - 1] == ':';
        if (ahead.at == cursor.at || !(colon_before || ahead.sees(':')) || ahead.done() || ahead.sees_one_of(";,\"")) {
            out_.sent_by = cursor.since(begin);
            return true;
        }
        cursor.at = ahead.at;
        run();
    }
}

bool Parser::top_via(Cursor& cursor) {
    for (const char* part : {"sip", "/", "2.0", "/", "udp"}) {
        skip_white(cursor);
        if (!take_word(cursor, part)) {
            return false;
        }
    }
    std::vector<Parameter> parameters;
    if (!cursor.sees_one_of(" \t\r\n")) {
        return false;
    }
    skip_white(cursor);
    if (!sent_by(cursor) || !take_parameters(cursor, parameters)) {
        return false;
    }
    for (const Parameter& parameter : parameters) {
        const bool plain = parameter.value.present && !parameter.quoted;
        if (parameter.name == "branch" && plain && !out_.branch.present) {
            out_.branch = parameter.value;
        }
        if (parameter.name == "received" && plain && !out_.received.present) {
            out_.received = parameter.value;
        }
        if (parameter.name == "rport") {
            out_.rport_present = true;
            std::uint32_t number = 0;
            if (out_.rport == 0 && plain && number_of(text_of(parameter.value), 65535, number)) {
                out_.rport = number;
            }
        }
    }
    return out_.branch.present;
}

ParseError Parser::via(const Piece& value) {
    Cursor cursor = cursor_of(value);
    if (seen_["via"] == 1 && (!top_via(cursor) || !(cursor.done() || cursor.sees(',')))) {
        return ParseError::bad_via;
    }
    ++out_.via_count;
    while (!cursor.done()) {
        if (cursor.sees('"')) {
            if (!take_quoted(cursor)) {
                return ParseError::bad_via;
            }
            continue;
        }
        out_.via_count += cursor.sees(',') ? 1 : 0;
        ++cursor.at;
    }
    return ParseError::none;
}

ParseError Parser::party(const Piece& value, Piece& tag) {
    Cursor cursor = cursor_of(value);
    Piece uri;
    std::vector<Parameter> parameters;
    if (!take_address(cursor, uri) || !take_parameters(cursor, parameters) || !cursor.done()) {
        return ParseError::bad_address;
    }
    for (const Parameter& parameter : parameters) {
        if (parameter.name == "tag" && parameter.value.present && !parameter.quoted && !tag.present) {
            tag = parameter.value;
        }
    }
    return ParseError::none;
}

ParseError Parser::cseq(const Piece& value) {
    const std::string text = text_of(value);
    const std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == std::string::npos || !number_of(text.substr(0, digits), 0x7fffffff, out_.cseq)) {
        return ParseError::bad_cseq;
    }
    const std::size_t method = text.find_first_not_of(" \t\r\n", digits);
    if (method == std::string::npos || method == digits) {
        return ParseError::bad_cseq;
    }
    out_.cseq_method = text.substr(method);
    for (const char byte : out_.cseq_method) {
        if (!is_token_byte(byte)) {
            return ParseError::bad_cseq;
        }
    }
    return ParseError::none;
}

ParseError Parser::number(const Piece& value, std::uint64_t largest, Number& out) {
    std::uint32_t read = 0;
    if (!number_of(text_of(value), largest, read)) {
        return ParseError::bad_number;
    }
    if (!out.present) {
        out = {true, read};
    }
    return ParseError::none;
}

ParseError Parser::retry_after(const Piece& value) {
    const std::string text = text_of(value);
    const std::size_t digits = std::min(text.size(), text.find_first_not_of("0123456789"));
    const std::size_t rest = text.find_first_not_of(" \t\r\n", digits);
    if (rest != std::string::npos && text[rest] != '(' && text[rest] != ';') {
        return ParseError::bad_number;
    }
    return number({value.offset, digits, true}, 0xffffffff, out_.retry_after);
}

ParseError Parser::end_of_header(std::size_t body) {
    for (const char* name : {"via", "from", "to", "call-id", "cseq"}) {
        if (seen_[name] == 0) {
            return ParseError::missing_header;
        }
    }
    std::size_t size = text_.size() - body;
    if (content_length_.present) {
        if (content_length_.value > size) {
            return ParseError::content_length;
        }
        size = content_length_.value;
    }
    out_.body = {body, size, true};
    for (const Piece& row : out_.contacts) {
        Cursor cursor = cursor_of(row);
        if (!take_contacts(cursor, out_.contact_values)) {
            out_.contacts_malformed = true;
            break;
        }
    }
    return ParseError::none;
}

}  // namespace

Parsed parse(const std::string& datagram, bool response) { return Parser(datagram, response).run(); }

}  // namespace regstorm::sip::reference
