// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/port_spec.hpp"

#include <gtest/gtest.h>

namespace regstorm::port {
namespace {

TEST(PortSpec, EveryFormIsUnderstoodAndWrittenBack) {
    for (const char* text :
         {"memory", "udp", "udp:192.0.2.1", "udp:192.0.2.1:5070", "udp:2001:db8::1", "udp:[2001:db8::1]:5070",
          "af_packet:eth0", "af_xdp:ens1f0np0", "tap", "tap:phones", "pci:0000:03:00.0"}) {
        const PortSpecResult result = parse_port_spec(text);
        ASSERT_TRUE(result.spec) << text << ": " << result.problem;
        EXPECT_EQ(to_text(*result.spec), text);
        EXPECT_EQ(result.problem, "");
    }
}

TEST(PortSpec, ATapWithoutNameGetsOne) { EXPECT_EQ(parse_port_spec("tap").spec->device, default_tap_name); }

TEST(PortSpec, APciAddressMayLeaveTheDomainOut) {
    EXPECT_EQ(parse_port_spec("pci:03:00.1").spec->device, "0000:03:00.1");
    EXPECT_EQ(parse_port_spec("pci:00AF:3B:00.1").spec->device, "00af:3b:00.1");
}

TEST(PortSpec, WhatIsNoneIsRefusedWithAFragmentThatCanStandBehindIt) {
    const auto problem = [](const char* text) { return parse_port_spec(text).problem; };
    for (const char* const text : {"", "eth0", "af_pcket:eth0", "auto"}) {
        EXPECT_EQ(problem(text), "is not a port") << text;
    }
    EXPECT_EQ(problem("af_packet"), "needs an interface: af_packet:eth1");
    EXPECT_EQ(problem("pci"), "needs a device: pci:0000:03:00.0");
    EXPECT_EQ(problem("memory:1"), "has an argument, and memory takes none");
    EXPECT_EQ(problem("udp:eth0"), "binds \"eth0\", which is not an IP address");
    EXPECT_EQ(problem("pci:3:0.0"), "has \"3:0.0\" for a PCI address; write pci:0000:03:00.0");
    EXPECT_EQ(problem("af_xdp:eth0,iface=eth1"),
              "has \"eth0,iface=eth1\" for an interface; its name has 1 to 15 characters without blank, slash, colon, "
              "comma or equals sign");
    for (const char* const text : {"udp:", "af_packet:", "tap:", "pci:"}) {
        EXPECT_EQ(problem(text), "has nothing after its colon") << text;
    }
    for (const char* const text :
         {"udp:host", "udp:1.2.3", "af_xdp:a/b", "af_xdp:a,b", "tap:sixteen-letters-", "tap:a=b", "pci:03:00.8",
          "pci:0000:03:00.00", "pci:0000-03-00.0", "pci:zzzz:03:00.0", "tap:..", "af_packet:a b"}) {
        EXPECT_FALSE(parse_port_spec(text).spec) << text;
        EXPECT_FALSE(problem(text).empty()) << text;
    }
}

TEST(PortSpec, ThoseOfANetworkOwnTheirLink) {
    EXPECT_TRUE(owns_link(PortKind::tap) && owns_link(PortKind::pci) && owns_link(PortKind::af_packet));
    EXPECT_FALSE(owns_link(PortKind::udp) || owns_link(PortKind::memory));
}

}  // namespace
}  // namespace regstorm::port
