// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/request_template.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "regstorm/base/prng.hpp"

namespace regstorm::sip {
namespace {

constexpr std::string_view branch = "z9hG4bK0000000001000aaaaa12";

TemplateSpec spec(RequestKind kind) {
    TemplateSpec made;
    made.kind = kind;
    made.domain = "sip.example";
    made.user_agent = "Desk Phone 1.0";
    return made;
}

RequestFields fields() {
    RequestFields made;
    made.branch = branch;
    made.source = "198.18.0.1:5060";
    made.user = "user000001";
    made.identity = 0x0123456789abcdef;
    made.device = 77;
    made.cseq = cseq_first;
    made.expires_s = 3600;
    return made;
}

std::string written(const TemplateSpec& s, const RequestFields& f) {
    const RequestTemplate request(s);
    const std::uint32_t bound = request.chars_max(f);
    std::string text(bound + 1, '?');
    const std::uint32_t size = request.write(text.data(), f);
    EXPECT_LE(size, bound);
    EXPECT_EQ(text.back(), '?') << "wrote too far";
    text.resize(size);
    return text;
}

/// The rows between start line and blank line; fails when a line end is not CRLF.
std::vector<std::string> rows(const std::string& text) {
    std::vector<std::string> found;
    std::size_t at = text.find("\r\n") + 2;
    for (std::size_t end = text.find("\r\n", at); end != at; end = text.find("\r\n", at)) {
        EXPECT_NE(end, std::string::npos) << text;
        found.push_back(text.substr(at, end - at));
        at = end + 2;
    }
    EXPECT_EQ(at + 2, text.size()) << "something stands behind the blank line";
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), std::count(text.begin(), text.end(), '\r'));
    return found;
}

/// The value of the one row of that name; "absent" when there is none.
std::string row(const std::string& text, const std::string& name) {
    std::string value = "absent";
    for (const std::string& one : rows(text)) {
        if (one.starts_with(name + ": ")) {
            EXPECT_EQ(value, "absent") << name << " twice";
            value = one.substr(name.size() + 2);
        }
    }
    return value;
}

