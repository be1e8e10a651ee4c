// SPDX-License-Identifier: Apache-2.0
// Rows of the requirement matrix that are facts of parsing: PAR, MAT, TPT, and what must be ignored.
#include <gtest/gtest.h>

#include "corpus.hpp"
#include "message_facts.hpp"
#include "regstorm/sip/contact.hpp"

namespace regstorm::sip {
namespace {

const std::string via = "Via: SIP/2.0/UDP 198.18.0.1:5060;branch=z9hG4bKabc;rport\n";
const std::string parties = "From: <sip:a@example.com>;tag=1\nTo: <sip:a@example.com>;tag=2\n";
const std::string ids = "Call-ID: 77@h\nCSeq: 1000000001 REGISTER\n";

/// A 200 with these rows besides the mandatory ones.
std::string ok_with(const std::string& rows) { return crlf("SIP/2.0 200 OK\n" + via + parties + ids + rows + "\n"); }
/// A 200 with these rows instead of the Via.
std::string ok_via(const std::string& rows) { return crlf("SIP/2.0 200 OK\n" + rows + parties + ids + "\n"); }
std::string ok_parties(const std::string& rows) { return crlf("SIP/2.0 200 OK\n" + via + rows + ids + "\n"); }

class Parser : public testing::Test {
  protected:
    ParseError verdict(const std::string& bytes) {
        bytes_ = bytes;
        response = {};
        const ParseError error = parse_response(bytes_, response);
        EXPECT_EQ(facts_of_response(bytes_), reference_facts(bytes_, true)) << bytes_;
        return error;
    }
    ParseError request_verdict(const std::string& bytes) {
        bytes_ = bytes;
        request = {};
        const ParseError error = parse_request(bytes_, request);
        EXPECT_EQ(facts_of_request(bytes_), reference_facts(bytes_, false)) << bytes_;
        return error;
    }
    [[nodiscard]] std::string text(Field field) const { return std::string(response.text(field)); }

    Response response;
    Request request;

