// SPDX-License-Identifier: Apache-2.0
#include "message_facts.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "regstorm/sip/contact.hpp"
#include "regstorm/sip/response_writer.hpp"

namespace regstorm::sip {
namespace {

/// Lines of "name value".
class Facts {
  public:
    void add(const char* name, const std::string& value) { text_.append(name).append(" ").append(value).append("\n"); }
    void add(const char* name, std::uint64_t value) { add(name, std::to_string(value)); }
    void add_piece(const char* name, bool present, std::size_t offset, std::size_t size) {
        add(name, present ? std::to_string(offset) + "+" + std::to_string(size) : "-");
    }
    void add(const char* name, Field field) { add_piece(name, field.present(), field.offset, field.size); }
    void add(const char* name, const reference::Piece& piece) {
        add_piece(name, piece.present, piece.offset, piece.size);
    }
    void add(const char* name, const Rows& rows) {
        for (std::size_t i = 0; i < rows.count; ++i) {
            add(name, rows.row[i]);
        }
        add(name, rows.overflow);
    }
    void add(const char* name, const std::vector<reference::Piece>& pieces) {
        for (std::size_t i = 0; i < std::min<std::size_t>(pieces.size(), header_rows_max); ++i) {
            add(name, pieces[i]);
        }
        add(name, pieces.size() > header_rows_max);
    }
    void add(const char* name, bool present, std::uint64_t value) { present ? add(name, value) : add(name, "-"); }
    void add(const char* name, const reference::Number& number) { add(name, number.present, number.value); }
    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

void add_view(Facts& facts, const char* name, const Message& message, std::string_view view) {
    facts.add_piece(name, !view.empty(), view.empty() ? 0 : static_cast<std::size_t>(view.data() - message.data),
                    view.size());
}

void add_contacts(Facts& facts, const Message& message) {
    ContactReader reader(message);
    Contact contact;
    while (reader.next(contact)) {
        add_view(facts, "contact.uri", message, contact.uri);
        add_view(facts, "contact.instance", message, contact.instance);
        add_view(facts, "contact.pub-gruu", message, contact.pub_gruu);
        add_view(facts, "contact.temp-gruu", message, contact.temp_gruu);
        facts.add("contact.expires", contact.has_expires, contact.expires_s);
        facts.add("contact.bad_expires", contact.bad_expires);
        facts.add("contact.reg-id", contact.reg_id);
        facts.add("contact.q", contact.has_q, contact.q_thousandths);
    }
    facts.add("contacts.malformed", reader.malformed());
}

void add_contacts(Facts& facts, const reference::Parsed& parsed) {
    for (const reference::ContactValue& contact : parsed.contact_values) {
        facts.add("contact.uri", contact.uri);
        facts.add("contact.instance", contact.instance);
        facts.add("contact.pub-gruu", contact.pub_gruu);
        facts.add("contact.temp-gruu", contact.temp_gruu);
        facts.add("contact.expires", contact.has_expires, contact.expires_s);
        facts.add("contact.bad_expires", contact.bad_expires);
        facts.add("contact.reg-id", contact.reg_id);
        facts.add("contact.q", contact.has_q, contact.q_thousandths);
    }
    facts.add("contacts.malformed", parsed.contacts_malformed);
}

void add_shared(Facts& facts, const Message& message) {
    facts.add("branch", message.branch);
    facts.add("sent_by", message.sent_by);
    facts.add("received", message.received);
    facts.add("rport", message.rport_present, message.rport);
    facts.add("via_count", message.via_count);
    facts.add("from", message.from);
    facts.add("from_tag", message.from_tag);
    facts.add("to", message.to);
    facts.add("to_tag", message.to_tag);
    facts.add("call_id", message.call_id);
    facts.add("cseq", message.cseq);
    facts.add("cseq_method", std::string(to_text(message.cseq_method)));
    facts.add("expires", message.has_expires, message.expires_s);
    facts.add("body", message.body);
    facts.add("contacts", message.contacts);
    add_contacts(facts, message);
}

/// The name that to_text() gives for a method's text.
std::string known_method(const std::string& text) {
    for (const char* name : {"ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK",
                             "PUBLISH", "REFER", "REGISTER", "SUBSCRIBE", "UPDATE"}) {
        if (text == name) {
            return text;
        }
    }
    return "other";
}

void add_shared(Facts& facts, const reference::Parsed& parsed) {
    facts.add("branch", parsed.branch);
    facts.add("sent_by", parsed.sent_by);
    facts.add("received", parsed.received);
    facts.add("rport", parsed.rport_present, parsed.rport);
    facts.add("via_count", std::min<std::size_t>(255, parsed.via_count));
    facts.add("from", parsed.from);
    facts.add("from_tag", parsed.from_tag);
    facts.add("to", parsed.to);
    facts.add("to_tag", parsed.to_tag);
    facts.add("call_id", parsed.call_id);
    facts.add("cseq", parsed.cseq);
    facts.add("cseq_method", known_method(parsed.cseq_method));
    facts.add("expires", parsed.expires);
    facts.add("body", parsed.body);
    facts.add("contacts", parsed.contacts);
    add_contacts(facts, parsed);
}

/// A message full of what an earlier datagram may have left behind: a field that is not reset shows.
template <class Kind>
void fill_with_rubbish(Kind& message) {
    static_assert(std::is_trivially_copyable_v<Kind>);
    std::memset(static_cast<void*>(&message), 0x01, sizeof message);
}

}  // namespace

namespace {

std::string facts_of(ParseError error, const Response& response) {
    Facts facts;
    facts.add("error", std::string(to_text(error)));
    if (error != ParseError::none) {
        return facts.take();
    }
    facts.add("status", response.status);
    facts.add("min_expires", response.has_min_expires, response.min_expires_s);
    facts.add("retry_after", response.has_retry_after, response.retry_after_s);
    facts.add("www_authenticate", response.www_authenticate);
    facts.add("proxy_authenticate", response.proxy_authenticate);
    facts.add("service_route", response.service_route);
    facts.add("unsupported", response.unsupported);
    facts.add("require", response.require);
    facts.add("authentication_info", response.authentication_info);
    add_shared(facts, response);
    return facts.take();
}

std::string facts_of(ParseError error, const Request& request) {
    Facts facts;
    facts.add("error", std::string(to_text(error)));
    if (error != ParseError::none) {
        return facts.take();
    }
    facts.add("method", std::string(to_text(request.method)));
    facts.add_piece("method_text", true, request.method_text.offset, request.method_text.size);
    facts.add("uri", request.uri);
    facts.add("vias", request.vias);
    facts.add("routes", request.routes);
    facts.add("authorization", request.authorization);
    facts.add("proxy_authorization", request.proxy_authorization);
    facts.add("supported", request.supported);
    facts.add("require", request.require);
    facts.add("event", request.event);
    facts.add("max_forwards", request.has_max_forwards, request.max_forwards);
    add_shared(facts, request);
    return facts.take();
}

/// The Contact that was read along is the only one, and its expiry is the one it has.
bool sole_contact_holds(const Response& response) {
    if (!response.sole_contact_uri.present()) {
        return true;
    }
    ContactReader reader(response);
    Contact contact;
    Contact another;
    return reader.next(contact) && contact.has_expires && contact.expires_s == response.sole_contact_expires_s &&
           contact.uri == response.text(response.sole_contact_uri) && !reader.next(another) && !reader.malformed();
}

bool sole_contact_holds(const Request& request) {
    if (!request.sole_contact_uri.present()) {
        return true;
    }
    ContactReader reader(request);
    Contact contact;
    Contact another;
    return reader.next(contact) && contact.has_expires == request.sole_contact_has_expires && !contact.bad_expires &&
           (!contact.has_expires || contact.expires_s == request.sole_contact_expires_s) &&
           contact.uri == request.text(request.sole_contact_uri) && !reader.next(another) && !reader.malformed();
}

std::string answer_to(const Request& request) {
    std::string out(request.size + 1024U, '\0');
    out.resize(write_response(out.data(), static_cast<std::uint32_t>(out.size()), request, 200, "OK",
                              {.to_tag = "t", .source_host = "198.18.0.1", .source_udp_port = 5060}));
    return out;
}

bool same_credentials(const RequestShapes& shapes, const Request& request, std::uint32_t row) {
    const auto all_of = [](const Credentials& c) {
        return std::tuple(c.user, c.realm, c.nonce, c.uri, c.opaque, c.cnonce, c.response, c.nc, c.algorithm, c.qop,
                          c.algorithm_named, c.has_opaque, c.userhash, c.proxy);
    };
    Credentials told;
    Credentials parsed;
    const bool good = parse_credentials(request.text(request.authorization.row[row]), parsed);
    return shapes.credentials(request, row, told) == good && (!good || all_of(told) == all_of(parsed));
}

}  // namespace

std::string facts_of_response(std::string_view datagram) {
    Response response;
    fill_with_rubbish(response);
    const ParseError error = parse_response(datagram, response);
    return facts_of(error, response);
}

std::string facts_of_alike(AnswerShapes& shapes, std::string_view datagram, Response& response) {
    const ParseError error = shapes.parse(datagram, response);
    const bool good = error != ParseError::none || sole_contact_holds(response);
    return facts_of(error, response) + (good ? "" : "another sole contact\n");
}

std::string facts_of_request(std::string_view datagram) {
    Request request;
    fill_with_rubbish(request);
    const ParseError error = parse_request(datagram, request);
    return facts_of(error, request);
}

std::string facts_of_alike(RequestShapes& shapes, std::string_view datagram, Request& request) {
    const ParseError error = shapes.parse(datagram, request);
    std::string facts = facts_of(error, request);
    if (error != ParseError::none) {
        return facts;
    }
    Request parsed;
    fill_with_rubbish(parsed);
    static_cast<void>(parse_request(datagram, parsed));
    facts += sole_contact_holds(request) ? "" : "another sole contact\n";
    facts += answer_to(request) == answer_to(parsed) ? "" : "another answer\n";
    for (std::uint32_t row = 0; row < request.authorization.count; ++row) {
        facts += same_credentials(shapes, request, row) ? "" : "other credentials\n";
    }
    return facts;
}

std::string reference_facts(const std::string& datagram, bool response) {
    const reference::Parsed parsed = reference::parse(datagram, response);
    Facts facts;
    facts.add("error", std::string(to_text(parsed.error)));
    if (parsed.error != ParseError::none) {
        return facts.take();
    }
    if (response) {
        facts.add("status", parsed.status);
        facts.add("min_expires", parsed.min_expires);
        facts.add("retry_after", parsed.retry_after);
        facts.add("www_authenticate", parsed.www_authenticate);
        facts.add("proxy_authenticate", parsed.proxy_authenticate);
        facts.add("service_route", parsed.service_route);
        facts.add("unsupported", parsed.unsupported);
        facts.add("require", parsed.require);
        facts.add("authentication_info", parsed.authentication_info);
    } else {
        facts.add("method", known_method(datagram.substr(0, parsed.method.size)));
        facts.add("method_text", parsed.method);
        facts.add("uri", parsed.uri);
        facts.add("vias", parsed.vias);
        facts.add("routes", parsed.routes);
        facts.add("authorization", parsed.authorization);
        facts.add("proxy_authorization", parsed.proxy_authorization);
        facts.add("supported", parsed.supported);
        facts.add("require", parsed.require);
        facts.add("event", parsed.event);
        facts.add("max_forwards", parsed.max_forwards);
    }
    add_shared(facts, parsed);
    return facts.take();
}

}  // namespace regstorm::sip
