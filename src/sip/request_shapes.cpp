// SPDX-License-Identifier: Apache-2.0
// Which bytes may differ without another result, and why: the user of From, To and Contact ends at @ and is nowhere
// looked into; branch, tags, Call-ID and sent-by are taken as they stand up to a delimiter; the rest of a sole
// Contact's URI, and what stands between quotes, are taken whole; User-Agent and MAC are not read at all. CSeq, and
// what must be hexadecimal in credentials, are read again.
#include "regstorm/sip/request_shapes.hpp"

#include "auth_parameters.hpp"
#include "regstorm/sip/contact.hpp"
#include "regstorm/sip/hex.hpp"
#include "shapes.hpp"

namespace regstorm::sip {
namespace {

Field place_of(std::string_view datagram, std::string_view text) {
    return text.empty() ? Field{}
                        : Field{static_cast<std::uint16_t>(text.data() - datagram.data()),
                                static_cast<std::uint16_t>(text.size())};
}

/// The only Contact, when its URI is a sip one and its expires parameter, if it has one, a number.
void find_sole_contact(Request& request) {
    ContactReader reader(request);
    Contact contact;
    Contact another;
    if (request.contacts.count != 1 || !reader.next(contact) || contact.bad_expires || reader.next(another) ||
        reader.malformed() || !contact.uri.starts_with("sip:")) {
        return;
    }
    request.sole_contact_uri = place_of({request.data, request.size}, contact.uri);
    request.sole_contact_has_expires = contact.has_expires;
    request.sole_contact_expires_s = contact.expires_s;
}

/// The word rport in the only Via, when it has no value and stands there once, and nothing else could be meant.
void find_bare_rport(Request& request) {
    constexpr std::string_view name = ";rport";
    if (request.via_count != 1 || request.vias.count != 1 || !request.rport_present || request.rport != 0) {
        return;
    }
    const std::size_t from = std::size_t{request.sent_by.offset} + request.sent_by.size;
    const Field row = request.vias.row[0];
    const std::string_view parameters(request.data + from, row.offset + row.size - from);
    const std::size_t at = parameters.find(name);
    const std::size_t after = at + name.size();
    if (at != parameters.npos && (after == parameters.size() || parameters[after] == ';') &&
        parameters.find_first_of("\", \t\r\n") == parameters.npos && count_words(parameters, "rport") == 1 &&
        count_words(parameters, "received") == 0) {
        request.bare_rport = {static_cast<std::uint16_t>(from + at + 1), static_cast<std::uint16_t>(name.size() - 1)};
    }
}

/// The value of a row of this name, which must not stand twice; empty when it is not there. "\r\nName: ".
Field find_row(std::string_view datagram, const Request& request, std::string_view name) {
    const std::size_t at = datagram.find(name);
    if (at == datagram.npos || at + 2 >= request.body.offset) {
        return {};
    }
    const std::size_t from = at + name.size();
    return {static_cast<std::uint16_t>(from), static_cast<std::uint16_t>(datagram.find_first_of("\r\n", from) - from)};
}

}  // namespace

ParseError RequestShapes::parse(std::string_view datagram, Request& out) noexcept {
    Shape* const shape = shapes_.find(datagram);
    if (shape != nullptr && shape->bytes.fits(datagram)) [[likely]] {
        if (out.shape != shape->request.shape) {
            copy_message(shape->request, out);
        }
        out.data = datagram.data();
        if (read_again(out.data, shape->cseq, 0x7fff'ffff, out.cseq)) [[likely]] {
            shape->bytes.trust_more();
            return ParseError::none;
        }
    }
    out.shape = 0;  // whatever the parser leaves there, it is not a copy of a shape any more
    const ParseError error = parse_request(datagram, out);
    if (Shape* const place = error == ParseError::none ? shapes_.place_for(datagram) : nullptr; place != nullptr) {
        learn(*place, datagram, out);
    }
    return error;
}

bool RequestShapes::credentials(const Request& request, std::uint32_t row, Credentials& out) const noexcept {
    const Shape* const shape = row == 0 && request.shape != 0 ? shapes_.find({request.data, request.size}) : nullptr;
    if (shape == nullptr || shape->request.shape != request.shape || !shape->has_credentials ||
        !is_hex(request.text(shape->places.response)) ||
        (shape->places.nc.present() && !read_hex8(request.data + shape->places.nc.offset, out.nc))) {
        return parse_credentials(request.text(request.authorization.row[row]), out);
    }
    const CredentialPlaces& places = shape->places;
    const std::uint32_t nc = places.nc.present() ? out.nc : shape->credentials.nc;
    out = shape->credentials;
    out.user = request.text(places.user);
    out.realm = request.text(places.realm);
    out.nonce = request.text(places.nonce);
    out.uri = request.text(places.uri);
    out.opaque = request.text(places.opaque);
    out.cnonce = request.text(places.cnonce);
    out.response = request.text(places.response);
    out.nc = nc;
    return true;
}

void RequestShapes::learn(Shape& shape, std::string_view datagram, const Request& parsed) noexcept {
    shape.bytes.start(datagram);
    shape.request = parsed;
    if (!find_cseq(datagram, parsed, shape.cseq)) {
        return;  // not as phones write it: not worth a shape
    }
    find_sole_contact(shape.request);
    find_bare_rport(shape.request);
    learn_credentials(shape, datagram);
    DatagramShape& bytes = shape.bytes;
    for (const Field field :
         {parsed.branch, parsed.sent_by, parsed.from_tag, parsed.to_tag, parsed.call_id, shape.cseq,
          find_row(datagram, parsed, "\r\nUser-Agent: "), find_row(datagram, parsed, "\r\nMAC: ")}) {
        bytes.loosen(field);
    }
    bytes.loosen_user(parsed.from);
    bytes.loosen_user(parsed.to);
    constexpr std::uint16_t scheme = 4;  // "sip:"
    if (const Field uri = shape.request.sole_contact_uri; uri.size > scheme) {
        bytes.loosen(uri.offset + scheme, uri.size - scheme);
        bytes.loosen_quoted(parsed.contacts.row[0], "+sip.instance=\"");
    }
    bytes.keep();
    shape.request.shape = ++learned_;
}

/// Where the first Authorization row has what; its texts may differ, and nc.
void RequestShapes::learn_credentials(Shape& shape, std::string_view datagram) noexcept {
    const Rows& rows = shape.request.authorization;
    const std::string_view row = rows.count == 0 ? std::string_view{} : shape.request.text(rows.row[0]);
    shape.places = {};
    shape.has_credentials = rows.count != 0 && parse_credentials(row, shape.credentials);
    if (!shape.has_credentials) {
        return;
    }
    const Credentials& read = shape.credentials;
    AuthParameters parameters(row);
    for (AuthParameter one; parameters.next(one);) {
        if (auth_name(one.key) == AuthName::nc) {
            shape.places.nc = place_of(datagram, one.value);
        }
    }
    shape.places = {.user = place_of(datagram, read.user),
                    .realm = place_of(datagram, read.realm),
                    .nonce = place_of(datagram, read.nonce),
                    .uri = place_of(datagram, read.uri),
                    .opaque = place_of(datagram, read.opaque),
                    .cnonce = place_of(datagram, read.cnonce),
                    .response = place_of(datagram, read.response),
                    .nc = shape.places.nc};
    shape.bytes.loosen(shape.places.nc);
    for (const std::string_view name : {"username=\"", "nonce=\"", "cnonce=\"", "response=\""}) {
        shape.bytes.loosen_quoted(rows.row[0], name);
    }
}

}  // namespace regstorm::sip
