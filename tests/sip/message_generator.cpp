// SPDX-License-Identifier: Apache-2.0
#include "message_generator.hpp"

#include <algorithm>

namespace regstorm::sip {

const char* MessageGenerator::one_of(std::initializer_list<const char*> choices) {
    return choices.begin()[below(choices.size())];
}

/// White space that may also be none.
std::string MessageGenerator::white() {
    if (plain_ || chance(75)) {
        return "";
    }
    return one_of({" ", "  ", "\t", "\r\n ", " \r\n\t ", "\n ", " \n  "});
}

std::string MessageGenerator::some_white() {
    const std::string out = white();
    return out.empty() ? " " : out;
}

std::string MessageGenerator::name(const char* long_form, const char* compact) {
    std::string out = compact != nullptr && !plain_ && chance(35) ? compact : long_form;
    if (!plain_ && chance(40)) {
        for (char& byte : out) {
            if (((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) && chance(50)) {
                byte = static_cast<char>(byte ^ 0x20);
            }
        }
    }
    return out;
}

std::string MessageGenerator::row(const char* long_form, const char* compact, const std::string& value) {
    const bool usual = plain_ || chance(60);
    return name(long_form, compact) + (usual ? "" : one_of({"", " ", "\t", "  "})) + ":" +
           (usual ? " " : one_of({"", " ", "   ", "\t", "\r\n ", " \n\t"})) + value +
           (usual ? "" : one_of({"", " ", " \r\n ", "\t"})) + (plain_ || chance(85) ? "\r\n" : "\n");
}

std::string MessageGenerator::quoted() {
    std::string out = "\"";
    for (std::size_t i = below(8); i > 0; --i) {
        out += one_of({"a", "B", " ", "\\\"", "\\\\", ",", ";", "<", ">", "=", "\xc3\xa4", "sip:x@y", "@", "\r\n "});
    }
    return out + "\"";
}

/// `known` in any order, with parameters that nobody knows in between.
std::string MessageGenerator::parameters(std::vector<std::string> known) {
    for (std::size_t i = plain_ ? 0 : below(3); i > 0; --i) {
        known.push_back(one_of({"lr", "x=1", "foo=bar", "alias", "keep", "ttl=3", "oc", "a.b-c=%41"}));
        if (chance(30)) {
            known.back() = "text" + white() + "=" + white() + quoted();
        }
    }
    std::string out;
    while (!known.empty()) {
        const std::size_t at = plain_ ? 0 : below(known.size());
        out += white() + ";" + white() + known[at];
        known.erase(known.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return out;
}

std::string MessageGenerator::uri() {
    return std::string(one_of({"sip:", "sip:", "sip:", "sips:", "SIP:"})) +
           one_of({"user000123@", "alice@", "", "%61lice:pw@", "a;b?c/d@", "+1-555@"}) +
           one_of({"registrar.example.com", "198.18.0.17:5060", "[2001:db8::1]:5060", "h", "EXAMPLE.com"}) +
           one_of({"", "", ";transport=udp", ";lr", ";gr=urn:uuid:f81d;x=y"});
}

std::string MessageGenerator::address(bool bare_allowed) {
    if (bare_allowed && chance(plain_ ? 0 : 20)) {
        return std::string("sip:") + one_of({"bob@example.com", "h", "a@[::1]:9"});
    }
    std::string display;
    if (!plain_ && chance(40)) {
        display = chance(50) ? quoted() + white() : one_of({"Bob ", "The Phone\t", "x", "r\xc3\xa9my "});
    }
    return display + "<" + uri() + ">";
}

std::string MessageGenerator::via(bool top) {
    const std::string slash_before = white();
    std::string out = plain_ ? "SIP/2.0/UDP "
                             : name("SIP", nullptr) + white() + "/" + white() + "2.0" + white() + "/" + white() +
                                   name("UDP", nullptr) + some_white();
    out += one_of({"198.18.0.1", "host.example.com", "[2001:db8::9]"});
    if (chance(70)) {
        out += white() + ":" + white() + number(65536);
    }
    std::vector<std::string> known = {name("branch", nullptr) + white() + "=" + white() + "z9hG4bK" + number(1U << 30) +
                                      one_of({"", "", ".1-x", "0123456789abcdef0123456789abcdef"})};
    if (chance(60)) {
        known.push_back(name("rport", nullptr) + (chance(60) ? "=" + number(70000) : ""));
    }
    if (chance(50)) {
        known.push_back(name("received", nullptr) + "=" + one_of({"198.18.0.1", "[::1]", "2001:db8::1"}));
    }
    if (!top && chance(50)) {
        known.clear();
    }
    return out + parameters(known);
}

std::string MessageGenerator::contact() {
    if (!plain_ && chance(5)) {
        return "*";
    }
    std::vector<std::string> known;
    if (chance(80)) {
        known.push_back(name("expires", nullptr) + white() + "=" + white() +
                        (chance(90) ? number(100000) : one_of({"abc", "99999999999", "\"60\"", "4294967295", ""})));
    }
    if (chance(30)) {
        known.push_back("q=" + std::string(one_of({"0.5", "1", "1.000", "0", "0.123", "1.5", ".5"})));
    }
    if (chance(30)) {
        known.push_back("+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\"");
        known.push_back("reg-id=" + number(3));
    }
    if (chance(20)) {
        known.push_back("pub-gruu=\"sip:callee@example.com;gr=urn:uuid:f81d4fae\"");
        known.push_back("temp-gruu=\"sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@example.com;gr\"");
    }
    return address(true) + parameters(known);
}

/// Rows that one kind has and the other does not, or that the other must ignore.
std::vector<std::string> MessageGenerator::own_rows(bool response) {
    std::vector<std::string> rows;
    const auto maybe = [&](std::uint64_t percent, const char* long_form, const char* compact,
                           const std::string& value) {
        if (chance(percent)) {
            rows.push_back(row(long_form, compact, value));
        }
    };
    const std::string digest = "Digest realm=" + quoted() + ", nonce=\"abc\", qop=\"auth,auth-int\"";
    maybe(response ? 20 : 3, "WWW-Authenticate", nullptr, digest);
    maybe(response ? 10 : 3, "WWW-Authenticate", nullptr, digest + ", algorithm=SHA-256");
    maybe(response ? 10 : 3, "Proxy-Authenticate", nullptr, digest);
    maybe(response ? 10 : 3, "Min-Expires", nullptr, number(100000));
    maybe(response ? 10 : 3, "Retry-After", nullptr,
          number(100000) + white() + one_of({"", "(in a (bit))", ";duration=3"}));
    maybe(response ? 10 : 3, "Service-Route", nullptr, "<sip:p1;lr>, <sip:p2;lr>");
    maybe(response ? 10 : 3, "Unsupported", nullptr, "path");
    maybe(response ? 10 : 3, "Authentication-Info", nullptr, "nextnonce=\"x\"");
    maybe(response ? 3 : 20, "Route", nullptr, "<sip:p1;lr>" + white() + "," + white() + "<sip:p2;lr>");
    maybe(response ? 3 : 20, "Authorization", nullptr, digest);
    maybe(response ? 3 : 10, "Proxy-Authorization", nullptr, digest);
    maybe(20, "Supported", "k", "path, outbound");
    maybe(10, "Require", nullptr, "outbound");
    maybe(10, "Event", "o", "reg;id=1");
    maybe(response ? 3 : 90, "Max-Forwards", nullptr, number(256));
    maybe(40, "Server", nullptr, "kamailio (5.6.3 (x86_64/linux))");
    maybe(20, "User-Agent", nullptr, "phone: 1.0");
    maybe(20, "Subject", "s", white());
    maybe(20, "X-Unknown-Header-With-A-Long-Name", nullptr, ";;,,\"");
    maybe(10, "Record-Route", nullptr, "<sip:rr;lr>");
    maybe(10, "Path", nullptr, "<sip:edge;lr>");
    return rows;
}

std::string MessageGenerator::message(bool response) {
    plain_ = chance(20);
    std::vector<std::string> rows = own_rows(response);
    std::string vias = via(true);
    while (!plain_ && chance(20)) {
        vias += white() + "," + white() + via(false);
    }
    rows.push_back(row("Via", "v", vias));
    rows.push_back(row("From", "f", address(true) + parameters({"tag=" + number(1U << 30)})));
    rows.push_back(row("To", "t", address(true) + (chance(70) ? parameters({"tag=x" + number(1U << 30)}) : "")));
    rows.push_back(row("Call-ID", "i", number(1U << 30) + "@h"));
    rows.push_back(
        row("CSeq", nullptr,
            number(1U << 31) + some_white() + one_of({"REGISTER", "REGISTER", "OPTIONS", "INVITE", "register", "x"})));
    for (std::size_t i = below(plain_ ? 2 : 4); i > 0 || chance(2); i -= i > 0 ? 1 : 0) {
        std::string contacts = contact();
        while (!plain_ && chance(30)) {
            contacts += white() + "," + white() + contact();
        }
        rows.push_back(row("Contact", "m", contacts));
    }
    if (chance(30)) {
        rows.push_back(row("Expires", nullptr, number(100000)));
    }
    const std::string body = chance(20) ? "v=0\r\n\r\nrest" : "";
    if (chance(80)) {
        rows.push_back(row("Content-Length", "l", std::to_string(body.size())));
    }
    if (!plain_) {
        for (std::size_t i = rows.size(); i > 1; --i) {
            std::swap(rows[i - 1], rows[below(i)]);
        }
    }
    std::string out = response ? name("SIP", nullptr) + "/2.0 " + std::to_string(100 + below(600)) +
                                     one_of({" OK", " ", "", " \xe4\xb8\xad\xe6\x96\x87 a:b"})
                               : std::string(one_of({"REGISTER", "OPTIONS", "NOTIFY", "INVITE", "x'y"})) + " " + uri() +
                                     " " + name("SIP", nullptr) + "/2.0";
    out += plain_ || chance(80) ? "\r\n" : "\n";
    for (const std::string& one : rows) {
        out += one;
    }
    return out + (chance(90) ? "\r\n" : "\n") + body;
}

void MessageGenerator::mutate_once(std::string& text, const std::string& other) {
    static const std::string special = std::string("\r\n\0 \t:;,=\"<>@/\\*0129azAZ\x7f\xff", 26);
    const std::size_t at = below(text.size());
    switch (below(7)) {
        case 0:
            text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
            break;
        case 1:
            text[at] = special[below(special.size())];
            break;
        case 2:
            text.insert(at, 1, special[below(special.size())]);
            break;
        case 3:
            text.erase(at, 1 + below(3));
            break;
        case 4: {  // a row, or what is between two marks, twice
            const std::size_t size = std::min(text.size() - at, 1 + below(80));
            text.insert(at, text.substr(at, size));
            break;
        }
        case 5:
            text.resize(chance(20) ? at : text.size());
            break;
        default:
            text = text.substr(0, at) + other.substr(std::min(other.size(), below(other.size() + 1)));
            break;
    }
}

std::string MessageGenerator::mutant(const std::string& message, const std::string& other) {
    std::string out = message;
    for (std::size_t i = 1 + below(4); i > 0 && !out.empty(); --i) {
        mutate_once(out, other);
    }
    return out;
}

}  // namespace regstorm::sip
