// SPDX-License-Identifier: Apache-2.0
// The same link on IPv6: neighbour discovery instead of ARP, ICMPv6, and checksums that nobody may leave out.
#include <gtest/gtest.h>

#include "regstorm/net/icmp.hpp"
#include "station.hpp"

namespace regstorm::net {
namespace {

const base::IpAddress link_local = wire::ip("fe80::2");
const base::IpAddress nobody = wire::ip("::");

LinkConfig phones6() { return phones("2001:db8::1"); }

wire::Bytes mac_option(std::uint8_t type, const base::MacAddress& mac) {
    return wire::Bytes{static_cast<char>(type), 1} + wire::mac_bytes(mac);
}

struct Neighbour {
    std::uint8_t type;
    base::IpAddress source;
    base::IpAddress destination;
    base::IpAddress target;
    wire::Bytes options;
    std::uint32_t flags = 0;
    std::uint8_t hop_limit = 255;
};

wire::Bytes neighbour_frame(const wire::Ethernet& ethernet, const Neighbour& message) {
    const wire::Ip ip = {
        .source = message.source, .destination = message.destination, .protocol = 58, .hop_limit = message.hop_limit};
    const wire::Bytes body = wire::ip_bytes(message.target) + message.options;
    return wire::frame(ethernet, 0x86dd, wire::packet(ip, wire::icmp6(ip, message.type, 0, message.flags, body)));
}

/// "Who has the phone", as the registrar asks it.
Neighbour question(const base::IpAddress& target) {
    return {135, link_local, wire::ip("ff02::1:ff00:1"), target, mac_option(1, registrar_mac)};
}
const wire::Ethernet to_group{wire::mac("33:33:ff:00:00:01"), registrar_mac, {}};

TEST(Ipv6, NeighbourIsAskedForAndUsed) {
    LinkConfig config = phones6();
    config.remotes = {registrar6.ip};
    Station station(config);
    station.port.tick(0);
    const Neighbour asked = {135, phone6(0).ip, wire::ip("ff02::1:ff01:1"), registrar6.ip, mac_option(1, own_mac)};
    EXPECT_EQ(station.frames.take_sent(), neighbour_frame({wire::mac("33:33:ff:01:00:01"), own_mac, {}}, asked));

    const Neighbour answer = {136,       registrar6.ip, phone6(0).ip, registrar6.ip, mac_option(2, registrar_mac),
                              0x60000000};
    EXPECT_EQ(station.fate_of(neighbour_frame(from_registrar, answer)), FrameFate::neighbour_advertisement);
    EXPECT_EQ(station.port.link_state(), port::LinkState::ready);
    station.send("REGISTER", {9, 5061}, registrar6);
    EXPECT_EQ(station.frames.take_sent(),
              wire::udp_frame({registrar_mac, own_mac, {}}, phone6(9, 5061), registrar6, "REGISTER"));
    station.check_sums();
}

TEST(Ipv6, NeighbourThatDoesNotAnswerIsNamed) {
    LinkConfig config = phones6();
    config.remotes = {registrar6.ip};
    config.resolve_timeout_ns = second_ns;
    Station station(config);
    station.port.tick(1);
    station.port.tick(1 + second_ns);
    EXPECT_EQ(station.port.link_state(), port::LinkState::failed);
    EXPECT_EQ(station.port.failure_reason(), "2001:db8::1:1 did not answer 1 neighbour solicitations in 1000 ms");
}

TEST(Ipv6, QuestionsForOurAddressesAreAnswered) {
    Station station(phones6());
    EXPECT_EQ(station.fate_of(neighbour_frame(to_group, question(phone6(100).ip))), FrameFate::neighbour_solicitation);
    const Neighbour answer = {136, phone6(100).ip, link_local, phone6(100).ip, mac_option(2, own_mac), 0x60000000};
    EXPECT_EQ(station.frames.take_sent(), neighbour_frame({registrar_mac, own_mac, {}}, answer));

    Neighbour unsure = question(phone6(0).ip);  // "may I take this address?"
    unsure.source = nobody;
    unsure.options.clear();
    EXPECT_EQ(station.fate_of(neighbour_frame(to_group, unsure)), FrameFate::neighbour_solicitation);
    const Neighbour to_all = {136, phone6(0).ip, all_nodes(), phone6(0).ip, mac_option(2, own_mac), 0x20000000};
    EXPECT_EQ(station.frames.take_sent(), neighbour_frame({wire::mac("33:33:00:00:00:01"), own_mac, {}}, to_all));

    EXPECT_EQ(station.fate_of(neighbour_frame(to_group, question(phone6(200).ip))), FrameFate::icmp_other);
    EXPECT_TRUE(station.frames.sent.empty());
    station.check_sums();
}

TEST(Ipv6, NeighbourMessagesFromAfarOrOutOfShapeAreRefused) {
    Station station(phones6());
    Neighbour routed = question(phone6(0).ip);
    routed.hop_limit = 254;
    Neighbour empty_option = question(phone6(0).ip);
    empty_option.options = wire::Bytes(8, '\0');
    Neighbour long_option = question(phone6(0).ip);
    long_option.options[1] = 2;
    Neighbour cut_option = question(phone6(0).ip);
    cut_option.options = "\x01";
    Neighbour group_target = question(all_nodes());
    for (const Neighbour& bad : {routed, empty_option, long_option, cut_option, group_target}) {
        EXPECT_EQ(station.fate_of(neighbour_frame(to_group, bad)), FrameFate::bad_length);
    }
    EXPECT_TRUE(station.frames.sent.empty());
    station.check_sums();
}

TEST(Ipv6, PingIsAnswered) {
    Station station(phones6());
    const wire::Ip ask = {.source = registrar6.ip, .destination = phone6(3).ip, .protocol = 58};
    const wire::Ip answer = {.source = phone6(3).ip, .destination = registrar6.ip, .protocol = 58};
    const wire::Bytes data(57, 'p');
    EXPECT_EQ(station.fate_of(
                  wire::frame(from_registrar, 0x86dd, wire::packet(ask, wire::icmp6(ask, 128, 0, 0x00070001, data)))),
              FrameFate::echo_request);
    EXPECT_EQ(station.frames.take_sent(),
              wire::frame({registrar_mac, own_mac, {}}, 0x86dd,
                          wire::packet(answer, wire::icmp6(answer, 129, 0, 0x00070001, data))));
    station.check_sums();
}

TEST(Ipv6, TXN_7_UnreachableIsReportedWithTheQuoteCutAnywhere) {
    Station station(phones6());
    const std::string text = "REGISTER sip:example.net SIP/2.0";
    const wire::Bytes quoted = wire::udp_packet(phone6(5, 5062), registrar6, text);
    const wire::Ip ip = {.source = link_local, .destination = phone6(5).ip, .protocol = 58};
    const auto error = [&](std::uint8_t type, const wire::Bytes& quote) {
        return wire::frame(from_registrar, 0x86dd, wire::packet(ip, wire::icmp6(ip, type, 4, 0, quote)));
    };
    for (std::size_t bytes = 48; bytes <= quoted.size(); ++bytes) {
        const std::vector<Delivered> delivered = station.receive(error(1, quoted.substr(0, bytes)));
        ASSERT_EQ(delivered.size(), 1);
        EXPECT_EQ(delivered[0].kind, port::RxKind::unreachable);
        EXPECT_EQ(delivered[0].data, text.substr(0, bytes - 48));
        EXPECT_EQ(delivered[0].source, (base::Source{5, 5062}));
        EXPECT_EQ(delivered[0].remote, registrar6);
    }
    EXPECT_EQ(station.fate_of(error(1, quoted.substr(0, 47))), FrameFate::icmp_other);
    EXPECT_EQ(station.fate_of(error(2, quoted)), FrameFate::unreachable) << "packet too big";
    EXPECT_EQ(station.fate_of(error(3, quoted)), FrameFate::icmp_other) << "time exceeded";
    station.check_sums();
}

TEST(Ipv6, TPT_8_LengthsAndChecksumsAreValidated) {
    Station station(phones6());
    const wire::Bytes good = wire::udp_frame(from_registrar, registrar6, phone6(0), "SIP/2.0 200 OK");
    EXPECT_EQ(station.fate_of(good), FrameFate::datagram);
    wire::Bytes none = good;
    wire::put(none, 60, 0, 2);
    EXPECT_EQ(station.fate_of(none), FrameFate::bad_checksum) << "IPv6 must have one";
    wire::Bytes wrong = good;
    wrong.back() = 'k';
    EXPECT_EQ(station.fate_of(wrong), FrameFate::bad_checksum);
    wire::Bytes too_long = good;
    wire::put(too_long, 18, 23, 2);
    EXPECT_EQ(station.fate_of(too_long), FrameFate::bad_length);
    wire::Bytes version = good;
    wire::put(version, 14, 0x45, 1);
    EXPECT_EQ(station.fate_of(version), FrameFate::bad_length);
    station.check_sums();
}

TEST(Ipv6, StrangersReflectionsFragmentsAndExtensionsAreCounted) {
    Station station(phones6());
    const auto frame = [](const base::SocketAddress& from, const base::SocketAddress& to, std::uint8_t protocol) {
        const wire::Ip ip = {.source = from.ip, .destination = to.ip, .protocol = protocol};
        return wire::frame(from_registrar, 0x86dd, wire::packet(ip, wire::udp(from, to, "x")));
    };
    EXPECT_EQ(station.fate_of(frame(registrar6, phone6(200), 17)), FrameFate::stranger);
    EXPECT_EQ(station.fate_of(frame(registrar6, {wire::ip("2001:db8:1::1"), 5060}, 17)), FrameFate::stranger);
    EXPECT_EQ(station.fate_of(frame(registrar6, {all_nodes(), 5060}, 17)), FrameFate::stranger);
    EXPECT_EQ(station.fate_of(frame({nobody, 5060}, phone6(0), 17)), FrameFate::stranger);
    EXPECT_EQ(station.fate_of(frame({all_nodes(), 5060}, phone6(0), 17)), FrameFate::stranger);
    EXPECT_EQ(station.fate_of(frame(phone6(1), phone6(0), 17)), FrameFate::reflection);
    EXPECT_EQ(station.fate_of(frame(registrar6, phone6(0), 44)), FrameFate::fragment);
    EXPECT_EQ(station.fate_of(frame(registrar6, phone6(0), 0)), FrameFate::other_protocol);
    EXPECT_EQ(station.fate_of(answer_frame(0, "IPv4 to an IPv6 station")), FrameFate::stranger);
    station.check_sums();
}

}  // namespace
}  // namespace regstorm::net
