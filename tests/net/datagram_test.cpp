// SPDX-License-Identifier: Apache-2.0
// Datagrams on their way out, checked byte by byte against frames that the tests build themselves, and both ways
// between two stations.
#include <gtest/gtest.h>

#include "regstorm/base/prng.hpp"
#include "station.hpp"

namespace regstorm::net {
namespace {

/// The station has heard from the registrar, so it can send to it.
void introduce_registrar(Station& station, std::optional<std::uint16_t> tag = {}) {
    static_cast<void>(station.receive(wire::udp_frame({own_mac, registrar_mac, tag}, registrar, phone(0), "x")));
}

/// What the wire should carry: the id is the station's choice, so it is taken from the frame.
wire::Bytes expected_frame(const wire::Bytes& sent, std::optional<std::uint16_t> tag, const base::SocketAddress& source,
                           const base::SocketAddress& remote, std::string_view payload) {
    wire::Bytes packet = wire::packet({.source = source.ip, .destination = remote.ip, .fragment = 0x4000},
                                      wire::udp(source, remote, payload));
    packet.replace(4, 2, sent.substr(tag ? 22 : 18, 2));
    wire::put(packet, 10, 0, 2);
    wire::put(packet, 10, wire::slow_checksum(packet.substr(0, 20)), 2);
    return wire::padded(wire::frame({registrar_mac, own_mac, tag}, 0x0800, packet));
}

TEST(Datagram, LeavesWithTheHeadersOfItsSourceAndRemote) {
    const std::uint64_t seed = 768;
    SCOPED_TRACE(seed);
    base::Prng prng(seed);
    for (const std::optional<std::uint16_t> vlan : {std::optional<std::uint16_t>(), std::optional<std::uint16_t>(42)}) {
        for (const bool offload : {false, true}) {
            LinkConfig config = phones();
            config.vlan_id = vlan;
            Station station(config, {.mac = own_mac, .checksum_offload = offload});
            introduce_registrar(station, vlan);
            for (std::uint32_t size = 0; size <= 1472; size += 1 + static_cast<std::uint32_t>(prng.below(9))) {
                std::string payload(size, '\0');
                for (char& byte : payload) {
                    byte = static_cast<char>(prng.next());
                }
                const auto offset = static_cast<std::uint16_t>(prng.below(200));
                const auto udp_port = static_cast<std::uint16_t>(5060 + prng.below(10));
                const base::SocketAddress remote{registrar.ip, static_cast<std::uint16_t>(5060 + prng.below(2))};
                station.send(payload, {offset, udp_port}, remote);
                const wire::Bytes sent = station.frames.take_sent();
                ASSERT_EQ(sent, expected_frame(sent, vlan, phone(offset, udp_port), remote, payload)) << size;
            }
        }
    }
}

TEST(Datagram, MayLeaveWithoutUdpChecksumWhenTheConfigurationSaysSo) {
    LinkConfig config = phones();
    config.ipv4_udp_checksum = false;
    Station station(config);
    introduce_registrar(station);
    station.send("REGISTER", {0, 5060}, registrar);
    const wire::Bytes sent = station.frames.take_sent();
    EXPECT_EQ(wire::number_at(sent, 40, 2), 0);
    EXPECT_EQ(wire::slow_sum(sent.substr(14, 20)), 0xffff);
}

/// A sum of 0xffff makes a checksum of 0, which would say that there is none.
TEST(Datagram, NeverLeavesWithAComputedChecksumOfZero) {
    Station station;
    introduce_registrar(station);
    station.send(std::string(2, '\0'), {0, 5060}, registrar);
    const std::uint32_t checksum = wire::number_at(station.frames.take_sent(), 40, 2);
    std::string balanced;
    wire::append(balanced, checksum, 2);
    station.send(balanced, {0, 5060}, registrar);
    EXPECT_EQ(wire::number_at(station.frames.take_sent(), 40, 2), 0xffff);
}

TEST(Datagram, LongerThanTheMtuIsDroppedAndCounted) {
    Station station(phones(), {.mac = own_mac, .mtu = 600});
    introduce_registrar(station);
    station.send(std::string(572, 'x'), {0, 5060}, registrar);
    EXPECT_EQ(station.frames.take_sent().size(), 614);
    station.send(std::string(573, 'x'), {0, 5060}, registrar);
    EXPECT_TRUE(station.frames.sent.empty());
    EXPECT_EQ(station.port.link_counters().dropped_too_long, 1);
    EXPECT_EQ(station.port.health().tx_dropped, 1);
}

TEST(Datagram, LongestPayloadFitsAJumboFrame) {
    LinkConfig config = phones();
    config.vlan_id = 1;
    Station station(config, {.mac = own_mac, .mtu = 9000});
    introduce_registrar(station, 1);
    station.send(std::string(port::payload_bytes_max, 'x'), {0, 5060}, registrar);
    EXPECT_EQ(station.frames.take_sent().size(), 18 + 28 + port::payload_bytes_max);
}

TEST(Datagram, NeverLeavesFromAReservationThatAnAnswerTook) {
    Station station;
    introduce_registrar(station);
    ASSERT_NE(station.port.tx_reserve(), nullptr);
    const wire::Bytes question = wire::frame({base::broadcast_mac, registrar_mac, {}}, 0x0806,
                                             wire::arp(1, registrar_mac, registrar.ip, zero_mac, phone(0).ip));
    static_cast<void>(station.receive(question));
    EXPECT_EQ(station.frames.sent.size(), 1) << "the ARP reply";
    station.port.tx_commit(8, {0, 5060}, registrar);
    station.port.flush();
    EXPECT_EQ(station.frames.sent.size(), 1);
    EXPECT_EQ(station.port.health().tx_dropped, 1);

    station.frames.out_of_buffers = true;
    EXPECT_EQ(station.port.tx_reserve(), nullptr);
    EXPECT_EQ(station.port.health().tx_dropped, 2);
}

LinkConfig registrar_config(const char* ip) {
    LinkConfig config = phones(ip);
    config.source_count = 1;
    return config;
}

/// Two stations on one wire, of either family and any way to make checksums.
void talk(const LinkConfig& phones_config, const LinkConfig& registrar_side, bool offload) {
    Station phones(phones_config, {.mac = own_mac, .checksum_offload = offload});
    Station server(registrar_side, {.mac = registrar_mac, .checksum_offload = offload});
    phones.frames.peer = &server.frames;
    server.frames.peer = &phones.frames;
    for (base::Nanoseconds now_ns = 0; now_ns < 40 * base::ns_per_ms; now_ns += 50 * base::ns_per_us) {
        phones.port.tick(now_ns);
        server.port.tick(now_ns);
        EXPECT_TRUE(server.poll().empty());
        EXPECT_TRUE(phones.poll().empty());
    }
    ASSERT_EQ(phones.port.link_state(), port::LinkState::ready);

    const base::SocketAddress server_address{registrar_side.first_source, 5060};
    for (std::uint16_t i = 0; i < 200; ++i) {
        const base::Source source{i, static_cast<std::uint16_t>(5060 + i % 10)};
        const std::string request = "REGISTER " + std::to_string(i);
        phones.send(request, source, server_address);
        const std::vector<Delivered> requests = server.poll();
        ASSERT_EQ(requests.size(), 1);
        EXPECT_EQ(requests[0].data, request);
        EXPECT_EQ(requests[0].remote, phones.port.address_of(source));

        server.send("200 " + request, requests[0].source, requests[0].remote);
        const std::vector<Delivered> answers = phones.poll();
        ASSERT_EQ(answers.size(), 1);
        EXPECT_EQ(answers[0].data, "200 " + request);
        EXPECT_EQ(answers[0].source, source) << "TPT-8: to the port that it left from";
        EXPECT_EQ(answers[0].remote, server_address) << "TPT-8: from the port that it arrived at";
    }
    EXPECT_EQ(phones.port.health().tx_dropped + server.port.health().tx_dropped, 0);
    EXPECT_EQ(phones.port.health().rx_bad + server.port.health().rx_bad, 0);
}

TEST(Datagram, TPT_8_AnswersLeaveFromThePortThatTheRequestArrivedAt) {
    for (const char* const family : {"ipv4", "ipv6"}) {
        const bool ipv4 = family == std::string_view("ipv4");
        LinkConfig ours = phones(ipv4 ? "198.18.0.1" : "2001:db8::1");
        const LinkConfig theirs = registrar_config(ipv4 ? "198.18.1.1" : "2001:db8::1:1");
        ours.remotes = {theirs.first_source};
        ours.announce = true;
        for (const bool offload : {false, true}) {
            SCOPED_TRACE(family);
            talk(ours, theirs, offload);
        }
        LinkConfig tagged = ours;
        LinkConfig tagged_server = theirs;
        tagged.vlan_id = tagged_server.vlan_id = 7;
        tagged.ipv4_udp_checksum = false;
        talk(tagged, tagged_server, false);
    }
}

}  // namespace
}  // namespace regstorm::net
