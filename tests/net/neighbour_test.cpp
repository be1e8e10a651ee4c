// SPDX-License-Identifier: Apache-2.0
// Dialogues with IPv4 neighbours: who is asked, when, and whose MAC the datagrams get.
#include <gtest/gtest.h>

#include "station.hpp"

namespace regstorm::net {
namespace {

const base::SocketAddress far_registrar{wire::ip("192.0.2.10"), 5060};
const base::IpAddress gateway = wire::ip("198.18.255.1");
const wire::Ethernet to_all_from_us{base::broadcast_mac, own_mac, {}};

wire::Bytes arp_reply(const base::MacAddress& mac, const base::IpAddress& ip) {
    return wire::padded(wire::frame({own_mac, mac, {}}, 0x0806, wire::arp(2, mac, ip, own_mac, phone(0).ip)));
}
wire::Bytes arp_request_for(const base::IpAddress& ip) {
    return wire::padded(wire::frame(to_all_from_us, 0x0806, wire::arp(1, own_mac, phone(0).ip, zero_mac, ip)));
}
base::MacAddress destination_of(const wire::Bytes& frame) {
    base::MacAddress mac;
    std::copy_n(frame.begin(), 6, mac.bytes.begin());
    return mac;
}

LinkConfig with_remote(const base::IpAddress& remote) {
    LinkConfig config = phones();
    config.remotes = {remote};
    return config;
}

TEST(Neighbour, IsAskedForAndTheLinkIsReadyWhenItAnswers) {
    Station station(with_remote(registrar.ip));
    EXPECT_EQ(station.port.link_state(), port::LinkState::resolving);
    station.port.tick(0);
    EXPECT_EQ(station.frames.take_sent(), arp_request_for(registrar.ip));
    EXPECT_TRUE(station.frames.sent.empty());

    EXPECT_EQ(station.fate_of(arp_reply(registrar_mac, registrar.ip)), FrameFate::arp_reply);
    EXPECT_EQ(station.port.link_state(), port::LinkState::ready);
    station.send("REGISTER", {3, 5061}, registrar);
    EXPECT_EQ(destination_of(station.frames.take_sent()), registrar_mac);
    station.check_sums();
}

TEST(Neighbour, BehindTheGatewayIsReachedThroughIt) {
    LinkConfig config = with_remote(far_registrar.ip);
    config.gateway = gateway;
    Station station(config);
    station.port.tick(0);
    EXPECT_EQ(station.frames.take_sent(), arp_request_for(gateway));
    static_cast<void>(station.receive(arp_reply(registrar_mac, registrar.ip)));
    EXPECT_EQ(station.port.link_state(), port::LinkState::resolving) << "that was not the gateway";
    static_cast<void>(station.receive(arp_reply(gateway_mac, gateway)));
    EXPECT_EQ(station.port.link_state(), port::LinkState::ready);
    station.send("REGISTER", {0, 5060}, far_registrar);
    EXPECT_EQ(destination_of(station.frames.take_sent()), gateway_mac);
    station.send("REGISTER", {0, 5060}, {wire::ip("203.0.113.1"), 5060});
    EXPECT_EQ(destination_of(station.frames.take_sent()), gateway_mac) << "everything off the link goes there";
}

TEST(Neighbour, EveryRemoteMustAnswerBeforeTheLinkIsReady) {
    LinkConfig config = with_remote(registrar.ip);
    config.gateway = gateway;
    config.remotes = {registrar.ip, far_registrar.ip, registrar.ip};
    Station station(config);
    station.port.tick(0);
    EXPECT_EQ(station.frames.take_sent(), arp_request_for(registrar.ip));
    EXPECT_EQ(station.frames.take_sent(), arp_request_for(gateway));
    EXPECT_TRUE(station.frames.sent.empty()) << "nobody is asked twice";
    static_cast<void>(station.receive(arp_reply(gateway_mac, gateway)));
    EXPECT_EQ(station.port.link_state(), port::LinkState::resolving);
    static_cast<void>(station.receive(arp_reply(registrar_mac, registrar.ip)));
    EXPECT_EQ(station.port.link_state(), port::LinkState::ready);
}

TEST(Neighbour, IsAskedEverySecondAndGivenUpWithAReason) {
    LinkConfig config = with_remote(far_registrar.ip);
    config.gateway = gateway;
    config.resolve_timeout_ns = 3 * second_ns + second_ns / 2;
    Station station(config);
    const base::Nanoseconds start_ns = 77 * second_ns;
    std::vector<base::Nanoseconds> asked_at_ms;
    for (base::Nanoseconds ms = 0; ms < 10'000; ms += 10) {
        station.port.tick(start_ns + ms * base::ns_per_ms);
        for (; !station.frames.sent.empty(); station.frames.sent.pop_front()) {
            asked_at_ms.push_back(ms);
        }
        ASSERT_EQ(station.port.link_state(), ms < 3500 ? port::LinkState::resolving : port::LinkState::failed) << ms;
    }
    EXPECT_EQ(asked_at_ms, (std::vector<base::Nanoseconds>{0, 1000, 2000, 3000}));
    EXPECT_EQ(station.port.failure_reason(),
              "198.18.255.1, the gateway to 192.0.2.10, did not answer 4 ARP requests in 3500 ms");

    static_cast<void>(station.receive(arp_reply(gateway_mac, gateway)));
    EXPECT_EQ(station.port.link_state(), port::LinkState::ready) << "late is better than never";
    EXPECT_EQ(station.port.failure_reason(), "");
}

TEST(Neighbour, IsAskedAgainEveryHalfMinuteAndItsNewMacIsUsed) {
    Station station(with_remote(registrar.ip));
    station.port.tick(0);
    static_cast<void>(station.frames.take_sent());
    static_cast<void>(station.receive(arp_reply(registrar_mac, registrar.ip)));
    station.send("REGISTER", {0, 5060}, registrar);
    EXPECT_EQ(destination_of(station.frames.take_sent()), registrar_mac);

    station.port.tick(30 * second_ns - 1);
    EXPECT_TRUE(station.frames.sent.empty());
    station.port.tick(30 * second_ns);
    EXPECT_EQ(station.frames.take_sent(), arp_request_for(registrar.ip));
    static_cast<void>(station.receive(arp_reply(gateway_mac, registrar.ip)));
    station.send("REGISTER", {0, 5060}, registrar);
    EXPECT_EQ(destination_of(station.frames.take_sent()), gateway_mac);

    // No answer to the next question: the MAC stays.
    station.port.tick(60 * second_ns);
    station.port.tick(89 * second_ns);
    EXPECT_EQ(station.port.link_state(), port::LinkState::ready);
}

TEST(Neighbour, AnnouncesItsNewMacItself) {
    Station station(with_remote(registrar.ip));
    static_cast<void>(station.receive(arp_reply(registrar_mac, registrar.ip)));
    const wire::Bytes announcement = wire::frame({base::broadcast_mac, gateway_mac, {}}, 0x0806,
                                                 wire::arp(1, gateway_mac, registrar.ip, zero_mac, registrar.ip));
    EXPECT_EQ(station.fate_of(announcement), FrameFate::arp_other);
    station.send("REGISTER", {0, 5060}, registrar);
    EXPECT_EQ(destination_of(station.frames.take_sent()), gateway_mac);
}

TEST(Neighbour, DatagramsDoNotMoveANeighbourThatArpResolved) {
    Station station(with_remote(registrar.ip));
    static_cast<void>(station.receive(arp_reply(registrar_mac, registrar.ip)));
    static_cast<void>(station.receive(wire::udp_frame({own_mac, gateway_mac, {}}, registrar, phone(0), "x")));
    station.send("REGISTER", {0, 5060}, registrar);
    EXPECT_EQ(destination_of(station.frames.take_sent()), registrar_mac);
}

TEST(Neighbour, AsksForAnyOfOurAddressesAndIsAnswered) {
    Station station;
    for (const std::uint16_t offset : std::array<std::uint16_t, 3>{0, 1, 199}) {
        const wire::Bytes question = wire::frame({base::broadcast_mac, registrar_mac, {}}, 0x0806,
                                                 wire::arp(1, registrar_mac, registrar.ip, zero_mac, phone(offset).ip));
        EXPECT_EQ(station.fate_of(question), FrameFate::arp_request);
        EXPECT_EQ(station.frames.take_sent(),
                  wire::padded(wire::frame({registrar_mac, own_mac, {}}, 0x0806,
                                           wire::arp(2, own_mac, phone(offset).ip, registrar_mac, registrar.ip))));
    }
    const wire::Bytes not_ours = wire::frame({base::broadcast_mac, registrar_mac, {}}, 0x0806,
                                             wire::arp(1, registrar_mac, registrar.ip, zero_mac, phone(200).ip));
    EXPECT_EQ(station.fate_of(not_ours), FrameFate::arp_other);
    EXPECT_TRUE(station.frames.sent.empty());
    EXPECT_EQ(station.port.link_counters().answers_sent, 3);
    station.check_sums();
}

TEST(Neighbour, ClaimingOurAddressIsAConflict) {
    Station station;
    const wire::Bytes claim = wire::frame({base::broadcast_mac, registrar_mac, {}}, 0x0806,
                                          wire::arp(1, registrar_mac, phone(5).ip, zero_mac, phone(5).ip));
    EXPECT_EQ(station.fate_of(claim), FrameFate::arp_conflict);
    const wire::Bytes group = wire::frame({base::broadcast_mac, registrar_mac, {}}, 0x0806,
                                          wire::arp(1, base::broadcast_mac, registrar.ip, zero_mac, phone(5).ip));
    EXPECT_EQ(station.fate_of(group), FrameFate::arp_other) << "nobody lives at a group address";
    wire::Bytes token_ring = claim;
    wire::put(token_ring, 14, 6, 2);
    EXPECT_EQ(station.fate_of(token_ring), FrameFate::arp_other);
    EXPECT_EQ(station.fate_of(claim.substr(0, 41)), FrameFate::bad_length);
    EXPECT_TRUE(station.frames.sent.empty());
    station.check_sums();
}

TEST(Neighbour, IsToldOfEveryAddressAtStart) {
    LinkConfig config = phones();
    config.announce = true;
    Station station(config);
    EXPECT_EQ(station.port.link_state(), port::LinkState::ready) << "nobody waits for announcements";
    for (base::Nanoseconds us = 0; us < 50'000; us += 50) {
        station.port.tick(us * base::ns_per_us);
    }
    ASSERT_EQ(station.frames.sent.size(), 200);
    for (std::uint16_t offset = 0; offset < 200; ++offset) {
        EXPECT_EQ(station.frames.take_sent(),
                  wire::padded(wire::frame(to_all_from_us, 0x0806,
                                           wire::arp(1, own_mac, phone(offset).ip, zero_mac, phone(offset).ip))));
    }
    EXPECT_EQ(station.port.link_counters().announcements_sent, 200);
}

/// A registrar: ready at once, and every phone is answered where it came from.
TEST(Neighbour, UnknownBeforeIsAnsweredTheWayItCame) {
    Station station;
    EXPECT_EQ(station.port.link_state(), port::LinkState::ready);
    const wire::Ethernet by_gateway{own_mac, gateway_mac, {}};
    static_cast<void>(station.receive(wire::udp_frame(by_gateway, far_registrar, phone(0), "REGISTER")));
    static_cast<void>(station.receive(wire::udp_frame(from_registrar, registrar, phone(0), "REGISTER")));
    station.send("200", {0, 5060}, far_registrar);
    EXPECT_EQ(destination_of(station.frames.take_sent()), gateway_mac);
    station.send("200", {0, 5060}, registrar);
    EXPECT_EQ(destination_of(station.frames.take_sent()), registrar_mac);

    static_cast<void>(station.receive(wire::udp_frame({own_mac, gateway_mac, {}}, registrar, phone(0), "REGISTER")));
    station.send("200", {0, 5060}, registrar);
    EXPECT_EQ(destination_of(station.frames.take_sent()), gateway_mac) << "it moved";
}

TEST(Neighbour, UnknownIsAskedForWhileItsDatagramsAreDropped) {
    Station station;
    station.port.tick(0);
    station.send("OPTIONS", {0, 5060}, registrar);
    station.send("OPTIONS", {0, 5060}, registrar);
    station.send("OPTIONS", {0, 5060}, far_registrar);
    EXPECT_TRUE(station.frames.sent.empty());
    EXPECT_EQ(station.port.link_counters().dropped_unresolved, 3);
    EXPECT_EQ(station.port.health().tx_dropped, 3);

    station.port.tick(1);
    EXPECT_EQ(station.frames.take_sent(), arp_request_for(registrar.ip));
    station.send("OPTIONS", {0, 5060}, registrar);
    station.port.tick(second_ns / 2);
    EXPECT_TRUE(station.frames.sent.empty()) << "one question a second";
    static_cast<void>(station.receive(arp_reply(registrar_mac, registrar.ip)));
    station.send("OPTIONS", {0, 5060}, registrar);
    EXPECT_EQ(destination_of(station.frames.take_sent()), registrar_mac);
}

TEST(Neighbour, CacheHoldsALargeRangeAndNeverGivesAWrongMac) {
    base::Arena arena(NeighbourCache::bytes_for());
    NeighbourCache cache(arena);
    const std::uint32_t first = wire::ip("198.18.200.7").ipv4();
    const auto mac_of = [](std::uint32_t i) {
        return base::MacAddress{{2, 0, 0, static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
                                 static_cast<std::uint8_t>(i)}};
    };
    for (std::uint32_t i = 0; i < NeighbourCache::entries; ++i) {
        EXPECT_TRUE(cache.learn(base::IpAddress::from_ipv4(first + i), mac_of(i)));
    }
    for (std::uint32_t i = 0; i < NeighbourCache::entries; ++i) {
        const base::MacAddress* mac = cache.find(base::IpAddress::from_ipv4(first + i));
        ASSERT_NE(mac, nullptr);
        ASSERT_EQ(*mac, mac_of(i));
    }
    EXPECT_FALSE(cache.learn(base::IpAddress::from_ipv4(first), mac_of(0))) << "no news";
    EXPECT_EQ(cache.find(base::IpAddress::from_ipv4(first + NeighbourCache::entries)), nullptr) << "same row";
    EXPECT_TRUE(cache.learn(base::IpAddress::from_ipv4(first + NeighbourCache::entries), mac_of(1)));
    EXPECT_EQ(cache.find(base::IpAddress::from_ipv4(first)), nullptr) << "evicted, not mistaken";
}

}  // namespace
}  // namespace regstorm::net
