// SPDX-License-Identifier: Apache-2.0
// Which bytes may differ without another result, and why: the user of From, To and Contact ends at @ and is nowhere
// looked into; branch, tags, Call-ID, sent-by and received are taken as they stand up to a delimiter; a nonce is part
// of a row that is taken whole, and so is Authentication-Info; CSeq, rport and expires are read again.
#include "regstorm/sip/answer_shapes.hpp"

#include "byte_sets.hpp"
#include "regstorm/sip/contact.hpp"
#include "shapes.hpp"

namespace regstorm::sip {
namespace {

/// The digits of the topmost Via's rport; absent when it has none. False when it is not certain which they are.
[[nodiscard]] bool find_rport(std::string_view datagram, const Response& response, Field& out) {
    constexpr std::string_view name = ";rport=";
    out = {};
    if (response.rport == 0) {
        return true;
    }
    const std::size_t from = std::size_t{response.sent_by.offset} + response.sent_by.size;
    const std::string_view parameters = datagram.substr(from, datagram.find('\n', from) - from);
    const std::size_t at = parameters.find(name);
    if (at == parameters.npos || parameters.find_first_of("\", \t") != parameters.npos ||
        count_words(parameters, "rport") != 1) {
        return false;
    }
    out = digits_at(datagram, from + at + name.size());
    const char after = datagram[std::size_t{out.offset} + out.size];  // the row has an end, so this is inside
    return out.size != 0 && (after == ';' || after == '\r');
}

/// Where the sole Contact's URI stands and its expiry, when it is of the form <uri>;expires=digits and nothing after.
void find_sole_contact(std::string_view datagram, Response& response, Field& expires) {
    ContactReader reader(response);
    Contact contact;
    Contact another;
    if (response.contacts.count != 1 || !reader.next(contact) || !contact.has_expires || reader.next(another) ||
        reader.malformed()) {
        return;
    }
    constexpr std::string_view name = ">;expires=";
    const std::size_t uri = static_cast<std::size_t>(contact.uri.data() - datagram.data());
    const std::size_t after = uri + contact.uri.size();
    const Field row = response.contacts.row[0];
    const Field digits = digits_at(datagram, after + name.size());
    if (datagram.substr(after, name.size()) != name || digits.size == 0 ||
        digits.offset + digits.size != row.offset + row.size) {
        return;
    }
    response.sole_contact_uri = {static_cast<std::uint16_t>(uri), static_cast<std::uint16_t>(contact.uri.size())};
    response.sole_contact_expires_s = contact.expires_s;
    expires = digits;
}

}  // namespace

ParseError AnswerShapes::parse(std::string_view datagram, Response& out) noexcept {
    Shape* const shape = shapes_.find(datagram);
    if (shape != nullptr && shape->bytes.fits(datagram) && take(*shape, datagram, out)) [[likely]] {
        shape->bytes.trust_more();
        return ParseError::none;
    }
    out.shape = 0;  // whatever the parser leaves there, it is not a copy of a shape any more
    const ParseError error = parse_response(datagram, out);
    if (Shape* const place = error == ParseError::none ? shapes_.place_for(datagram) : nullptr; place != nullptr) {
        learn(*place, datagram, out);
    }
    return error;
}

bool AnswerShapes::take(const Shape& shape, std::string_view datagram, Response& out) noexcept {
    const char* const data = datagram.data();
    if (out.shape != shape.response.shape) {
        copy_message(shape.response, out);
    }
    out.data = data;
    std::uint32_t rport = 0;
    const bool good =
        read_again(data, shape.cseq, 0x7fff'ffff, out.cseq) &&
        (!shape.rport.present() || (read_again(data, shape.rport, 65535, rport) && rport != 0)) &&
        (!shape.expires.present() || read_again(data, shape.expires, 0xffff'ffff, out.sole_contact_expires_s));
    out.rport = static_cast<std::uint16_t>(rport);
    return good;
}

void AnswerShapes::learn(Shape& shape, std::string_view datagram, const Response& parsed) noexcept {
    shape.bytes.start(datagram);
    shape.response = parsed;
    shape.expires = {};
    if (!find_cseq(datagram, parsed, shape.cseq) || !find_rport(datagram, parsed, shape.rport)) {
        return;  // not as servers write it: not worth a shape
    }
    find_sole_contact(datagram, shape.response, shape.expires);
    for (const Field field : {parsed.branch, parsed.sent_by, parsed.received, parsed.from_tag, parsed.to_tag,
                              parsed.call_id, parsed.authentication_info, shape.cseq, shape.rport, shape.expires}) {
        shape.bytes.loosen(field);
    }
    shape.bytes.loosen_user(parsed.from);
    shape.bytes.loosen_user(parsed.to);
    const Field contact = shape.response.sole_contact_uri;
    constexpr std::string_view scheme = "sip:";
    if (contact.size > scheme.size() && shape.response.text(contact).starts_with(scheme)) {
        shape.bytes.loosen(contact.offset + scheme.size(), contact.size - scheme.size());
    }
    for (const Rows* rows : {&parsed.www_authenticate, &parsed.proxy_authenticate}) {
        for (std::uint32_t row = 0; row < rows->count; ++row) {
            shape.bytes.loosen_quoted(rows->row[row], "nonce=\"");
        }
    }
    shape.bytes.keep();
    shape.response.shape = ++learned_;
}

}  // namespace regstorm::sip
