// SPDX-License-Identifier: Apache-2.0
#include "regstorm/net/icmp.hpp"

#include <gtest/gtest.h>

#include "station.hpp"

namespace regstorm::net {
namespace {

const base::SocketAddress router{wire::ip("198.18.255.1"), 0};
const std::string request_text = "REGISTER sip:example.net SIP/2.0\r\nVia: SIP/2.0/UDP 198.18.0.5;branch=z9hG4bK";

wire::Bytes icmp_frame(std::uint16_t offset, const wire::Bytes& message) {
    const wire::Ip ip = {.source = router.ip, .destination = phone(offset).ip, .protocol = 1};
    return wire::frame({own_mac, gateway_mac, {}}, 0x0800, wire::packet(ip, message));
}

TEST(Icmp, PingIsAnsweredWithWhatItSent) {
    for (const std::size_t size : {0U, 1U, 56U, 1400U}) {
        Station station;
        wire::Bytes data(size, '\0');
        for (std::size_t i = 0; i < size; ++i) {
            data[i] = static_cast<char>(i);
        }
        EXPECT_EQ(station.fate_of(wire::padded(icmp_frame(4, wire::icmp(8, 0, 0x12340001, data)))),
                  FrameFate::echo_request);
        const wire::Bytes answer = station.frames.take_sent();
        ASSERT_GE(answer.size(), 60);
        EXPECT_EQ(answer.substr(0, 14), wire::frame({gateway_mac, own_mac, {}}, 0x0800, ""));
        EXPECT_EQ(wire::slow_sum(answer.substr(14, 20)), 0xffff);
        EXPECT_EQ(wire::number_at(answer, 14, 4), 0x45000000 + 28 + size);
        EXPECT_EQ(wire::number_at(answer, 20, 4), 0x40004001) << "DF, 64 hops, ICMP";
        EXPECT_EQ(answer.substr(26, 8), wire::ip_bytes(phone(4).ip) + wire::ip_bytes(router.ip));
        EXPECT_EQ(answer.substr(34, 8 + size), wire::icmp(0, 0, 0x12340001, data));
        station.check_sums();
    }
}

TEST(Icmp, PingTooLongForTheMtuIsNotAnswered) {
    Station station;
    EXPECT_EQ(station.fate_of(icmp_frame(4, wire::icmp(8, 0, 1, wire::Bytes(1473, 'x')))), FrameFate::echo_request);
    EXPECT_TRUE(station.frames.sent.empty());
    EXPECT_EQ(station.port.link_counters().dropped_too_long, 1);
    station.check_sums();
}

TEST(Icmp, AnswersThatFindNoBufferAreCounted) {
    Station station;
    station.frames.out_of_buffers = true;
    EXPECT_EQ(station.fate_of(icmp_frame(4, wire::icmp(8, 0, 1, "ping"))), FrameFate::echo_request);
    EXPECT_EQ(station.port.link_counters().dropped_no_buffer, 1);
    EXPECT_EQ(station.port.health().tx_dropped, 1) << "once, by the device";
}

TEST(Icmp, TXN_7_UnreachableIsReportedWithTheQuoteCutAnywhere) {
    Station station;
    const wire::Bytes quoted = wire::udp_packet(phone(5, 5062), registrar, request_text);
    for (const std::uint8_t type : {icmp_unreachable, icmp_parameter_problem}) {
        for (std::size_t quoted_bytes = 28; quoted_bytes <= quoted.size(); ++quoted_bytes) {
            const std::vector<Delivered> delivered =
                station.receive(icmp_frame(5, wire::icmp(type, 3, 0, quoted.substr(0, quoted_bytes))));
            ASSERT_EQ(delivered.size(), 1) << quoted_bytes;
            EXPECT_EQ(delivered[0].kind, port::RxKind::unreachable);
            EXPECT_EQ(delivered[0].data, request_text.substr(0, quoted_bytes - 28));
            EXPECT_EQ(delivered[0].source, (base::Source{5, 5062}));
            EXPECT_EQ(delivered[0].remote, registrar) << "whom we had sent to";
        }
        for (std::size_t quoted_bytes = 0; quoted_bytes < 28; ++quoted_bytes) {
            EXPECT_EQ(station.fate_of(icmp_frame(5, wire::icmp(type, 3, 0, quoted.substr(0, quoted_bytes)))),
                      FrameFate::icmp_other)
                << quoted_bytes;
        }
    }
    station.check_sums();
}

TEST(Icmp, TXN_7_ExtensionsBehindTheQuoteAreNoPartOfIt) {
    Station station;
    const wire::Bytes quoted = wire::udp_packet(phone(5), registrar, std::string(500, 'R'));
    const wire::Bytes message = wire::icmp(3, 1, 128 / 4 << 16, quoted.substr(0, 128) + "extensions");
    EXPECT_EQ(station.receive(icmp_frame(5, message)).at(0).data, std::string(100, 'R'));
    const wire::Bytes trailer = wire::icmp(3, 1, 0, wire::udp_packet(phone(5), registrar, "short") + "trailer");
    EXPECT_EQ(station.receive(icmp_frame(5, trailer)).at(0).data, "short");
    station.check_sums();
}

TEST(Icmp, TXN_7_ErrorsAboutDatagramsOfOthersAreOnlyCounted) {
    Station station;
    const auto error_about = [](const wire::Bytes& quoted) { return icmp_frame(5, wire::icmp(3, 3, 0, quoted)); };
    const wire::Ip piece = {.source = phone(5).ip, .destination = registrar.ip, .fragment = 0x2001};
    const wire::Ip tcp = {.source = phone(5).ip, .destination = registrar.ip, .protocol = 6};
    for (const wire::Bytes& frame : {
             error_about(wire::udp_packet(registrar, phone(5), request_text)),
             error_about(wire::udp_packet(phone(6), registrar, request_text)),        // came to another phone
             error_about(wire::udp_packet(phone(5, 5070), registrar, request_text)),  // no port of ours
             error_about(wire::packet(piece, wire::udp(phone(5), registrar, request_text))),
             error_about(wire::packet(tcp, wire::udp(phone(5), registrar, request_text))),
             icmp_frame(5, wire::icmp(4, 0, 0, wire::udp_packet(phone(5), registrar, request_text))),
             icmp_frame(5, wire::icmp(11, 0, 0, wire::udp_packet(phone(5), registrar, request_text))),
             icmp_frame(5, wire::icmp(0, 0, 0, "an echo reply that nobody asked for")),
         }) {
        EXPECT_EQ(station.fate_of(frame), FrameFate::icmp_other);
    }
    EXPECT_EQ(station.fate_of(icmp_frame(5, "7 bytes")), FrameFate::bad_length);
    wire::Bytes wrong = icmp_frame(5, wire::icmp(8, 0, 1, "ping"));
    wrong.back() = 'x';
    EXPECT_EQ(station.fate_of(wrong), FrameFate::bad_checksum);
    EXPECT_TRUE(station.frames.sent.empty());
    station.check_sums();
}

}  // namespace
}  // namespace regstorm::net
