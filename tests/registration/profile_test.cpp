// SPDX-License-Identifier: Apache-2.0
#include "regstorm/registration/profile.hpp"

#include <gtest/gtest.h>

namespace regstorm::registration {
namespace {

TEST(Profile, REG_6_RefreshesBeforeTheBindingExpires) {
    struct Case {
        std::uint32_t granted_s, before_s, per_mille;
        base::Tick after_ms;
    };
    for (const Case& test : {
             Case{3600, 0, 900, 3'240'000},
             Case{3600, 300, 900, 3'300'000},
             Case{3600, 3600, 900, 1'800'000},         // a margin as long as the lifetime: half of it
             Case{3600, 64800, 900, 1'800'000},        //
             Case{60, 5, 900, 55'000},                 //
             Case{5, 0, 900, 4'500},                   //
             Case{1, 0, 900, 1'000},                   // never sooner than a second
             Case{0, 0, 900, 1'000},                   //
             Case{3'888'000, 0, 1000, 3'888'000'000},  // 64,800 min, the longest a phone can be given
             Case{0xffff'ffff, 0, 900, wait_ms_max},   // the longest Expires that RFC 3261 can say
             Case{0xffff'ffff, 1, 900, wait_ms_max},
         }) {
        Profile profile;
        profile.refresh_before_s = test.before_s;
        profile.refresh_per_mille = test.per_mille;
        EXPECT_EQ(refresh_after_ms(profile, test.granted_s), test.after_ms)
            << test.granted_s << " s granted, margin " << test.before_s;
    }
}

TEST(Profile, REG_6_IsAlwaysWithinTheLifetimeAndTheWheelsHorizon) {
    Profile profile;
    for (std::uint32_t granted_s = 2; granted_s < 5000; ++granted_s) {
        for (const std::uint32_t before_s : {0U, 1U, 60U, 3600U, 64800U}) {
            profile.refresh_before_s = before_s;
            const base::Tick after_ms = refresh_after_ms(profile, granted_s);
            ASSERT_LT(after_ms, granted_s * 1000) << granted_s << "/" << before_s;
            ASSERT_GE(after_ms, 1000U);
        }
    }
}

}  // namespace
}  // namespace regstorm::registration