TEST(RequestTemplate, LooksLikeADeskPhonesRegister) {
    EXPECT_EQ(
        written(spec(RequestKind::register_), fields()),
        "REGISTER sip:sip.example SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 198.18.0.1:5060;branch=z9hG4bK0000000001000aaaaa12;rport\r\n"
        "From: <sip:user000001@sip.example>;tag=" +
            [] {
                char tag[from_tag_chars];
                write_from_tag(tag, fields().identity);
                return std::string(tag, sizeof tag);
            }() +
            "\r\nTo: <sip:user000001@sip.example>\r\n"
            "Call-ID: 0123456789abcdef\r\n"
            "CSeq: 1000000001 REGISTER\r\n"
            "Contact: <sip:user000001@198.18.0.1:5060>\r\n"
            "Max-Forwards: 70\r\n"
            "User-Agent: Desk Phone 1.0\r\n"
            "Supported: path\r\n"
            "Expires: 3600\r\n"
            "Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST(RequestTemplate, MSG_1_RequestUriHasNoUserAndToIsFromIsTheAor) {
    for (const RequestKind kind : {RequestKind::register_, RequestKind::remove, RequestKind::remove_all}) {
        const std::string text = written(spec(kind), fields());
        EXPECT_TRUE(std::regex_search(text, std::regex("^REGISTER sip:[^@ ]+ SIP/2\\.0\r\n")));
        const std::string to = row(text, "To");
        EXPECT_EQ(to, "<sip:user000001@sip.example>");
        EXPECT_EQ(row(text, "From").substr(0, to.size()), to);
    }
    EXPECT_EQ(RequestTemplate(spec(RequestKind::register_)).write_request_uri(nullptr, "user", {}), "sip:sip.example");
}

TEST(RequestTemplate, MSG_2_HasEveryMandatoryRowOnceAFromTagAndNoToTag) {
    for (const RequestKind kind :
         {RequestKind::register_, RequestKind::remove, RequestKind::remove_all, RequestKind::options}) {
        const std::string text = written(spec(kind), fields());
        for (const char* name : {"Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards", "Contact", "Content-Length"}) {
            EXPECT_NE(row(text, name), "absent") << name;
        }
        EXPECT_TRUE(std::regex_match(row(text, "From"), std::regex("<sip:[^>]+>;tag=[0-9a-f]{8}")));
        EXPECT_EQ(row(text, "To").find("tag"), std::string::npos);
        EXPECT_TRUE(std::regex_match(row(text, "Call-ID"), std::regex("[0-9a-f]{16}")));
        const char* const method = kind == RequestKind::options ? "OPTIONS" : "REGISTER";
        EXPECT_EQ(row(text, "CSeq"), std::string("1000000001 ") + method);
        EXPECT_TRUE(text.starts_with(std::string(method) + " sip:"));
    }
}

TEST(RequestTemplate, TPT_1_MSG_6_ViaAsksForRportAndCarriesTheBranch) {
    const std::string via = row(written(spec(RequestKind::register_), fields()), "Via");
    EXPECT_EQ(via, "SIP/2.0/UDP 198.18.0.1:5060;branch=" + std::string(branch) + ";rport");
}

TEST(RequestTemplate, TPT_7_TakesIpv6SourcesInBrackets) {
    RequestFields f = fields();
    const SourceText source = source_text(*base::parse_socket_address("[2001:db8::1]:5062", 0));
    f.source = source.view();
    const std::string text = written(spec(RequestKind::register_), f);
    EXPECT_TRUE(row(text, "Via").starts_with("SIP/2.0/UDP [2001:db8::1]:5062;branch="));
    EXPECT_EQ(row(text, "Contact"), "<sip:user000001@[2001:db8::1]:5062>");
    EXPECT_EQ(source_text(*base::parse_socket_address("192.0.2.1", 5060)).view(), "192.0.2.1:5060");
    const SourceText longest =
        source_text(*base::parse_socket_address("[1111:2222:3333:4444:5555:6666:7777:8888]:65535", 0));
    EXPECT_EQ(longest.view(), "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
}

TEST(RequestTemplate, MSG_8_AsksWithTheExpiresHeaderAndKeepsTheContactBare) {
    for (const std::uint32_t expires_s : {0u, 1u, 60u, 3'888'000u, 0xffff'ffffu}) {
        RequestFields f = fields();
        f.expires_s = expires_s;
        const std::string text = written(spec(RequestKind::register_), f);
        EXPECT_EQ(row(text, "Expires"), std::to_string(expires_s));
        EXPECT_EQ(row(text, "Contact").find("expires"), std::string::npos);
    }
}

TEST(RequestTemplate, MSG_9_MSG_10_RemoveAllIsAStarAloneWithExpiresZeroAndNoInstance) {
    TemplateSpec s = spec(RequestKind::remove_all);
    s.instance = true;
    const std::string text = written(s, fields());
    EXPECT_EQ(row(text, "Contact"), "*");
    EXPECT_EQ(row(text, "Expires"), "0");
    EXPECT_EQ(text.find("instance"), std::string::npos);
}

TEST(RequestTemplate, MSG_11_RemovesToTheByteTheContactItRegistered) {
    for (const bool instance : {false, true}) {
        TemplateSpec add = spec(RequestKind::register_);
        add.instance = instance;
        TemplateSpec remove = spec(RequestKind::remove);
        remove.instance = instance;
        const std::string removal = written(remove, fields());
        EXPECT_EQ(row(removal, "Contact"), row(written(add, fields()), "Contact") + ";expires=0");
        EXPECT_EQ(row(removal, "Expires"), "0");
    }
}

TEST(RequestTemplate, MSG_12_ContactUriIsInBracketsAndTheSameForEveryRefresh) {
    const TemplateSpec s = spec(RequestKind::register_);
    RequestFields refresh = fields();
    refresh.cseq += 1;
    refresh.branch = "z9hG4bK0000000001001bbbbb12";
    refresh.credentials = "Authorization: Digest x\r\n";
    const std::string contact = row(written(s, fields()), "Contact");
    EXPECT_EQ(row(written(s, refresh), "Contact"), contact);

    std::string uri(contact_uri_chars(fields().user, fields().source), '?');
    EXPECT_EQ(write_contact_uri(uri.data(), fields().user, fields().source), uri.data() + uri.size());
    EXPECT_EQ(contact, "<" + uri + ">");
}

TEST(RequestTemplate, MSG_13_HasNoBodyAndFitsAnUnknownMtu) {
    TemplateSpec s = spec(RequestKind::register_);
    s.instance = true;
    s.domain = std::string(60, 'd');
    s.user_agent = std::string(60, 'a');
    RequestFields f = fields();
    const std::string user(40, 'u');
    const std::string credentials = "Authorization: " + std::string(450, 'c') + "\r\n";
    f.user = user;
    f.credentials = credentials;
    const std::string text = written(s, f);
    EXPECT_EQ(row(text, "Content-Length"), "0");
    EXPECT_LE(text.size(), 1300u);
}

TEST(RequestTemplate, MSG_16_SupportsPathUnlessToldNotTo) {
    TemplateSpec s = spec(RequestKind::register_);
    EXPECT_EQ(row(written(s, fields()), "Supported"), "path");
    s.supported_path = false;
    EXPECT_EQ(row(written(s, fields()), "Supported"), "absent");
}

TEST(RequestTemplate, AUT_15_PutsCredentialRowsBehindTheContactAsTheyAre) {
    RequestFields f = fields();
    f.credentials = "Authorization: Digest a=\"1\"\r\nProxy-Authorization: Digest b=\"2\"\r\n";
    const std::vector<std::string> found = rows(written(spec(RequestKind::register_), f));
    ASSERT_GE(found.size(), 8u);
    EXPECT_TRUE(found[5].starts_with("Contact: "));
    EXPECT_EQ(found[6], "Authorization: Digest a=\"1\"");
    EXPECT_EQ(found[7], "Proxy-Authorization: Digest b=\"2\"");
}

TEST(RequestTemplate, OB_1_InstanceIsAUuidOfTheDeviceThatABootDoesNotChange) {
    TemplateSpec s = spec(RequestKind::register_);
    s.instance = true;
    const std::string contact = row(written(s, fields()), "Contact");
    EXPECT_TRUE(std::regex_match(
        contact, std::regex("<sip:[^>]+>;\\+sip\\.instance=\"<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-"
                            "[89ab][0-9a-f]{3}-[0-9a-f]{12}>\"")))
        << contact;
    char instance[instance_chars];
    EXPECT_EQ(write_instance(instance, fields().device), instance + instance_chars);
    EXPECT_NE(contact.find("\"" + std::string(instance, sizeof instance) + "\""), std::string::npos);

    RequestFields next_boot = fields();
    next_boot.identity += 1;
    EXPECT_EQ(row(written(s, next_boot), "Contact"), contact);
    RequestFields other = fields();
    other.device += 1;
    EXPECT_NE(row(written(s, other), "Contact"), contact);
}

TEST(RequestTemplate, KA_1_OptionsGoesToTheDomainWithoutExpires) {
    const std::string text = written(spec(RequestKind::options), fields());
    EXPECT_TRUE(text.starts_with("OPTIONS sip:sip.example SIP/2.0\r\n"));
    EXPECT_EQ(row(text, "To"), "<sip:sip.example>");
    EXPECT_EQ(row(text, "Expires"), "absent");
    EXPECT_EQ(row(text, "Accept"), "application/sdp");
}

TEST(RequestTemplate, LeavesOutWhatIsEmptyAndAddsExtraRows) {
    TemplateSpec s = spec(RequestKind::register_);
    s.user_agent.clear();
    s.extra_headers = "X-Site: 1\r\nX-Rack: 2\r\n";
    const std::string text = written(s, fields());
    EXPECT_EQ(row(text, "User-Agent"), "absent");
    EXPECT_EQ(row(text, "X-Site"), "1");
    EXPECT_EQ(row(text, "X-Rack"), "2");
}

TEST(RequestTemplate, StaysWithinItsBoundForFieldsOfEveryLength) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        SCOPED_TRACE(seed);
        base::Prng prng(seed);
        TemplateSpec s = spec(static_cast<RequestKind>(prng.below(4)));
        s.domain = std::string(1 + prng.below(40), 'd');
        s.instance = prng.below(2) == 0;
        const std::string user(1 + prng.below(70), 'u');
        const std::string source(9 + prng.below(40), 's');
        const std::string credentials(prng.below(2) * prng.below(500), 'c');
        RequestFields f = fields();
        f.user = user;
        f.source = source;
        f.credentials = credentials.empty() ? credentials : std::string_view(credentials);
        f.cseq = static_cast<std::uint32_t>(prng.next());
        f.expires_s = static_cast<std::uint32_t>(prng.next());
        const std::string text = written(s, f);
        EXPECT_TRUE(text.ends_with("Content-Length: 0\r\n\r\n"));
        EXPECT_NE(text.find("CSeq: " + std::to_string(f.cseq) + " "), std::string::npos);
        EXPECT_NE(text.find("From: <sip:" + user + "@" + s.domain + ">;tag="), std::string::npos);
    }
}

TEST(Identity, MAT_6_CallIdAndTagDifferBetweenIdentities) {
    std::set<std::string> call_ids;
    std::set<std::string> tags;
    for (std::uint64_t identity = 0; identity < 1000; ++identity) {
        char call_id[call_id_chars];
        char tag[from_tag_chars];
        EXPECT_EQ(write_call_id(call_id, base::mix64(identity)), call_id + call_id_chars);
        EXPECT_EQ(write_from_tag(tag, base::mix64(identity)), tag + from_tag_chars);
        call_ids.insert(std::string(call_id, sizeof call_id));
        tags.insert(std::string(tag, sizeof tag));
    }
    EXPECT_EQ(call_ids.size(), 1000u);
    EXPECT_EQ(tags.size(), 1000u);
}

}  // namespace
}  // namespace regstorm::sip
