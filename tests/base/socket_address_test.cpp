// SPDX-License-Identifier: Apache-2.0
#include "regstorm/base/socket_address.hpp"

#include <gtest/gtest.h>

namespace regstorm::base {
namespace {

TEST(SocketAddress, ReadsAndWritesBothFamilies) {
    struct Case {
        const char* in;
        const char* out;
    };
    for (const Case& test :
         {Case{"192.0.2.1", "192.0.2.1:5060"}, Case{"192.0.2.1:99", "192.0.2.1:99"}, Case{"::1", "[::1]:5060"},
          Case{"[::1]", "[::1]:5060"}, Case{"[::1]:99", "[::1]:99"}, Case{"2001:DB8::1", "[2001:db8::1]:5060"}}) {
        const std::optional<SocketAddress> address = parse_socket_address(test.in, 5060);
        ASSERT_TRUE(address) << test.in;
        EXPECT_EQ(to_text(*address), test.out);
    }
}

TEST(SocketAddress, RefusesWhatIsNoAddress) {
    for (const char* bad : {"", ":", "host", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:65536", "192.0.2.256", "[::1",
                            "[192.0.2.1]", "1.2.3.4:5060:1", "192.0.2.1 ", "[::1]5060", "-1.2.3.4"}) {
        EXPECT_FALSE(parse_socket_address(bad, 5060)) << bad;
    }
}

TEST(IpAddress, KeepsIpv4AsANumber) {
    EXPECT_EQ(parse_ip("198.18.0.1")->ipv4(), 0xc6120001U);
    EXPECT_EQ(IpAddress::from_ipv4(0xc6120001U), *parse_ip("198.18.0.1"));
    EXPECT_EQ(parse_ip("::1")->family, Family::ipv6);
}

}  // namespace
}  // namespace regstorm::base
