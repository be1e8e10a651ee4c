// SPDX-License-Identifier: Apache-2.0
#include "corpus.hpp"

namespace regstorm::sip {
namespace {

/// A request of RFC 4475 whose point is one row or the start line; the rest is the same in all of them.
std::string with(const std::string& start_line, const std::string& rows, const std::string& leave_out = "") {
    std::string text = start_line + "\n";
    const auto row = [&](const std::string& name, const std::string& value) {
        if (leave_out.find(name) == std::string::npos) {
            text += name + ": " + value + "\n";
        }
    };
    row("Via", "SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw");
    row("Max-Forwards", "70");
    row("From", "<sip:caller@example.com>;tag=938sd");
    row("To", "sip:user@example.com");
    row("Call-ID", "torture.abcdefghijklmnop@192.0.2.1");
    row("CSeq", "8 " + start_line.substr(0, start_line.find(' ')));
    return crlf(text + rows + "\n");
}

std::string long_request() {
    std::string text = "INVITE sip:user@example.com SIP/2.0\nTo: \"I have a user name of " + std::string(200, 'e') +
                       "xtreme proportion\" <sip:user@example.com:6000;unknownparam1=very" + std::string(150, 'l') +
                       "ongvalue;longparam" + std::string(100, 'n') +
                       "ame=shortvalue;verylong>\nF: sip:amazinglylongcallername" + std::string(150, 'x') +
                       "@example.net;tag=12" + std::string(200, '9') + "424;unknownheaderparam" +
                       std::string(100, 'n') + "ame=unknowheaderparam" + std::string(100, 'v') +
                       "alue;unknownValuelessparam\nCall-ID: longreq.one" + std::string(130, 'r') +
                       "eallylongcallid\nCSeq: 3882340 INVITE\nUnknown-" + std::string(100, 'L') +
                       "ong-Name: unknown-" + std::string(200, 'l') + "ong-value; unknown-parameter=1\n";
    for (int i = 33; i > 0; --i) {
        text += "Via: SIP/2.0/UDP sip" + std::to_string(i) + ".example.com;branch=z9hG4bK" + std::to_string(i) + "\n";
    }
    text += "v: SIP/2.0/UDP 192.0.2.1:55;branch=z9hG4bK" + std::string(200, 'b') +
            "ranch\nMax-Forwards: 70\nContact: <sip:amazingly" + std::string(100, 'l') +
            "ongcallername@host5.example.net>\nContent-Length: 0\n\n";
    return crlf(text);
}

const std::string wsinv =
    "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
    "TO :\r\n"
    " sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
    "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n"
    "  ;\r\n"
    "  tag = 98asjd8\r\n"
    "MaX-fOrWaRdS: 0068\r\n"
    "Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
    "Content-Length   : 3\r\n"
    "cseq: 0009\r\n"
    "  INVITE\r\n"
    "Via  : SIP  /   2.0\r\n"
    " /UDP\r\n"
    "    192.0.2.2;branch=390skdjuw\r\n"
    "s :\r\n"
    "NewFangledHeader:   newfangled value\r\n"
    " continued newfangled value\r\n"
    "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
    "Content-Type: application/sdp\r\n"
    "Route:\r\n"
    " <sip:services.example.com;lr;unknownwith=value;unknown-no-value>\r\n"
    "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n"
    "  branch  =   z9hG4bK9ikj8  ,\r\n"
    " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n"
    " z9hG4bK30239\r\n"
    "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n"
    "      newvalue ;\r\n"
    "  secondparam ; q = 0.33\r\n"
    "\r\n"
    "v=0";

const std::string intmeth =
    "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!"
    "*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0\r\n"
    "Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\r\n"
    "To: \"BEL:\\\x07 NUL:\\" +
    std::string(1, '\0') +
    " DEL:\\\x7f\" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\r\n"
    "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%="
    "\"\xd1\x80\xd0\xb0\xd0\xb1\";tag=_token~1'+`*%!-.`\r\n"
    "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n"
    "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\r\n"
    "Max-Forwards: 255\r\n"
    "extensionHeader-!.%*+_`'~:\xef\xbb\xbf\xe5\xa4\xa7\xe5\x81\x9c\xe9\x9b\xbb\r\n"
    "Content-Length: 0\r\n"
    "\r\n";

std::vector<CorpusMessage> valid_messages() {
    const std::string start = "REGISTER sip:example.com SIP/2.0";
    const ParseError ok = ParseError::none;
    return {
        {"4475-3.1.1.1-wsinv", false, ok, wsinv},
        {"4475-3.1.1.2-intmeth", false, ok, intmeth},
        {"4475-3.1.1.3-esc01", false, ok,
         with("INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0",
              "Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>\n")},
        {"4475-3.1.1.4-escnull", false, ok,
         with(start, "Contact: <sip:%00@host5.example.com>\nContact: <sip:%00%00@host5.example.com>\n")},
        {"4475-3.1.1.5-esc02", false, ok,
         with("RE%47IST%45R sip:registrar.example.com SIP/2.0", "C%6Fntact: <sip:alias1@host1.example.com>\n")},
        {"4475-3.1.1.6-lwsdisp", false, ok,
         with("OPTIONS sip:user@example.com SIP/2.0", "From: caller<sip:caller@example.com>;tag=323\n", "From")},
        {"4475-3.1.1.7-longreq", false, ok, long_request()},
        {"4475-3.1.1.8-dblreq", false, ok,
         with(start, "Content-Length: 0\n") + with("INVITE sip:joe@example.com SIP/2.0", "Content-Length: 0\n")},
        {"4475-3.1.1.9-semiuri", false, ok, with("OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0", "")},
        {"4475-3.1.1.10-transports", false, ok,
         with("OPTIONS sip:user@example.com SIP/2.0",
              "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf\nVia: SIP/2.0/TLS "
              "t3.example.com;branch=z9hG4bK2980unddj\n"
              "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en\nVia: SIP/2.0/TCP "
              "t5.example.com;branch=z9hG4bK0a9idfnee\n")},
        {"4475-3.1.1.11-mpart01", false, ok,
         with("MESSAGE sip:kumiko@example.org SIP/2.0", "Content-Length: 9\n") + std::string("--7a9\0\xff\r\n", 9)},
        {"4475-3.1.1.12-unreason", true, ok,
         with("SIP/2.0 200 = 2**3 * 5**2 \xd0\xbd\xd0\xbe \xd1\x81\xd1\x82\xd0\xbe", "CSeq: 35 INVITE\n", "CSeq")},
        {"4475-3.1.1.13-noreason", true, ok, with("SIP/2.0 100 ", "CSeq: 35 INVITE\n", "CSeq")},
        {"4475-3.2.1-badbranch", false, ok,
         with("OPTIONS sip:user@example.com SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\n", "Via")},
        {"4475-3.3.2-unkscm", false, ok, with("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0", "")},
        {"4475-3.3.3-novelsc", false, ok, with("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", "")},
        {"4475-3.3.4-unksm2", false, ok,
         with(start, "To: <http://www.example.com>\nContact: <name:John_Smith>\n", "To")},
        {"4475-3.3.5-bext01", false, ok,
         with(start, "Require: nothingSupportsThis, nothingSupportsThisEither\nProxy-Require: noProxiesSupportThis\n")},
        {"4475-3.3.7-regaut01", false, ok, with(start, "Authorization: NoOneKnowsThisScheme opaque-data=here\n")},
        {"4475-3.3.10-bcast", true, ok,
         with("SIP/2.0 200 OK", "Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK2\nCSeq: 1 INVITE\n", "CSeq")},
        {"4475-3.3.11-zeromf", false, ok, with(start, "Max-Forwards: 0\n", "Max-Forwards")},
        {"4475-3.3.12-cparam01", false, ok, with(start, "Contact: sip:+19725552222@gw1.example.net;unknownparam\n")},
        {"4475-3.3.13-cparam02", false, ok, with(start, "Contact: <sip:+19725552222@gw1.example.net;unknownparam>\n")},
        {"4475-3.3.14-regescrt", false, ok,
         with(start, "Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>\n")},
    };
}

/// Ill-formed or impossible; the verdict says what we see first.
std::vector<CorpusMessage> invalid_messages() {
    const std::string start = "REGISTER sip:example.com SIP/2.0";
    const std::string huge(100, '9');
    return {
        {"4475-3.1.2.1-badinv01", false, ParseError::bad_via,
         with(start, "Via: SIP/2.0/UDP 192.0.2.15;;,;,,\n", "Via")},
        {"4475-3.1.2.2-clerr", false, ParseError::content_length, with(start, "Content-Length: 9999\n") + "v=0\r\n"},
        {"4475-3.1.2.3-ncl", false, ParseError::bad_number, with(start, "Content-Length: -999\n")},
        {"4475-3.1.2.4-scalar02", false, ParseError::bad_cseq,
         with(start,
              "CSeq: 36893488147419103232 REGISTER\nExpires: 1" + huge +
                  "\nContact: <sip:user@host129.example.com>;expires=280297596632815\n",
              "CSeq")},
        {"4475-3.1.2.4-expires", false, ParseError::bad_number, with(start, "Expires: 1" + huge + "\n")},
        {"4475-3.1.2.4-max-forwards", false, ParseError::bad_number,
         with(start, "Max-Forwards: 300\n", "Max-Forwards")},
        {"4475-3.1.2.5-scalarlg", true, ParseError::bad_cseq,
         with("SIP/2.0 503 Service Unavailable",
              "CSeq: 9292394834772304023312 OPTIONS\nRetry-After: 949302838503028349304023988\nWarning: 1812 overture "
              "\"In Progress\"\n",
              "CSeq")},
        {"4475-3.1.2.5-retry-after", true, ParseError::bad_number,
         with("SIP/2.0 503 Service Unavailable", "CSeq: 1 OPTIONS\nRetry-After: 949302838503028349304023988\n",
              "CSeq")},
        {"4475-3.1.2.6-quotbal", false, ParseError::bad_address,
         with(start, "To: \"Mr. J. User <sip:j.user@example.com>\n", "To")},
        {"4475-3.1.2.7-ltgtruri", false, ParseError::start_line, with("INVITE <sip:user@example.com> SIP/2.0", "")},
        {"4475-3.1.2.8-lwsruri", false, ParseError::start_line, with("INVITE sip:user@example.com; lr SIP/2.0", "")},
        {"4475-3.1.2.9-lwsstart", false, ParseError::start_line, with("INVITE  sip:user@example.com  SIP/2.0", "")},
        {"4475-3.1.2.10-trws", false, ParseError::start_line, with("OPTIONS sip:t@example.com SIP/2.0  ", "")},
        // The next ones an element "may accept": the fault is in what we do not use, or can be read past.
        {"4475-3.1.2.11-escruri", false, ParseError::none,
         with("INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0", "")},
        {"4475-3.1.2.12-baddate", false, ParseError::none, with(start, "Date: Fri, 01 Jan 2010 16:00:00 EST\n")},
        {"4475-3.1.2.13-regbadct", false, ParseError::none,
         with(start, "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E\n")},
        {"4475-3.1.2.14-badaspec", false, ParseError::none,
         with(start, "To: \"Watson, Thomas\" < sip:t.watson@example.org >\n", "To")},
        {"4475-3.1.2.15-baddn", false, ParseError::bad_address,
         with(start, "From: Bell, Alexander <sip:a.g.bell@example.com>;tag=43\n", "From")},
        {"4475-3.1.2.16-badvers", false, ParseError::start_line, with("OPTIONS sip:t@example.com SIP/7.0", "")},
        {"4475-3.1.2.17-mismatch01", false, ParseError::none,
         with("OPTIONS sip:user@example.com SIP/2.0", "CSeq: 8 INVITE\n", "CSeq")},
        {"4475-3.1.2.18-mismatch02", false, ParseError::none,
         with("NEWMETHOD sip:user@example.com SIP/2.0", "CSeq: 8 INVITE\n", "CSeq")},
        {"4475-3.1.2.19-bigcode", true, ParseError::start_line,
         with("SIP/2.0 4294967301 better not break the receiver", "")},
        {"4475-3.3.1-insuf", false, ParseError::missing_header,
         with("OPTIONS sip:user@example.com SIP/2.0", "", "From To Call-ID")},
        {"4475-3.3.8-multi01", false, ParseError::duplicate_header,
         with(start, "CSeq: 59 REGISTER\nCall-ID: multi01.1\nFrom: sip:a@b\nTo: sip:a@b\nMax-Forwards: 5\n")},
        {"4475-3.3.9-mcl01", false, ParseError::duplicate_header,
         with(start, "Content-Length: 13\nContent-Length: 5\n")},
        {"4475-3.4.1-inv2543", false, ParseError::bad_via,
         with("INVITE sip:UserB@example.com SIP/2.0", "Via: SIP/2.0/UDP iftgw.example.com\n", "Via")},
    };
}

}  // namespace

std::vector<CorpusMessage> torture_messages() {
    std::vector<CorpusMessage> all = valid_messages();
    const std::vector<CorpusMessage> more = invalid_messages();
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

}  // namespace regstorm::sip
