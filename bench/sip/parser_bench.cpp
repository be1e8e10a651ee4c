// SPDX-License-Identifier: Apache-2.0
// What parsing one answer costs, and one request. Budgets (per core): 200 OK 60 ns, 401 100 ns. "worst" inputs are 64
// kB of what a hostile peer could send; there ns per byte is the figure, and it must not depend on what the bytes are.
#include <benchmark/benchmark.h>
#include <string>

#include "regstorm/sip/answer_shapes.hpp"
#include "regstorm/sip/contact.hpp"
#include "regstorm/sip/message.hpp"
#include "regstorm/sip/request_shapes.hpp"

namespace regstorm::sip {
namespace {

const std::string head =
    "Via: SIP/2.0/UDP 198.18.0.17:5060;branch=z9hG4bK0000000012300010a7b3;rport=5060;received=198.18.0.17\r\n"
    "From: <sip:user0000123@registrar.example.com>;tag=5f3a9c01\r\n"
    "To: <sip:user0000123@registrar.example.com>;tag=b27e1a6a33183691c41db1b1b1ae1ba6.7f30\r\n"
    "Call-ID: 9b1c4f0277aa31e5\r\n"
    "CSeq: 1000000001 REGISTER\r\n";
const std::string tail =
    "Server: kamailio (5.6.3 (x86_64/linux))\r\n"
    "Content-Length: 0\r\n"
    "\r\n";
const std::string own_uri = "sip:user0000123@198.18.0.17:5060";

std::string ok_with(const std::string& contacts) { return "SIP/2.0 200 OK\r\n" + head + contacts + tail; }

const std::string plain_200 = ok_with("Contact: <" + own_uri + ">;expires=3600\r\n");
const std::string plain_401 = "SIP/2.0 401 Unauthorized\r\n" + head +
                              "WWW-Authenticate: Digest realm=\"registrar.example.com\", "
                              "nonce=\"YwY6mmMGOW5iX0pQ3xXcPq1pVw1RkHn4\", qop=\"auth\", "
                              "algorithm=MD5\r\n" +
                              tail;

std::string ten_contacts() {
    std::string row = "Contact: ";
    for (int i = 0; i < 10; ++i) {
        row += (i == 0 ? "" : ", ");
        row += "<sip:user0000123@198.18.1." + std::to_string(i) + ":5060>;q=0.5;expires=3" + std::to_string(i) + "00" +
               ";received=\"sip:198.18.1.1:5060\";+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000A95A0E128>\"";
    }
    return ok_with(row + "\r\n");
}

std::string fill(const std::string& begin, const std::string& unit, const std::string& end) {
    std::string out = "SIP/2.0 200 OK\r\n" + begin;
    while (out.size() + unit.size() + end.size() < 65'000) {
        out += unit;
    }
    return out + end;
}

void parse(benchmark::State& state, const std::string& datagram, ParseError expected) {
    Response response;
    for (auto _ : state) {
        const ParseError error = parse_response(datagram, response);
        benchmark::DoNotOptimize(response);
        if (error != expected) {
            state.SkipWithError("wrong verdict");
        }
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * datagram.size()));
}

void parse_and_grant(benchmark::State& state, const std::string& datagram, const std::string& own, Granted expected) {
    Response response;
    for (auto _ : state) {
        const ParseError error = parse_response(datagram, response);
        const GrantedExpiry granted = granted_expiry(response, own, {}, 600);
        if (error != ParseError::none || granted.source != expected) {
            state.SkipWithError("wrong verdict");
        }
    }
}

/// One answer of many that look alike, as a worker parses them.
void parse_alike(benchmark::State& state, const std::string& datagram) {
    AnswerShapes shapes;
    Response response;
    for (auto _ : state) {
        const ParseError error = shapes.parse(datagram, response);
        benchmark::DoNotOptimize(response);
        if (error != ParseError::none) {
            state.SkipWithError("wrong verdict");
        }
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * datagram.size()));
}

