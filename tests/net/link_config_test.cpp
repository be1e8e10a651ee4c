// SPDX-License-Identifier: Apache-2.0
#include "regstorm/net/link_config.hpp"

#include <functional>
#include <gtest/gtest.h>

#include "station.hpp"

namespace regstorm::net {
namespace {

TEST(LinkConfig, IsAcceptedAtItsLimits) {
    LinkConfig config = phones("198.18.0.0");
    config.source_count = source_count_max;
    config.udp_ports = {{1, 65'535}};
    config.vlan_id = 4094;
    config.gateway = wire::ip("198.18.255.254");
    config.remotes.assign(next_hops_max - 1, wire::ip("192.0.2.1"));
    EXPECT_EQ(find_fault(config), "");
    base::Arena arena(Link::bytes_for());
    const OwnAddresses own(config, arena);
    std::uint16_t offset = 0;
    EXPECT_TRUE(own.find(wire::ip("198.18.255.255"), offset));
    EXPECT_EQ(offset, 65'535);
    EXPECT_EQ(own.ip_of(65'535), wire::ip("198.18.255.255"));
    EXPECT_FALSE(own.find(wire::ip("198.19.0.0"), offset));
    EXPECT_FALSE(own.find(wire::ip("198.17.255.255"), offset));
    EXPECT_TRUE(own.has_udp_port(65'535));
    EXPECT_FALSE(own.has_udp_port(0));
}

TEST(LinkConfig, FaultsAreNamed) {
    struct Case {
        std::function<void(LinkConfig&)> bend;
        const char* fault;
    };
    const Case cases[] = {
        {[](LinkConfig& c) { c.source_count = 0; }, "a link has 1 to 65536 source addresses, not 0"},
        {[](LinkConfig& c) { c.source_count = 65'537; }, "a link has 1 to 65536 source addresses, not 65537"},
        {[](LinkConfig& c) { c.first_source = wire::ip("0.0.0.0"); },
         "0.0.0.0 and the addresses behind it cannot be sources"},
        {[](LinkConfig& c) { c.first_source = wire::ip("223.255.255.200"); },
         "223.255.255.200 and the addresses behind it cannot be sources"},
        {[](LinkConfig& c) { c.first_source = wire::ip("255.255.255.255"); },
         "the source range runs over the last address"},
        {[](LinkConfig& c) { c.first_source = wire::ip("ff02::1"); },
         "ff02::1 and the addresses behind it cannot be sources"},
        {[](LinkConfig& c) { c.prefix_length = 33; }, "a prefix has up to 32 bits, not 33"},
        {[](LinkConfig& c) { c.vlan_id = 0; }, "a VLAN id is 1 to 4094, not 0"},
        {[](LinkConfig& c) { c.vlan_id = 4095; }, "a VLAN id is 1 to 4094, not 4095"},
        {[](LinkConfig& c) { c.udp_ports.clear(); }, "a link needs UDP ports"},
        {[](LinkConfig& c) {
             c.udp_ports = {{9, 8}};
         },
         "UDP ports 9-8 are no range"},
        {[](LinkConfig& c) {
             c.udp_ports = {{0, 8}};
         },
         "UDP ports 0-8 are no range"},
        {[](LinkConfig& c) { c.gateway = wire::ip("::1"); },
         "the gateway ::1 is of another IP version than the sources"},
        {[](LinkConfig& c) { c.gateway = wire::ip("198.19.0.1"); },
         "the gateway 198.19.0.1 is not inside 198.18.0.1/16"},
        {[](LinkConfig& c) { c.remotes = {wire::ip("::1")}; }, "::1 is of another IP version than the sources"},
        {[](LinkConfig& c) { c.remotes = {wire::ip("192.0.2.1")}; },
         "192.0.2.1 is not inside 198.18.0.1/16, and there is no gateway"},
        {[](LinkConfig& c) { c.remotes.assign(64, registrar.ip); }, "a link keeps 63 remotes resolved, not 64"},
    };
    for (const Case& test : cases) {
        LinkConfig config = phones();
        test.bend(config);
        EXPECT_EQ(find_fault(config), test.fault);
    }
}

TEST(LinkConfig, PrefixDecidesWhoIsOnTheLink) {
    struct Case {
        const char* source;
        std::uint8_t prefix_length;
        const char* remote;
        bool on_link;
    };
    for (const Case& test : {
             Case{"198.18.5.1", 24, "198.18.5.255", true},
             Case{"198.18.5.1", 24, "198.18.4.255", false},
             Case{"198.18.5.1", 23, "198.18.4.255", true},
             Case{"198.18.5.1", 0, "8.8.8.8", true},
             Case{"198.18.5.1", 32, "198.18.5.1", true},
             Case{"198.18.5.1", 32, "198.18.5.0", false},
             Case{"2001:db8::1", 64, "2001:db8::ffff:0:0:1", true},
             Case{"2001:db8::1", 64, "2001:db8:0:1::1", false},
             Case{"2001:db8::1", 127, "2001:db8::", true},
             Case{"2001:db8::1", 128, "2001:db8::", false},
             Case{"2001:db8::1", 128, "2001:db8::1", true},
         }) {
        LinkConfig config = phones(test.source);
        config.prefix_length = test.prefix_length;
        EXPECT_EQ(Resolver(config).next_hop_of(wire::ip(test.remote)) != nullptr, test.on_link)
            << test.source << "/" << int{test.prefix_length} << " " << test.remote;
    }
}

}  // namespace
}  // namespace regstorm::net
