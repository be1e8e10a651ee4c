// SPDX-License-Identifier: Apache-2.0
// The queue of an answer, computed as a NIC does; the hashes are those that Microsoft published with its key for
// drivers to be verified against, and the choice of source ports that rests on them.
#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "regstorm/port/eth_device.hpp"

namespace regstorm::port {
namespace {

constexpr std::array<std::uint8_t, 40> published_key{0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
                                                     0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
                                                     0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
                                                     0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa};

base::SocketAddress at(std::string_view ip, std::uint16_t udp_port) { return {*base::parse_ip(ip), udp_port}; }

/// A NIC of `queues` queues that deals them out in turn, as drivers do.
RxSteering nic(std::uint16_t queues) {
    RxSteering steering{.rule = RxSteering::Rule::toeplitz, .key = {published_key.begin(), published_key.end()}};
    for (std::uint16_t i = 0; i < 128; ++i) {
        steering.table.push_back(i % queues);
    }
    return steering;
}

TEST(Toeplitz, GivesThePublishedHashesForIpv4WithPorts) {
    const std::array<std::uint8_t, 12> first{66, 9, 149, 187, 161, 142, 100, 80, 0x0a, 0xea, 0x06, 0xe6};
    const std::array<std::uint8_t, 12> second{199, 92, 111, 2, 65, 69, 140, 83, 0x37, 0x96, 0x12, 0x83};
    EXPECT_EQ(toeplitz_hash(published_key, first), 0x51cc'c178U);
    EXPECT_EQ(toeplitz_hash(published_key, second), 0xc626'b0eaU);
    EXPECT_EQ(toeplitz_hash(published_key, std::span(first).first(8)), 0x323e'8fc2U) << "addresses alone";
}

TEST(RxSteering, FindsTheQueueOfAnAnswerByItsAddressesAndPorts) {
    RxSteering steering = nic(2);
    steering.table[0x51cc'c178U % 128] = 7;
    EXPECT_EQ(steering.queue_of(at("66.9.149.187", 2794), at("161.142.100.80", 1766)), 7);
    steering = nic(2);
    // 0x40207d3d: the published hash of this pair with ports.
    steering.table[0x4020'7d3dU % 128] = 5;
    EXPECT_EQ(steering.queue_of(at("3ffe:2501:200:1fff::7", 2794), at("3ffe:2501:200:3::1", 1766)), 5);
}

TEST(RxSteering, ADeviceThatDoesNotTellNamesNoQueue) {
    RxSteering steering = nic(2);
    steering.rule = RxSteering::Rule::unknown;
    EXPECT_FALSE(steering.queue_of(at("192.0.2.1", 5060), at("198.18.0.1", 5060)));
    EXPECT_FALSE(RxSteering{}.queue_of(at("192.0.2.1", 5060), at("198.18.0.1", 5060)));
}

TEST(SourceSteering, EveryPhoneGetsAPortOfItsWorkersQueueAndNoTwoGetTheSame) {
    constexpr std::uint16_t phones = 400;
    const SourceSteering steering{nic(4), at("192.0.2.1", 5060), phones, 65'535};
    std::set<std::uint16_t> given;
    for (std::uint16_t phone = 0; phone < phones; ++phone) {
        const std::uint16_t queue = phone / 100;
        const base::SocketAddress local =
            steering.choose(at("198.18.0.1", static_cast<std::uint16_t>(5060 + phone)), queue);
        EXPECT_EQ(steering.steering.queue_of(steering.remote, local), queue);
        EXPECT_EQ((local.udp_port - 5060) % phones, phone) << "a step of the stride";
        EXPECT_TRUE(given.insert(local.udp_port).second);
    }
}

TEST(SourceSteering, WhereNoPortFitsThePlannedOneStays) {
    const base::SocketAddress planned = at("198.18.0.1", 5060);
    EXPECT_EQ((SourceSteering{nic(2), at("192.0.2.1", 5060), 1, 65'535}.choose(planned, 9)), planned);
    EXPECT_EQ((SourceSteering{RxSteering{}, at("192.0.2.1", 5060), 1, 65'535}.choose(planned, 1)), planned);
}

}  // namespace
}  // namespace regstorm::port