const std::string authorization =
    "Authorization: Digest username=\"user0000123\", realm=\"registrar.example.com\", "
    "nonce=\"YwY6mmMGOW5iX0pQ3xXcPq1pVw1RkHn4\", uri=\"sip:registrar.example.com\", "
    "response=\"6629fae49393a05397450978507c4ef1\", algorithm=MD5, cnonce=\"0a4f113b\", qop=auth, nc=00000001\r\n";

std::string register_with(const std::string& rows) {
    return "REGISTER sip:registrar.example.com SIP/2.0\r\n"
           "Via: SIP/2.0/UDP 198.18.0.17:5060;branch=z9hG4bK0000000012300010a7b3;rport\r\n"
           "From: <sip:user0000123@registrar.example.com>;tag=5f3a9c01\r\n"
           "To: <sip:user0000123@registrar.example.com>\r\n"
           "Call-ID: 9b1c4f0277aa31e5\r\n"
           "CSeq: 1000000001 REGISTER\r\n"
           "Contact: <" +
           own_uri + ">\r\n" + rows +
           "Max-Forwards: 70\r\nUser-Agent: Grandstream GSC3505 1.0.1.13\r\nSupported: path\r\nExpires: 3600\r\n"
           "Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE\r\n"
           "Content-Length: 0\r\n\r\n";
}

/// What a registrar reads of a request: the message, and its credentials when it has some.
void read_request(benchmark::State& state, const std::string& datagram, bool alike) {
    RequestShapes shapes;
    Request request;
    Credentials read;
    for (auto _ : state) {
        const ParseError error = alike ? shapes.parse(datagram, request) : parse_request(datagram, request);
        bool good = error == ParseError::none;
        if (request.authorization.count != 0) {
            good &= alike ? shapes.credentials(request, 0, read)
                          : parse_credentials(request.text(request.authorization.row[0]), read);
        }
        benchmark::DoNotOptimize(request);
        benchmark::DoNotOptimize(read);
        if (!good) {
            state.SkipWithError("wrong verdict");
        }
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * datagram.size()));
}

BENCHMARK_CAPTURE(read_request, parsed, register_with(""), false);
BENCHMARK_CAPTURE(read_request, alike, register_with(""), true);
BENCHMARK_CAPTURE(read_request, parsed_with_credentials, register_with(authorization), false);
BENCHMARK_CAPTURE(read_request, alike_with_credentials, register_with(authorization), true);
BENCHMARK_CAPTURE(parse_alike, ok_200, plain_200);
BENCHMARK_CAPTURE(parse_alike, unauthorized_401, plain_401);
BENCHMARK_CAPTURE(parse, ok_200, plain_200, ParseError::none);
BENCHMARK_CAPTURE(parse, unauthorized_401, plain_401, ParseError::none);
BENCHMARK_CAPTURE(parse, ten_contacts, ten_contacts(), ParseError::none);
BENCHMARK_CAPTURE(parse_and_grant, ok_200, plain_200, own_uri, Granted::by_contact);
BENCHMARK_CAPTURE(parse_and_grant, ten_contacts, ten_contacts(), "sip:user0000123@198.18.1.9:5060",
                  Granted::by_contact);
BENCHMARK_CAPTURE(parse, worst_short_rows, fill("", "a:\n", "\n"), ParseError::missing_header);
BENCHMARK_CAPTURE(parse, worst_one_line, fill("a: ", "x", "\n\n"), ParseError::missing_header);
BENCHMARK_CAPTURE(parse, worst_folds, fill("a:", "\n ", "\n\n"), ParseError::missing_header);
BENCHMARK_CAPTURE(parse, worst_vias, fill("v:SIP/2.0/UDP h;branch=x", ",h;b=\"\"", "\n\n"), ParseError::missing_header);
BENCHMARK_CAPTURE(parse, worst_tag, fill("f:a:b", ";a=\"\\\"\" ", "\n\n"), ParseError::missing_header);

}  // namespace
}  // namespace regstorm::sip
