// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/response_writer.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace regstorm::sip {
namespace {

/// A request by its values, laid out as a parser would find them in a datagram.
class Incoming {
  public:
    explicit Incoming(const std::vector<std::string>& vias, const std::string& sent_by, bool rport) {
        for (const std::string& via : vias) {
            request_.vias.row[request_.vias.count++] = place(via);
        }
        request_.sent_by = place(sent_by);
        request_.rport_present = rport;
        request_.from = place("\"Probe\" <sip:probe@192.0.2.1>;tag=abc");
        request_.to = place("<sip:user1@198.18.0.1:5060>");
        request_.call_id = place("call-1@192.0.2.1");
        request_.cseq = 1;
        request_.method_text = place("OPTIONS");
        request_.method = Method::options;
    }

    Request& request() {
        request_.data = text_.data();
        request_.size = static_cast<std::uint32_t>(text_.size());
        return request_;
    }
    Field place(const std::string& value) {
        const Field field{static_cast<std::uint16_t>(text_.size()), static_cast<std::uint16_t>(value.size())};
        text_ += value;
        return field;
    }

  private:
    std::string text_ = "-";
    Request request_;
};

std::string written(const Request& request, std::uint16_t status, std::string_view reason,
                    const ResponseExtras& extras) {
    std::string text(2000, '?');
    text.resize(write_response(text.data(), 2000, request, status, reason, extras));
    return text;
}

std::string first_via(const std::string& response) {
    const std::size_t at = response.find("Via: ") + 5;
    return response.substr(at, response.find("\r\n", at) - at);
}

TEST(WriteResponse, INC_1_EchoesViaListFromToCallIdAndCseqInOrder) {
    Incoming incoming({"SIP/2.0/UDP p.example;branch=z9hG4bK1, SIP/2.0/UDP q.example;branch=z9hG4bK2",
                       "SIP/2.0/UDP r.example;branch=z9hG4bK3"},
                      "p.example", false);
    ResponseExtras extras;
    extras.to_tag = "t1";
    extras.contacts = "Contact: <sip:user1@198.18.0.1:5060>;expires=60\r\n";
    extras.rows = "Allow: OPTIONS\r\nAccept: application/sdp\r\n";
    EXPECT_EQ(written(incoming.request(), 200, "OK", extras),
              "SIP/2.0 200 OK\r\n"
              "Via: SIP/2.0/UDP p.example;branch=z9hG4bK1, SIP/2.0/UDP q.example;branch=z9hG4bK2\r\n"
              "Via: SIP/2.0/UDP r.example;branch=z9hG4bK3\r\n"
              "From: \"Probe\" <sip:probe@192.0.2.1>;tag=abc\r\n"
              "To: <sip:user1@198.18.0.1:5060>;tag=t1\r\n"
              "Call-ID: call-1@192.0.2.1\r\n"
              "CSeq: 1 OPTIONS\r\n"
              "Contact: <sip:user1@198.18.0.1:5060>;expires=60\r\n"
              "Allow: OPTIONS\r\nAccept: application/sdp\r\n"
              "Content-Length: 0\r\n\r\n");
}

TEST(WriteResponse, KeepsAToTagThatIsThereAndAddsNoneTo100) {
    Incoming incoming({"SIP/2.0/UDP h;branch=z9hG4bK1"}, "h", false);
    ResponseExtras extras;
    EXPECT_NE(written(incoming.request(), 100, "Trying", extras).find("To: <sip:user1@198.18.0.1:5060>\r\n"),
              std::string::npos);
    extras.to_tag = "mine";
    incoming.request().to_tag = incoming.place("theirs");
    EXPECT_EQ(written(incoming.request(), 200, "OK", extras).find("mine"), std::string::npos);
}

TEST(WriteResponse, INC_6_TPT_2_FillsRportInPlaceAndAddsReceivedEvenWhenEqual) {
    ResponseExtras extras;
    extras.source_host = "192.0.2.7";
    extras.source_udp_port = 40000;
    const std::pair<const char*, const char*> vias[] = {
        {"SIP/2.0/UDP 192.0.2.7:5060;rport;branch=z9hG4bK1",
         "SIP/2.0/UDP 192.0.2.7:5060;rport=40000;branch=z9hG4bK1;received=192.0.2.7"},
        {"SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1; RPORT ;alias",
         "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1; RPORT=40000 ;alias;received=192.0.2.7"},
        {"SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;rport, SIP/2.0/UDP q;rport",
         "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1;rport=40000;received=192.0.2.7, SIP/2.0/UDP q;rport"},
        {"SIP/2.0/UDP 10.0.0.1;x=\"a;rport,b\\\"\";rport;received=1.2.3.4;y",
         "SIP/2.0/UDP 10.0.0.1;x=\"a;rport,b\\\"\";rport=40000;y;received=192.0.2.7"},
        {"SIP/2.0/UDP 10.0.0.1;received=1.2.3.4 ;rport , SIP/2.0/UDP q;received=5.6.7.8",
         "SIP/2.0/UDP 10.0.0.1;rport=40000 ;received=192.0.2.7, SIP/2.0/UDP q;received=5.6.7.8"},
        {"SIP/2.0/UDP 10.0.0.1;rport;x=\"a;b", "SIP/2.0/UDP 10.0.0.1;rport=40000;x=\"a;b;received=192.0.2.7"},
        {"SIP/2.0/UDP 10.0.0.1;rport;x=\"a\\", "SIP/2.0/UDP 10.0.0.1;rport=40000;x=\"a\\;received=192.0.2.7"},
        {"SIP/2.0/UDP 10.0.0.1;rport=9", "SIP/2.0/UDP 10.0.0.1;rport=9;received=192.0.2.7"},
        {"SIP/2.0/UDP 10.0.0.1;rport;", "SIP/2.0/UDP 10.0.0.1;rport=40000;;received=192.0.2.7"},
    };
    for (const auto& [via, expected] : vias) {
        Incoming incoming({via}, "10.0.0.1", true);
        EXPECT_EQ(first_via(written(incoming.request(), 200, "OK", extras)), expected);
    }
}

TEST(WriteResponse, AddsReceivedWithoutRportOnlyWhenTheHostIsAnother) {
    const auto via_for = [](const char* sent_by, const char* source_host) {
        ResponseExtras extras;
        extras.source_host = source_host;
        extras.source_udp_port = 5060;
        Incoming incoming({std::string("SIP/2.0/UDP ") + sent_by + ";branch=b"}, sent_by, false);
        return first_via(written(incoming.request(), 200, "OK", extras));
    };
    EXPECT_EQ(via_for("192.0.2.1:5060", "192.0.2.1"), "SIP/2.0/UDP 192.0.2.1:5060;branch=b");
    EXPECT_EQ(via_for("192.0.2.1", "192.0.2.1"), "SIP/2.0/UDP 192.0.2.1;branch=b");
    EXPECT_EQ(via_for("pc.example", "192.0.2.1"), "SIP/2.0/UDP pc.example;branch=b;received=192.0.2.1");
    EXPECT_EQ(via_for("192.0.2.10", "192.0.2.1"), "SIP/2.0/UDP 192.0.2.10;branch=b;received=192.0.2.1");
    EXPECT_EQ(via_for("[2001:DB8::1]:5060", "2001:db8::1"), "SIP/2.0/UDP [2001:DB8::1]:5060;branch=b");
    EXPECT_EQ(via_for("[2001:db8::2", "2001:db8::1"), "SIP/2.0/UDP [2001:db8::2;branch=b;received=2001:db8::1");
    EXPECT_EQ(via_for("[", "::1"), "SIP/2.0/UDP [;branch=b;received=::1");
    EXPECT_EQ(via_for("pc.example", ""), "SIP/2.0/UDP pc.example;branch=b");
}

TEST(WriteResponse, GivesNothingWhenItDoesNotFitAndNeverWritesBehindTheCapacity) {
    Incoming incoming({"SIP/2.0/UDP 192.0.2.7:5060;rport;branch=z9hG4bK1"}, "192.0.2.7:5060", true);
    ResponseExtras extras;
    extras.to_tag = "t1";
    extras.source_host = "192.0.2.7";
    extras.source_udp_port = 40000;
    const std::uint32_t whole =
        static_cast<std::uint32_t>(written(incoming.request(), 486, "Busy Here", extras).size());
    ASSERT_GT(whole, 0u);
    for (std::uint32_t capacity = 0; capacity <= whole + 2; ++capacity) {
        std::string text(capacity + 16, '?');
        const std::uint32_t size = write_response(text.data(), capacity, incoming.request(), 486, "Busy Here", extras);
        EXPECT_EQ(size, capacity < whole ? 0 : whole);
        EXPECT_EQ(text.substr(capacity), std::string(16, '?'));
    }
}

TEST(WriteResponse, WritesTheSameWhenThePlaceOfRportIsKnown) {
    for (const std::string& via : {std::string("SIP/2.0/UDP 192.0.2.7:5060;rport;branch=z9hG4bK1"),
                                   std::string("SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK1;rport")}) {
        Incoming incoming({via}, "192.0.2.7:5060", true);
        const ResponseExtras extras{
            .to_tag = "t1", .rows = "X: y\r\n", .source_host = "192.0.2.7", .source_udp_port = 40000};
        const std::string expected = written(incoming.request(), 486, "Busy Here", extras);
        Request known = incoming.request();
        known.bare_rport = {static_cast<std::uint16_t>(known.vias.row[0].offset + via.find("rport")), 5};
        EXPECT_EQ(written(known, 486, "Busy Here", extras), expected);
        EXPECT_EQ(first_via(expected).substr(via.size() + 6), ";received=192.0.2.7");
        for (std::uint32_t capacity = 0; capacity <= expected.size() + 600; ++capacity) {
            std::string text(capacity + 16, '?');
            const std::uint32_t size = write_response(text.data(), capacity, known, 486, "Busy Here", extras);
            EXPECT_EQ(size, capacity < expected.size() ? 0 : expected.size());
            EXPECT_EQ(text.substr(capacity), std::string(16, '?'));
        }
    }
}

TEST(WriteResponse, RefusesARequestWhoseViasWereNotAllKept) {
    Incoming incoming({"SIP/2.0/UDP h;branch=z9hG4bK1"}, "h", false);
    incoming.request().vias.overflow = true;
    EXPECT_EQ(written(incoming.request(), 200, "OK", {}), "");
}

}  // namespace
}  // namespace regstorm::sip
