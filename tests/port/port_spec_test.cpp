// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/port_spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace regstorm::port {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(PortSpec, EveryFormIsUnderstoodAndWrittenBack) {
    for (const char* text :
         {"memory", "udp", "udp:192.0.2.1", "udp:192.0.2.1:5070", "udp:2001:db8::1", "udp:[2001:db8::1]:5070",
          "af_packet:eth0", "af_xdp:ens1f0np0", "tap:phones", "pci:0000:03:00.0"}) {
        const PortSpecResult result = parse_port_spec(text);
        ASSERT_TRUE(result.spec) << text << ": " << result.error;
        EXPECT_EQ(to_text(*result.spec), text);
        EXPECT_EQ(result.error, "");
    }
}

TEST(PortSpec, ATapWithoutNameGetsOne) { EXPECT_EQ(parse_port_spec("tap").spec->device, default_tap_name); }

TEST(PortSpec, APciAddressMayLeaveTheDomainOut) {
    EXPECT_EQ(parse_port_spec("pci:03:00.1").spec->device, "0000:03:00.1");
    EXPECT_EQ(parse_port_spec("pci:00AF:3B:00.1").spec->device, "00af:3b:00.1");
}

TEST(PortSpec, AMisspeltKindIsToldWhatIsAllowedAndWhatWasMeant) {
    EXPECT_EQ(parse_port_spec("af_pcket:eth0").error,
              "port 'af_pcket:eth0' is unknown; allowed: memory, udp[:ADDR], af_packet:INTERFACE, af_xdp:INTERFACE, "
              "tap[:NAME], pci:ADDR; did you mean 'af_packet'?");
    EXPECT_THAT(parse_port_spec("afxdp:eth0").error, HasSubstr("did you mean 'af_xdp'?"));
    EXPECT_THAT(parse_port_spec("").error, AllOf(HasSubstr("allowed: memory"), Not(HasSubstr("did you mean"))));
    EXPECT_THAT(parse_port_spec("eth0").error, Not(HasSubstr("did you mean")));
}

TEST(PortSpec, WrongArgumentsAreRefusedInOneLine) {
    for (const char* text : {"memory:1", "udp:host", "udp:", "udp:1.2.3", "af_packet", "af_packet:", "af_xdp:a/b",
                             "af_xdp:a,b", "tap:sixteen-letters-", "tap:a=b", "pci", "pci:", "pci:03:00.8", "pci:3:0.0",
                             "pci:0000:03:00.00", "pci:0000-03-00.0", "pci:zzzz:03:00.0", "tap:..", "af_packet:a b"}) {
        const PortSpecResult result = parse_port_spec(text);
        EXPECT_FALSE(result.spec) << text;
        EXPECT_THAT(result.error, AllOf(HasSubstr("allowed"), Not(HasSubstr("\n")))) << text;
    }
}

}  // namespace
}  // namespace regstorm::port