  private:
    std::string bytes_;
};

std::string with_status_line(const std::string& line) { return crlf(line + "\n" + via + parties + ids + "\n"); }

TEST_F(Parser, PAR_1_TakesAnyReasonAndAnyCaseOfTheVersion) {
    for (const char* line : {"SIP/2.0 200 OK", "sip/2.0 200 OK", "SIP/2.0 200 ", "SIP/2.0 200",
                             "SIP/2.0 200 \xe4\xb8\xad\xe6\x96\x87", "SIP/2.0 200 : ; , \" <", "SIP/2.0 200  x"}) {
        EXPECT_EQ(verdict(with_status_line(line)), ParseError::none) << line;
        EXPECT_EQ(response.status, 200) << line;
    }
}

TEST_F(Parser, PAR_1_RefusesOtherStartLines) {
    for (const char* line : {"SIP/3.0 200 OK", "SIP/2.0  200 OK", " SIP/2.0 200 OK", "SIP/2.0\t200 OK", "SIP/2.0 20 OK",
                             "SIP/2.0 2000 OK", "SIP/2.0 200OK", "SIP/2.0 -20 OK", "HTTP/1.1 200 OK", "hello"}) {
        EXPECT_EQ(verdict(with_status_line(line)), ParseError::start_line) << line;
    }
}

TEST_F(Parser, PAR_2_RefusesCodesOutside100To699) {
    for (const char* line :
         {"SIP/2.0 099 x", "SIP/2.0 000 x", "SIP/2.0 700 x", "SIP/2.0 999 x", "SIP/2.0 4294967301 x"}) {
        EXPECT_EQ(verdict(with_status_line(line)), ParseError::start_line) << line;
    }
}

TEST_F(Parser, PAR_3_NumbersThatOverflowAreRefused) {
    EXPECT_EQ(verdict(ok_with("Expires: 4294967295\n")), ParseError::none);
    EXPECT_EQ(response.expires_s, 0xffffffffU);
    EXPECT_EQ(verdict(ok_with("Expires: 00000000000000000000000000060\n")), ParseError::none);
    EXPECT_EQ(response.expires_s, 60U);
    for (const char* name : {"Expires", "Min-Expires", "Retry-After", "Content-Length"}) {
        for (const char* value : {"4294967296", "18446744073709551617", "99999999999999999999999999999", "-1", "1x", "",
                                  "0x10", "1 2", "1,2"}) {
            EXPECT_EQ(verdict(ok_with(std::string(name) + ": " + value + "\n")), ParseError::bad_number)
                << name << " " << value;
        }
    }
}

TEST_F(Parser, PAR_3_CseqIsBelowTwoToThe31WithAMethod) {
    const std::string head = "SIP/2.0 200 OK\n" + via + parties + "Call-ID: 1\nCSeq: ";
    EXPECT_EQ(verdict(crlf(head + "2147483647 REGISTER\n\n")), ParseError::none);
    EXPECT_EQ(response.cseq, 0x7fffffffU);
    EXPECT_EQ(verdict(crlf(head + "0\t \n OPTIONS\n\n")), ParseError::none);
    EXPECT_EQ(response.cseq_method, Method::options);
    for (const char* value : {"2147483648 REGISTER", "REGISTER", "1", "1REGISTER", "1 REG ISTER", "1 <", "",
                              "36893488147419103232 REGISTER", "-1 REGISTER"}) {
        EXPECT_EQ(verdict(crlf(head + value + "\n\n")), ParseError::bad_cseq) << value;
    }
}

TEST_F(Parser, PAR_4_UnknownCodesKeepTheirNumber) {
    for (const int status : {183, 299, 477, 599, 699}) {
        EXPECT_EQ(verdict(with_status_line("SIP/2.0 " + std::to_string(status) + " x")), ParseError::none);
        EXPECT_EQ(response.status, status);
    }
}

TEST_F(Parser, PAR_5_NamesHaveAnyCaseWhiteSpaceBeforeTheColonAndFolds) {
    EXPECT_EQ(verdict(crlf("SIP/2.0 200 OK\nvIA : SIP/2.0/UDP h;branch=z1\nFROM\t:<sip:a@b>\n ;tag=1\nto:\n sip:c@d\n"
                           "cALL-id   :  9\nCseq:1\n\tREGISTER\neXpIrEs : 5\n\n")),
              ParseError::none);
    EXPECT_EQ(text(response.branch), "z1");
    EXPECT_EQ(text(response.from_tag), "1");
    EXPECT_EQ(text(response.call_id), "9");
    EXPECT_EQ(response.cseq_method, Method::register_);
    EXPECT_EQ(response.expires_s, 5U);
}

TEST_F(Parser, PAR_6_CompactNamesMixWithLongOnes) {
    EXPECT_EQ(verdict(crlf("SIP/2.0 200 OK\nv: SIP/2.0/UDP h;branch=z1\nFrom: <sip:a@b>;tag=1\nt: <sip:c@d>;tag=2\n"
                           "I: 9\nCSeq: 1 REGISTER\nm: <sip:x@y>;expires=7\nL: 0\nc: a/b\ne: gzip\nk: path\ns: x\n"
                           "o: reg\nb: <sip:z>\nr: <sip:z>\nu: reg\ny: x\nx: 90\n\n")),
              ParseError::none);
    EXPECT_EQ(text(response.to_tag), "2");
    EXPECT_EQ(text(response.call_id), "9");
    EXPECT_EQ(response.contacts.count, 1);
}

TEST_F(Parser, PAR_7_RowsAndCommasKeepTheirOrder) {
    EXPECT_EQ(verdict(ok_with("Service-Route: <sip:p1;lr>, <sip:p2;lr>\nRequire: a\nService-Route: <sip:p3;lr>\n")),
              ParseError::none);
    ASSERT_EQ(response.service_route.count, 2);
    EXPECT_EQ(text(response.service_route.row[0]), "<sip:p1;lr>, <sip:p2;lr>");
    EXPECT_EQ(text(response.service_route.row[1]), "<sip:p3;lr>");
    EXPECT_EQ(text(response.require.row[0]), "a");
}

TEST_F(Parser, PAR_8_ChallengesAreRowsWithTheirCommas) {
    EXPECT_EQ(verdict(corpus_message("many-challenges").bytes), ParseError::none);
    ASSERT_EQ(response.www_authenticate.count, 2);
    EXPECT_EQ(text(response.www_authenticate.row[1]), "Digest realm=\"a,b\", nonce=\"2\", algorithm=MD5, opaque=\"\"");
    EXPECT_EQ(response.proxy_authenticate.count, 1);
}

TEST_F(Parser, PAR_9_QuotedDisplayNamesHideTheirMarks) {
    EXPECT_EQ(verdict(ok_parties("From: \"a\\\"<b>;tag=no,\\\\\" <sip:a@b>;tag=yes\n"
                                 "To: Some Phone.~ <sip:c@d>;x=\";tag=no\";tag=also\n")),
              ParseError::none);
    EXPECT_EQ(text(response.from_tag), "yes");
    EXPECT_EQ(text(response.to_tag), "also");
    for (const char* bad : {"\"open <sip:a@b>", "\"x\" sip:a@b", "<sip:a@b", "sip:a@b>", "bob", "", "<>", "<bob>",
                            "<sip:>", "<sip:a b>", "<sip:a@b>, <sip:c@d>", "<sip:a@b> x", "\"x\"y <sip:a@b>",
                            "a\"b\" <sip:a@b>", "<sip:a@b>;tag=\"x", "<sip:a@b>;=x"}) {
        EXPECT_EQ(verdict(ok_parties("From: " + std::string(bad) + "\nTo: <sip:a@b>\n")), ParseError::bad_address)
            << bad;
    }
}

TEST_F(Parser, PAR_11_ViaHasWhiteSpaceEverywhere) {
    EXPECT_EQ(
        verdict(ok_via("Via: SIP / 2.0 /\n UDP h : 5060 ; branch = z9hG4bKx ;\n rport = 9 ;received\t= 1.2.3.4\n")),
        ParseError::none);
    EXPECT_EQ(text(response.sent_by), "h : 5060");
    EXPECT_TRUE(same_sent_by(response.text(response.sent_by), "H:5060"));
    EXPECT_EQ(text(response.branch), "z9hG4bKx");
    EXPECT_EQ(response.rport, 9);
    EXPECT_EQ(text(response.received), "1.2.3.4");
}

TEST_F(Parser, PAR_11_RefusesWhatIsNoUdpVia) {
    for (const char* bad : {"SIP/2.0/TCP h;branch=x", "SIP/2.0/UDPh;branch=x", "SIP/2.0/UDP ;branch=x", "SIP/2.0/UDP h",
                            "SIP/2.0/UDP h;branch", "SIP/2.0/UDP h;branch=", "SIP/2.0/UDP h;branch=\"x\"",
                            "SIP/2.0/UDP h i;branch=x", "SIP/3.0/UDP h;branch=x", "", ",SIP/2.0/UDP h;branch=x",
                            "SIP/2.0/UDP h;branch=x;y=\"", "SIP/2.0/UDP h;branch=x;<"}) {
        EXPECT_EQ(verdict(ok_via("Via: " + std::string(bad) + "\n")), ParseError::bad_via) << bad;
    }
}

TEST_F(Parser, PAR_12_ParameterNamesHaveAnyCase) {
    EXPECT_EQ(verdict(ok_via("Via: sip/2.0/udp h;BRANCH=Z9hG4bKaB;RPORT=1;ReCeived=x\n")), ParseError::none);
    EXPECT_EQ(text(response.branch), "Z9hG4bKaB");
    EXPECT_EQ(response.rport, 1);
    EXPECT_EQ(text(response.received), "x");
}

TEST_F(Parser, PAR_14_UnknownHeadersAndParametersAreIgnored) {
    EXPECT_EQ(verdict(ok_with("X: \"\n~odd!name*: ;;,\nMax-Forwards: 999\nAuthorization: x\nRoute: <\nx-empty:\n"
                              "Warning: 1812 overture \"x\"\n")),
              ParseError::none);
    for (const char* bad : {"no colon\n", ": no name\n", "bad name: x\n",
                            "b\xc3\xa4"
                            "d: x\n",
                            "x\r\n: y\n"}) {
        EXPECT_EQ(verdict(ok_with(bad)), ParseError::header_line) << bad;
    }
}

TEST_F(Parser, PAR_15_RetryAfterHasCommentsAndParameters) {
    for (const char* value : {"120", "120 (I'm in a (meeting))", "120;duration=3600", "120 ( \\) ) ; x = y", "0120"}) {
        EXPECT_EQ(verdict(ok_with("Retry-After: " + std::string(value) + "\n")), ParseError::none) << value;
        EXPECT_EQ(response.retry_after_s, 120U);
    }
    EXPECT_EQ(verdict(ok_with("Retry-After: 0\n")), ParseError::none);
    EXPECT_TRUE(response.has_retry_after);
    EXPECT_EQ(response.retry_after_s, 0U);
    EXPECT_EQ(verdict(ok_with("Retry-After: soon\n")), ParseError::bad_number);
    EXPECT_EQ(verdict(ok_with("Retry-After: 120 seconds\n")), ParseError::bad_number);
}

TEST_F(Parser, PAR_17_WhatMayStandOnceIsRefusedTwice) {
    for (const char* row : {"Call-ID: 77@h", "i: 77@h", "CSeq: 1 REGISTER", "From: <sip:a@b>", "t: <sip:a@b>"}) {
        EXPECT_EQ(verdict(ok_with(std::string(row) + "\n")), ParseError::duplicate_header) << row;
    }
    EXPECT_EQ(verdict(ok_with("Content-Length: 0\nl: 0\n")), ParseError::duplicate_header);
}

TEST_F(Parser, PAR_17_OfOtherHeadersTheFirstCounts) {
    EXPECT_EQ(verdict(ok_with("Expires: 5\nExpires: 6\nRetry-After: 1\nRetry-After: 2\n")), ParseError::none);
    EXPECT_EQ(response.expires_s, 5U);
    EXPECT_EQ(response.retry_after_s, 1U);
    EXPECT_EQ(verdict(ok_with("Expires: 5\nExpires: x\n")), ParseError::bad_number);
}

TEST_F(Parser, PAR_17_WhatMustStandOnceIsMissedWhenNot) {
    for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
        std::string text = ok_with("");
        const std::size_t at = text.find("\n" + std::string(name) + ":") + 1;
        text.erase(at, text.find('\n', at) + 1 - at);
        EXPECT_EQ(verdict(text), ParseError::missing_header) << name;
    }
    EXPECT_EQ(verdict(crlf("SIP/2.0 200 OK\n" + via + parties + "CSeq: 1 REGISTER\nCall-ID:\n\n")),
              ParseError::missing_header);
}

TEST_F(Parser, PAR_18_EndsWithoutTheEmptyLineAreTruncated) {
    const std::string whole = ok_with("");
    EXPECT_EQ(verdict(whole.substr(0, whole.size() - 2)), ParseError::truncated);
    EXPECT_EQ(verdict(whole.substr(0, whole.size() - 1)), ParseError::truncated);
    EXPECT_EQ(verdict("SIP/2.0 200 OK"), ParseError::truncated);
    EXPECT_EQ(verdict("SIP/2.0 20"), ParseError::start_line);
}

TEST_F(Parser, PAR_18_HugeHostileDatagramsGetAVerdict) {
    const auto repeat = [](const std::string& begin, const std::string& unit, std::size_t size) {
        std::string out = begin;
        while (out.size() + unit.size() <= size) {
            out += unit;
        }
        return out;
    };
    const std::string start = "SIP/2.0 200 OK\r\n";
    EXPECT_EQ(verdict(repeat(start, "\r\n", 65'535)), ParseError::missing_header);
    EXPECT_EQ(verdict(repeat(start + "a: ", "x", 65'535)), ParseError::truncated);
    EXPECT_EQ(verdict(repeat(start, "a:\n", 65'535)), ParseError::truncated);
    EXPECT_EQ(verdict(repeat(start + "a:", "\n ", 65'535)), ParseError::truncated);
    EXPECT_EQ(verdict(repeat(start + "f:a:b", ";a=\"\\\"\"", 65'533) + "\n\n"), ParseError::missing_header);
    EXPECT_EQ(verdict(repeat(start + "v:SIP/2.0/UDP h;branch=x", ",h", 65'535)), ParseError::truncated);
    EXPECT_EQ(verdict(std::string(65'536, '\n')), ParseError::start_line);
}

TEST_F(Parser, MAT_1_GivesTheBranchAsReceivedAndTheCseqMethod) {
    EXPECT_EQ(verdict(ok_with("")), ParseError::none);
    EXPECT_EQ(text(response.branch), "z9hG4bKabc");
    EXPECT_EQ(response.cseq, 1'000'000'001U);
    EXPECT_EQ(response.cseq_method, Method::register_);
    EXPECT_EQ(verdict(crlf("SIP/2.0 200 OK\n" + via + parties + "Call-ID: 1\nCSeq: 1 register\n\n")), ParseError::none);
    EXPECT_EQ(response.cseq_method, Method::other) << "methods are case-sensitive";
}

TEST_F(Parser, MAT_2_GivesSentByForComparing) {
    EXPECT_EQ(verdict(ok_via("Via: SIP/2.0/UDP [2001:DB8::1]:5060;branch=x\n")), ParseError::none);
    EXPECT_TRUE(same_sent_by(response.text(response.sent_by), "[2001:db8:0::1]:5060"));
    EXPECT_FALSE(same_sent_by(response.text(response.sent_by), "[2001:db8::1]"));
    EXPECT_FALSE(same_sent_by(response.text(response.sent_by), "[2001:db8::2]:5060"));
    EXPECT_TRUE(same_sent_by("Host.Example.com", "host.example.COM"));
    EXPECT_FALSE(same_sent_by("198.18.0.1:5060", "198.18.0.1"));
    EXPECT_FALSE(same_sent_by("198.18.0.1:5060", "198.18.0.1:5061"));
}

TEST_F(Parser, MAT_3_CountsViasInRowsAndCommas) {
    EXPECT_EQ(verdict(ok_with("Via: SIP/2.0/TCP i;x=\",\", SIP/2.0/UDP j\nv: k\n")), ParseError::none);
    EXPECT_EQ(response.via_count, 4);
    EXPECT_EQ(text(response.branch), "z9hG4bKabc");
    EXPECT_EQ(verdict(ok_via("Via: SIP/2.0/UDP h;branch=x," + std::string(8000, ',') + "\n")), ParseError::none);
    EXPECT_EQ(response.via_count, 255);
}

TEST_F(Parser, MAT_4_KeepsTheCaseOfTheBranch) {
    EXPECT_EQ(verdict(ok_via("Via: SIP/2.0/UDP h;branch=Z9HG4BKABC\n")), ParseError::none);
    EXPECT_EQ(text(response.branch), "Z9HG4BKABC");
}

TEST_F(Parser, MAT_5_ReceivedMayDifferFromSentBy) {
    EXPECT_EQ(verdict(ok_via("Via: SIP/2.0/UDP 198.18.0.1:5060;branch=x;received=203.0.113.9;rport=1024\n")),
              ParseError::none);
    EXPECT_EQ(text(response.sent_by), "198.18.0.1:5060");
    EXPECT_EQ(text(response.received), "203.0.113.9");
}

TEST_F(Parser, TPT_2_ReceivedAndRportStandInAnyOrder) {
    for (const char* parameters :
         {";branch=x;rport=7;received=1.2.3.4", ";rport=7;branch=x;received=1.2.3.4",
          ";received=1.2.3.4;y;rport=7;branch=x", ";received=1.2.3.4;branch=x;rport;rport=7"}) {
        EXPECT_EQ(verdict(ok_via("Via: SIP/2.0/UDP h" + std::string(parameters) + "\n")), ParseError::none);
        EXPECT_EQ(response.rport, 7) << parameters;
        EXPECT_TRUE(response.rport_present);
        EXPECT_EQ(text(response.received), "1.2.3.4") << parameters;
        EXPECT_EQ(text(response.branch), "x") << parameters;
    }
    for (const char* value : {"rport", "rport=", "rport=0", "rport=65536", "rport=x", "rport=\"7\""}) {
        EXPECT_EQ(verdict(ok_via("Via: SIP/2.0/UDP h;branch=x;" + std::string(value) + "\n")), ParseError::none);
        EXPECT_EQ(response.rport, 0) << value;
        EXPECT_TRUE(response.rport_present) << value;
    }
    EXPECT_EQ(verdict(ok_via("Via: SIP/2.0/UDP h;branch=x\n")), ParseError::none);
    EXPECT_FALSE(response.rport_present);
    EXPECT_FALSE(response.received.present());
}

TEST_F(Parser, TPT_4_ContentLengthRules) {
    EXPECT_EQ(verdict(ok_with("Content-Length: 3\n") + "abcdef"), ParseError::none);
    EXPECT_EQ(text(response.body), "abc");
    EXPECT_EQ(verdict(ok_with("") + "abcdef"), ParseError::none);
    EXPECT_EQ(text(response.body), "abcdef");
    EXPECT_EQ(verdict(ok_with("Content-Length: 7\n") + "abcdef"), ParseError::content_length);
}

TEST_F(Parser, TPT_6_KeepAlivesAreNoMessages) {
    std::string stun = std::string("\x01\x01\x00\x04\x21\x12\xa4\x42", 8) + std::string(12, 'i') + "abcd";
    for (const std::string& bytes : {std::string(), std::string("\r\n"), std::string("\r\n\r\n"), std::string(4, '\0'),
                                     std::string("\0", 1), std::string("\n"), stun}) {
        EXPECT_EQ(verdict(bytes), ParseError::keep_alive);
        EXPECT_EQ(request_verdict(bytes), ParseError::keep_alive);
    }
    stun += "x";
    EXPECT_EQ(verdict(stun), ParseError::start_line) << "its length is wrong";
    EXPECT_EQ(verdict("\r\n" + ok_with("")), ParseError::start_line);
}

TEST_F(Parser, MSG_14_EXT_1_RecordRouteAndPathAreIgnored) {
    EXPECT_EQ(verdict(ok_with("Record-Route: <sip:rr;lr>\nPath: <sip:edge;lr;ob>, \"\nContact: <sip:a@b>\n")),
              ParseError::none);
    EXPECT_EQ(response.contacts.count, 1);
    EXPECT_EQ(response.service_route.count, 0);
}

TEST_F(Parser, RequestsGiveWhatAnswersNeed) {
    EXPECT_EQ(request_verdict(crlf("NOTIFY sip:a@198.18.0.1:5060 sip/2.0\n"
                                   "Via: SIP/2.0/UDP h;branch=x;rport, SIP/2.0/TCP i;branch=y\nVia: SIP/2.0/UDP j\n" +
                                   parties +
                                   "Call-ID: 1\nCSeq: 2 NOTIFY\nMax-Forwards: 70\nEvent: message-summary;id=7\n"
                                   "Route: <sip:p1;lr>\nSupported: path\nk: gruu\nRequire: x\nAuthorization: Digest a\n"
                                   "Content-Length: 4\n\nbody")),
              ParseError::none);
    EXPECT_EQ(request.method, Method::notify);
    EXPECT_EQ(request.text(request.method_text), "NOTIFY");
    EXPECT_EQ(request.text(request.uri), "sip:a@198.18.0.1:5060");
    EXPECT_EQ(request.vias.count, 2);
    EXPECT_EQ(request.via_count, 3);
    EXPECT_EQ(request.text(request.event), "message-summary;id=7");
    EXPECT_EQ(request.routes.count, 1);
    EXPECT_EQ(request.supported.count, 2);
    EXPECT_EQ(request.authorization.count, 1);
    EXPECT_EQ(request.max_forwards, 70);
    EXPECT_EQ(request.text(request.body), "body");
}

TEST_F(Parser, RowsThatPhonesWriteAreTakenWholeAndNoOthersForThem) {
    const std::string rows =
        "Max-Forwards: 70\nUser-Agent: x\nSupported: path\nExpires: 60\nAuthorization: Digest a\nAllow: INVITE\n";
    EXPECT_EQ(request_verdict(crlf("OPTIONS sip:a SIP/2.0\n" + via + parties + ids + rows + "\n")), ParseError::none);
    ASSERT_EQ(request.supported.count, 1);
    EXPECT_EQ(request.text(request.supported.row[0]), "path");
    ASSERT_EQ(request.authorization.count, 1);
    EXPECT_EQ(request.text(request.authorization.row[0]), "Digest a");
    EXPECT_EQ(request.expires_s, 60U);
    EXPECT_EQ(request.max_forwards, 70);
    const std::string others = "Supporteed: path\nAuthorizzation: Digest a\nMax-Forwarrds: 3\n";
    EXPECT_EQ(request_verdict(crlf("OPTIONS sip:a SIP/2.0\n" + via + parties + ids + others + "\n")), ParseError::none);
    EXPECT_EQ(request.supported.count, 0);
    EXPECT_EQ(request.authorization.count, 0);
    EXPECT_FALSE(request.has_max_forwards);
}

TEST_F(Parser, RequestLinesAreStrict) {
    for (const char* line :
         {"", " ", "OPTIONS", "OPTIONS sip:a", "OPTIONS  sip:a SIP/2.0", "OPTIONS sip:a  SIP/2.0",
          "OPTIONS sip:a SIP/2.0 ", "OPTIONS a SIP/2.0", "OPT<IONS sip:a SIP/2.0", "OPTIONS sip: SIP/2.0",
          "OPTIONS 1sip:a SIP/2.0", "OPTIONS SIP/2.0", "OPTIONS sip:a SIP/2.1", "SIP/2.0 200 OK"}) {
        const ParseError error = request_verdict(crlf(std::string(line) + "\n" + via + parties + ids + "\n"));
        EXPECT_EQ(error, ParseError::start_line) << line;
    }
}

TEST_F(Parser, EveryMethodIsKnownByItsName) {
    for (int i = 1; i <= static_cast<int>(Method::update); ++i) {
        const auto method = static_cast<Method>(i);
        const std::string name(to_text(method));
        EXPECT_EQ(
            request_verdict(crlf(name + " sip:a SIP/2.0\n" + via + parties + "Call-ID: 1\nCSeq: 1 " + name + "\n\n")),
            ParseError::none);
        EXPECT_EQ(request.method, method);
        EXPECT_EQ(request.cseq_method, method);
    }
}

TEST_F(Parser, RepeatedRowsPastTheEighthAreCountedAsOverflow) {
    std::string rows;
    for (int i = 0; i < 9; ++i) {
        EXPECT_FALSE(response.require.overflow);
        rows += "Require: r" + std::to_string(i) + "\n";
        EXPECT_EQ(verdict(ok_with(rows)), ParseError::none);
    }
    EXPECT_EQ(response.require.count, header_rows_max);
    EXPECT_TRUE(response.require.overflow);
}

}  // namespace
}  // namespace regstorm::sip
