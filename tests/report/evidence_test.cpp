// SPDX-License-Identifier: Apache-2.0
// tests/interop/capture_test.py has tshark read whole files; this is about what is chosen and how it is told.
#include "regstorm/report/evidence.hpp"

#include <cstring>
#include <gtest/gtest.h>

namespace regstorm::report {
namespace {

constexpr base::SocketAddress phone{base::IpAddress::from_ipv4(0xc612'0001), 5062};
constexpr base::SocketAddress registrar{base::IpAddress::from_ipv4(0xc613'0001), 5060};

std::string request(int branch, int cseq) {
    return "REGISTER sip:r SIP/2.0\r\nVia: SIP/2.0/UDP p;branch=z9hG4bK" + std::to_string(branch) +
           ";rport\r\nCSeq: " + std::to_string(cseq) + " REGISTER\r\nExpires: 60\r\n\r\n";
}

std::string answer(const std::string& status, int branch, int cseq) {
    return "SIP/2.0 " + status + "\r\nVia: SIP/2.0/UDP p;branch=z9hG4bK" + std::to_string(branch) +
           ";rport=5\r\nCSeq: " + std::to_string(cseq) + " REGISTER\r\n\r\n";
}

struct Talk {
    std::vector<std::string> texts;
    std::vector<bool> out;

    Talk& sent(std::string text) { return add(std::move(text), true); }
    Talk& received(std::string text) { return add(std::move(text), false); }
    Talk& add(std::string text, bool is_out) {
        texts.push_back(std::move(text));
        out.push_back(is_out);
        return *this;
    }
    [[nodiscard]] std::vector<Packet> packets() const {
        std::vector<Packet> all;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            all.push_back({.at_ns = 1'000'000'000'000 + i * 1'500'000,
                           .size = static_cast<std::uint32_t>(texts[i].size()),
                           .out = out[i],
                           .local = phone,
                           .remote = registrar,
                           .bytes = texts[i]});
        }
        return all;
    }
};

TEST(Failures, AreWhatWasRefusedSentAgainOrNeverAnswered) {
    Talk talk;
    talk.sent(request(1, 1)).received(answer("401 Unauthorized", 1, 1));
    talk.sent(request(2, 2)).received(answer("200 OK", 2, 2));
    talk.sent(request(3, 1)).received(answer("403 Forbidden", 3, 1));
    talk.sent(request(4, 1)).sent(request(4, 1)).received(answer("200 OK", 4, 1));
    talk.sent(request(5, 1));
    std::vector<std::string> kept;
    const std::vector<Packet> all = talk.packets();
    for (const Packet& packet : failures_of(all)) {
        kept.emplace_back(packet.bytes);
    }
    EXPECT_EQ(kept, std::vector<std::string>(talk.texts.begin() + 4, talk.texts.end()));
}

TEST(Ladder, TellsALifeInTheOrderOfTime) {
    Talk talk;
    talk.sent(request(1, 7)).sent(request(1, 7)).received(answer("200 OK", 1, 7));
    EXPECT_EQ(ladder(talk.packets(), "phone 7"),
              "phone 7\n"
              "     seconds  phone                           registrar\n"
              "    0.000000  |-- REGISTER ------------------->|  CSeq 7 REGISTER, Expires 60\n"
              "    0.001500  |-- REGISTER ------------------->|  CSeq 7 REGISTER, Expires 60, again\n"
              "    0.003000  |<---------------------- 200 OK--|  CSeq 7 REGISTER\n");
    EXPECT_NE(ladder({}, "phone 9").find("nothing was sent or received"), std::string::npos);
}

TEST(Payload, IsFoundBehindTheHeadersOfAFrame) {
    const std::string text = request(1, 1);
    std::string v4(42, '\0');
    v4[12] = 8;
    v4[14] = 0x45;
    v4[23] = 17;
    std::string tagged = v4.substr(0, 12) + std::string("\x81\0\0\7", 4) + v4.substr(12);
    std::string v6(62, '\0');
    v6[14] = 0x60;
    v6[20] = 17;
    for (const std::string& header : {v4, tagged, v6}) {
        const std::string bytes = header + text;
        EXPECT_EQ(payload_of({.frame = true, .bytes = bytes}), text);
    }
    v4[23] = 6;
    EXPECT_EQ(payload_of({.frame = true, .bytes = v4}), "");
    EXPECT_EQ(payload_of({.frame = true, .bytes = "short"}), "");
}

TEST(Pcapng, HasWholeBlocksWhateverTheLength) {
    for (std::size_t size = 0; size < 9; ++size) {
        const std::string text(size, 'x');
        const std::string file =
            pcapng({{.size = static_cast<std::uint32_t>(size), .local = phone, .remote = registrar, .bytes = text}},
                   "regstorm");
        std::size_t blocks = 0;
        for (std::size_t at = 0; at < file.size(); ++blocks) {
            std::uint32_t length = 0;
            std::memcpy(&length, file.data() + at + 4, sizeof length);
            ASSERT_GE(length, 12U);
            ASSERT_LE(at + length, file.size());
            EXPECT_EQ(std::memcmp(file.data() + at + 4, file.data() + at + length - 4, 4), 0);
            at += length;
        }
        EXPECT_EQ(blocks, 3U);
    }
}

}  // namespace
}  // namespace regstorm::report
