// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/contact.hpp"

#include <algorithm>

#include "address.hpp"
#include "parameters.hpp"
#include "regstorm/sip/copy_text.hpp"
#include "rows.hpp"

namespace regstorm::sip {
namespace {

/// RFC 3261 25.1 qvalue: 0 to 1 with at most three decimals.
bool read_q(std::string_view text, std::uint16_t& thousandths) {
    if (text.size() > 5 || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.')) {
        return false;
    }
    std::uint32_t value = static_cast<std::uint32_t>(text[0] - '0') * 1000;
    std::uint32_t weight = 100;
    for (std::size_t i = 2; i < text.size(); ++i, weight /= 10) {
        if (!is_digit(text[i])) {
            return false;
        }
        value += static_cast<std::uint32_t>(text[i] - '0') * weight;
    }
    if (value > 1000) {
        return false;
    }
    thousandths = static_cast<std::uint16_t>(value);
    return true;
}

void take_parameter(Window window, const Parameter& parameter, Contact& out) {
    if (is_text(parameter.name, "expires")) {
        if (!out.has_expires && !out.bad_expires) {  // the first one decides
            out.has_expires =
                parameter.is_plain("expires") && read_number(window, parameter.value, 0xffff'ffff, out.expires_s);
            out.bad_expires = !out.has_expires;
        }
    } else if (out.reg_id == 0 && parameter.is_plain("reg-id")) {
        out.reg_id = read_number(window, parameter.value, 0xffff'ffff, out.reg_id) ? out.reg_id : 0;
    } else if (!out.has_q && parameter.is_plain("q")) {
        out.has_q = read_q(parameter.value.view(), out.q_thousandths);
    } else if (out.instance.empty() && is_text(parameter.name, "+sip.instance")) {
        out.instance = parameter.value.view();
    } else if (out.pub_gruu.empty() && is_text(parameter.name, "pub-gruu")) {
        out.pub_gruu = parameter.value.view();
    } else if (out.temp_gruu.empty() && is_text(parameter.name, "temp-gruu")) {
        out.temp_gruu = parameter.value.view();
    }
}

/// One element of the list; gives where it ends (on the comma or at `end`), nullptr when it cannot be read.
const char* read_contact(Window window, const char* from, const char* end, Contact& out) {
    if (*from == '*') {
        const char* const after = skip_white(from + 1, end);
        if (after == end || *after == ',') {
            out.uri = {from, 1};
            return after;
        }
    }
    Span uri;
    const char* const after = read_address(window, from, end, uri);
    if (after == nullptr) {
        return nullptr;
    }
    out.uri = uri.view();
    ParameterReader parameters(window, after, end);
    Parameter parameter;
    while (parameters.next(parameter)) {
        take_parameter(window, parameter, out);
    }
    const char* const stop = parameters.at();
    return stop == end || *stop == ',' ? stop : nullptr;
}

/// Instance ids are URNs, their letters mostly hex digits of a UUID: compared without case.
bool same_instance(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, {}, lower, lower);
}

}  // namespace

bool ContactReader::next(Contact& out) noexcept {
    if (malformed_) {
        return false;
    }
    const Window window{message_.data, message_.data + message_.size};
    for (;;) {  // every turn moves on by a byte or a row
        const char* const end = message_.data + row_end_;
        const char* const from = skip_white(message_.data + at_, end);
        if (from == end) {
            if (!next_row()) {
                return false;
            }
            continue;
        }
        if (*from == ',') {
            at_ = static_cast<std::uint32_t>(from + 1 - message_.data);
            continue;
        }
        out = {};
        const char* const after = read_contact(window, from, end, out);
        malformed_ = after == nullptr;
        at_ = malformed_ ? row_end_ : static_cast<std::uint32_t>(after - message_.data);
        return !malformed_;
    }
}

bool ContactReader::next_row() noexcept {
    if (row_ >= message_.contacts.count) {
        return message_.contacts.overflow && next_unkept_row();
    }
    const Field row = message_.contacts.row[row_++];
    at_ = row.offset;
    row_end_ = std::uint32_t{row.offset} + row.size;
    return true;
}

bool ContactReader::next_unkept_row() noexcept {
    const Window window{message_.data, message_.data + message_.size};
    LineFeeds lines(window, message_.data + row_end_);
    const char* const line_end = lines.next();  // of the row before, which may be folded after its value
    RowReader rows(window, lines, line_end);
    Header header = Header::unknown;
    Span value;
    if (line_end == nullptr || !rows.skip_folds()) {
        return false;
    }
    while (rows.advance() && rows.read(header, value) == RowStep::row) {
        if (header == Header::contact) {
            at_ = static_cast<std::uint32_t>(value.begin - window.begin);
            row_end_ = at_ + value.size();
            return true;
        }
    }
    return false;
}

GrantedExpiry granted_expiry(const Response& response, std::string_view own_uri, std::string_view own_instance,
                             std::uint32_t requested_s) noexcept {
    enum Likeness : std::uint8_t { foreign, lone, instance, same, identical };
    Likeness best = foreign;
    Contact own;
    Contact contact;
    std::uint32_t count = 0;
    ContactReader reader(response);
    while (best != identical && reader.next(contact)) {
        ++count;
        Likeness likeness = foreign;
        if (contact.uri == own_uri) {
            likeness = identical;
        } else if (best < same && same_uri(contact.uri, own_uri)) {
            likeness = same;
        } else if (best < instance && !own_instance.empty() && same_instance(contact.instance, own_instance)) {
            likeness = instance;
        } else if (count == 1 && contact.uri != "*") {
            likeness = lone;
        }
        if (likeness > best) {
            best = likeness;
            own = contact;
        }
    }
    const bool ours = best > lone || (best == lone && count == 1 && !reader.malformed());
    if (!ours && (count != 0 || reader.malformed())) {
        return {};
    }
    if (ours && own.has_expires) {
        return {Granted::by_contact, own.expires_s};
    }
    return response.has_expires ? GrantedExpiry{Granted::by_header, response.expires_s}
                                : GrantedExpiry{Granted::by_request, requested_s};
}

}  // namespace regstorm::sip
