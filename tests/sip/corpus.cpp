// SPDX-License-Identifier: Apache-2.0
#include "corpus.hpp"

#include <stdexcept>

namespace regstorm::sip {

std::string crlf(std::string text) {
    std::string out;
    for (const char byte : text.substr(text.starts_with('\n') ? 1 : 0)) {
        out += byte == '\n' ? "\r\n" : std::string(1, byte);
    }
    return out;
}

std::vector<CorpusMessage> ipv6_messages() {
    const auto request = [](const char* name, ParseError expected, const std::string& uri, const std::string& via,
                            const std::string& contact) {
        return CorpusMessage{name, false, expected,
                             crlf("REGISTER " + uri + " SIP/2.0\nTo: sip:user@example.com\n" +
                                  "From: sip:user@example.com;tag=81x2\nVia: " + via +
                                  "\nCall-ID: SSG9559905523997077@hlau_4100\nMax-Forwards: 70\nContact: " + contact +
                                  "\nCSeq: 98176 REGISTER\nContent-Length: 0\n\n")};
    };
    const std::string via = "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111";
    const std::string contact = "\"Caller\" <sip:caller@[2001:db8::1]>";
    return {
        request("5118-4.1-ipv6-good", ParseError::none, "sip:[2001:db8::10]", via, contact),
        // Ambiguous, and RFC 5118 wants 400; the R-URI's inside is not the parser's business.
        request("5118-4.2-ipv6-bad", ParseError::none, "sip:2001:db8::10", via, contact),
        request("5118-4.3-port-ambiguous", ParseError::none, "sip:[2001:db8::10:5070]", via, contact),
        request("5118-4.4-port-unambiguous", ParseError::none, "sip:[2001:db8::10]:5070", via, contact),
        request("5118-4.5-received-with-brackets", ParseError::none, "sip:[2001:db8::10]",
                "SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111", contact),
        request("5118-4.5-received-without-brackets", ParseError::none, "sip:[2001:db8::10]",
                "SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3", contact),
        request("5118-4.7-many-addresses", ParseError::none, "sip:user@example.com",
                "SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111,\n SIP/2.0/UDP "
                "192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144",
                contact),
        request("5118-4.10-ipv4-mapped", ParseError::none, "sip:user@example.com",
                "SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19", "<sip:user@[::ffff:192.0.2.10]:19823>"),
    };
}

std::vector<CorpusMessage> server_messages() {
    return {
        {"kamailio-200-three-bindings", true, ParseError::none,
         crlf(R"(
SIP/2.0 200 OK
Via: SIP/2.0/UDP 198.18.0.7:5060;branch=z9hG4bK00k0000000010001abcde;rport=5060;received=198.18.0.7
From: <sip:user000001@example.com>;tag=5f3a9c01
To: <sip:user000001@example.com>;tag=b27e1a1d33761e85846fc98f5f3a7e58.a6a1
Call-ID: 9b1c4f0277aa31e5
CSeq: 1000000001 REGISTER
Contact: <sip:user000001@198.18.0.9:5062>;expires=3001, <sip:user000001@198.18.0.7:5060>)"
              R"(;q=0.5;expires=120;received="sip:198.18.0.7:5060")"
              R"(;+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";reg-id=1)"
              R"(, <sip:user000001@198.18.0.8>;expires=17
Server: kamailio (5.6.3 (x86_64/linux))
Content-Length: 0

)")},
    };
}

std::vector<CorpusMessage> challenge_messages() {
    return {
        {"kamailio-401", true, ParseError::none, crlf(R"(
SIP/2.0 401 Unauthorized
Via: SIP/2.0/UDP 198.18.0.7:5060;branch=z9hG4bK00k0000000010001abcde;rport=5060;received=198.18.0.7
From: <sip:user000001@example.com>;tag=5f3a9c01
To: <sip:user000001@example.com>;tag=b27e1a1d33761e85846fc98f5f3a7e58.a6a1
Call-ID: 9b1c4f0277aa31e5
CSeq: 1000000001 REGISTER
WWW-Authenticate: Digest realm="example.com", nonce="YwY6mmMGOW5iX0pQ3xXcPq1pVw1RkHn4", qop="auth"
Server: kamailio (5.6.3 (x86_64/linux))
Content-Length: 0

)")},
        {"many-challenges", true, ParseError::none, crlf(R"(
SIP/2.0 401 Unauthorized
v: SIP/2.0/UDP 198.18.0.7:5060;branch=z9hG4bK1
f: <sip:a@example.com>;tag=1
t: <sip:a@example.com>;tag=2
i: 1
CSeq: 1 REGISTER
WWW-Authenticate: Digest realm="a,b", nonce="1", algorithm=SHA-256, qop="auth,auth-int"
WWW-Authenticate: Digest realm="a,b", nonce="2", algorithm=MD5, opaque=""
Proxy-Authenticate: Digest realm="p", nonce="3"

)")},
        {"423-too-brief", true, ParseError::none, crlf(R"(
SIP/2.0 423 Interval Too Brief
Via: SIP/2.0/UDP 198.18.0.7;branch=z9hG4bK1;rport
From: sip:a@example.com;tag=1
To: sip:a@example.com
Call-ID: 1
CSeq: 1 REGISTER
Min-Expires: 3600

)")},
        {"503-retry-after", true, ParseError::none, crlf(R"(
SIP/2.0 503 Service Unavailable
Via: SIP/2.0/UDP 198.18.0.7;branch=z9hG4bK1;rport
From: "Bob" <sip:a@example.com>;tag=1
To: Bob <sip:a@example.com>;tag=7
Call-ID: 1
CSeq: 1 REGISTER
Retry-After: 120 (I'm in a (meeting)) ;duration=3600

)")},
        {"gruu-200", true, ParseError::none, crlf(R"(
SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKnashds7
From: Callee <sip:callee@example.com>;tag=a73kszlfl
To: Callee <sip:callee@example.com> ;tag=b88sn
Call-ID: 1j9FpLxk3uxtm8tn@192.0.2.1
CSeq: 1 REGISTER
Require: outbound
Path: <sip:edge.example.com;lr;ob>
Service-Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>
Contact: <sip:callee@192.0.2.1>
 ;pub-gruu="sip:callee@example.com;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
 ;temp-gruu="sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@example.com;gr"
 ;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"
 ;expires=3600
Content-Length: 0

)")},
    };
}

std::vector<CorpusMessage> corpus() {
    std::vector<CorpusMessage> all = torture_messages();
    for (const auto& more : {ipv6_messages(), server_messages(), challenge_messages()}) {
        all.insert(all.end(), more.begin(), more.end());
    }
    return all;
}

CorpusMessage corpus_message(const std::string& name) {
    for (const CorpusMessage& message : corpus()) {
        if (message.name == name) {
            return message;
        }
    }
    throw std::invalid_argument("no such corpus message: " + name);
}

}  // namespace regstorm::sip
