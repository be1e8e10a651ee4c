// SPDX-License-Identifier: Apache-2.0
#include "regstorm/base/mac_address.hpp"

#include <gtest/gtest.h>

namespace regstorm::base {
namespace {

TEST(MacAddress, ReadsEitherCaseAndWritesLowerCase) {
    const std::optional<MacAddress> mac = parse_mac("02:00:5E:1a:00:fF");
    ASSERT_TRUE(mac);
    EXPECT_EQ(mac->bytes, (std::array<std::uint8_t, 6>{0x02, 0x00, 0x5e, 0x1a, 0x00, 0xff}));
    EXPECT_EQ(to_text(*mac), "02:00:5e:1a:00:ff");
}

TEST(MacAddress, RefusesWhatIsNoMac) {
    for (const char* bad : {"", "02:00:5e:1a:00", "02:00:5e:1a:00:0", "02-00-5e-1a-00-ff", "02:00:5e:1a:00:fg",
                            "02:00:5e:1a:00:ff:", "2:000:5e:1a:00:ff", "-1:00:5e:1a:00:ff"}) {
        EXPECT_FALSE(parse_mac(bad)) << bad;
    }
}

TEST(MacAddress, KnowsGroupAddresses) {
    EXPECT_TRUE(broadcast_mac.is_group());
    EXPECT_TRUE(parse_mac("01:00:5e:00:00:01")->is_group());
    EXPECT_FALSE(parse_mac("02:00:5e:00:00:01")->is_group());
}

}  // namespace
}  // namespace regstorm::base
