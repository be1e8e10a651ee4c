// SPDX-License-Identifier: Apache-2.0
#include "regstorm/registration/schedule.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <optional>
#include <utility>
#include <vector>

namespace regstorm::registration {
namespace {

TEST(Schedule, REG_6_RefreshesBeforeTheBindingExpires) {
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
        EXPECT_EQ(refresh_after_ms(profile, test.granted_s, 0), test.after_ms)
            << test.granted_s << " s granted, margin " << test.before_s;
    }
}

TEST(Schedule, REG_6_IsAlwaysWithinTheLifetimeAndTheWheelsHorizon) {
    Profile profile;
    for (std::uint32_t granted_s = 2; granted_s < 5000; ++granted_s) {
        for (const std::uint32_t before_s : {0U, 1U, 60U, 3600U, 64800U}) {
            profile.refresh_before_s = before_s;
            const base::Tick after_ms = refresh_after_ms(profile, granted_s, 0);
            ASSERT_LT(after_ms, granted_s * 1000) << granted_s << "/" << before_s;
            ASSERT_GE(after_ms, 1000U);
        }
    }
}

TEST(Schedule, REG_6_AMarginTakesNoMoreThanItsShareOfTheLifetime) {
    Profile profile;  // Mitel: remaining = min(E/2, threshold)
    profile.refresh_before_s = 15;
    profile.refresh_before_at_most_per_mille = 500;
    EXPECT_EQ(refresh_after_ms(profile, 3600, 0), 3'585'000U);
    EXPECT_EQ(refresh_after_ms(profile, 20, 0), 10'000U);
}

/// Least and greatest of many draws.
template <class F>
std::pair<base::Tick, base::Tick> range_of(F&& at) {
    base::Prng prng(7);
    std::pair<base::Tick, base::Tick> range{~0U, 0};
    for (int i = 0; i < 20'000; ++i) {
        const base::Tick value = at(prng.next());
        range = {std::min(range.first, value), std::max(range.second, value)};
    }
    return range;
}

TEST(Schedule, REG_6_SomeRefreshAnywhereInAShareOfTheLifetime) {
    Profile profile;  // Sofia: uniform [E/4, 3E/4]
    profile.refresh_per_mille = 250;
    profile.refresh_per_mille_max = 750;
    const auto [least, greatest] = range_of([&](std::uint64_t draw) { return refresh_after_ms(profile, 3600, draw); });
    EXPECT_GE(least, 900'000U);
    EXPECT_LT(least, 901'000U);
    EXPECT_LE(greatest, 2'700'000U);
    EXPECT_GT(greatest, 2'699'000U);
}

TEST(Schedule, TheGrandstreamWaitIsFixedWhateverTheDraw) {
    Profile profile;
    profile.wait_after_failure(20'000);
    EXPECT_EQ(range_of([&](std::uint64_t draw) { return retry_after_ms(profile, FailureClass::timeout, 9, {}, draw); }),
              (std::pair<base::Tick, base::Tick>{20'000, 20'000}));
}

TEST(Schedule, OB_6_BacksOffAsRfc5626HasIt) {
    Profile profile;  // W = min(1800, 30 * 2^n), uniform in [W/2, W]
    profile.wait_after_failure(60'000);
    profile.wait_growth_per_mille = 2000;
    profile.wait_grown_ms_max = 1'800'000;
    profile.wait_per_mille_min = 500;
    for (const auto& [failures, upper] : std::vector<std::pair<std::uint32_t, base::Tick>>{
             {1, 60'000}, {2, 120'000}, {5, 960'000}, {6, 1'800'000}, {7, 1'800'000}, {255, 1'800'000}}) {
        const auto [least, greatest] = range_of([&, count = failures](std::uint64_t draw) {
            return retry_after_ms(profile, FailureClass::timeout, count, {}, draw);
        });
        EXPECT_GE(least, upper / 2);
        EXPECT_LE(least, upper / 2 + upper / 100);
        EXPECT_LE(greatest, upper);
        EXPECT_GE(greatest, upper - upper / 100);
    }
}

TEST(Schedule, REG_11_RetryAfterIsAFloorOrReplacesTheWaitOrIsIgnored) {
    Profile profile;
    profile.wait_after_failure(20'000);
    const auto wait = [&](std::optional<std::uint32_t> retry_after_s) {
        return retry_after_ms(profile, FailureClass::unavailable, 1, retry_after_s, 1);
    };
    EXPECT_EQ(wait(30), 30'000U);
    EXPECT_EQ(wait(5), 20'000U);
    profile.retry_after = RetryAfter::exact;
    EXPECT_EQ(wait(5), 5'000U);
    EXPECT_EQ(wait(0), 0U) << "PAR-15: at once";
    EXPECT_EQ(wait({}), 20'000U);
    EXPECT_EQ(wait(0xffff'ffff), wait_ms_max);
    profile.retry_after = RetryAfter::ignored;
    EXPECT_EQ(wait(30), 20'000U);
}

TEST(Schedule, ARetryAfterThatReplacesTheWaitAlsoReplacesNever) {
    Profile profile;  // Asterisk: Retry-After beats everything
    profile.wait_ms[static_cast<std::size_t>(FailureClass::forbidden)] = wait_never;
    EXPECT_TRUE(gives_up(profile, FailureClass::forbidden, 10));
    profile.retry_after = RetryAfter::exact;
    EXPECT_FALSE(gives_up(profile, FailureClass::forbidden, 10));
    EXPECT_TRUE(gives_up(profile, FailureClass::forbidden, {}));
}

TEST(Schedule, TheFirstWaitInARowCanDiffer) {
    Profile profile;  // PJSUA: at once, then 300 s
    profile.wait_after_failure(300'000);
    profile.wait_first_ms = 0;
    EXPECT_EQ(retry_after_ms(profile, FailureClass::timeout, 1, {}, 1), 0U);
    EXPECT_EQ(retry_after_ms(profile, FailureClass::timeout, 2, {}, 1), 300'000U);
}

TEST(Schedule, BootDelaysAndAskedLifetimesAreSpreadOverWhatTheProfileSays) {
    Profile profile;
    profile.boot_delay_ms = 3000;
    profile.boot_delay_spread_ms = 10'000;
    profile.expires_spread_s = 255;
    const auto [least, greatest] = range_of([&](std::uint64_t draw) { return boot_delay_ms(profile, draw); });
    EXPECT_GE(least, 3000U);
    EXPECT_LE(greatest, 13'000U);
    EXPECT_GT(greatest - least, 9'900U);
    EXPECT_EQ(range_of([&](std::uint64_t draw) { return asked_expires_s(profile, draw); }),
              (std::pair<base::Tick, base::Tick>{3600, 3855}));
}

}  // namespace
}  // namespace regstorm::registration
