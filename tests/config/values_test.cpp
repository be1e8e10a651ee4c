// SPDX-License-Identifier: Apache-2.0
#include "regstorm/config/values.hpp"

#include <gtest/gtest.h>

#include "regstorm/base/prng.hpp"

namespace regstorm::config {
namespace {

using namespace std::chrono_literals;

TEST(Count, TakesSuffixesExactly) {
    EXPECT_EQ(parse_count("0").value, 0U);
    EXPECT_EQ(parse_count("100k").value, 100'000U);
    EXPECT_EQ(parse_count("1.5M").value, 1'500'000U);
    EXPECT_EQ(parse_count("2G").value, 2'000'000'000U);
    EXPECT_EQ(parse_count("1_000_000").value, 1'000'000U);
    EXPECT_EQ(parse_count("9223372036G").value, 9'223'372'036'000'000'000U);
}

TEST(Count, SaysWhatIsWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"", "is empty"},
        {"-5", "is negative"},
        {"-", "is not a number"},
        {"five", "is not a number"},
        {".", "is not a number"},
        {"5.", "is not a number"},
        {"1.5", "is not a whole number"},
        {"1.0005k", "is not a whole number"},
        {"5K", "is not a count; write 250, 100k, 1.5M or 2G"},
        {"1e6", "is not a count; write 250, 100k, 1.5M or 2G"},
        {"5 k", "is not a count; write 250, 100k, 1.5M or 2G"},
        {"9999999999999999999", "has too many digits"},
        {"999999999999999999G", "is too large"},
        {"1__0", "is not a count; write 250, 100k, 1.5M or 2G"},
    };
    for (const auto& [text, problem] : cases) {
        EXPECT_EQ(parse_count(text).problem, problem) << text;
    }
}

TEST(DurationText, TakesUnits) {
    EXPECT_EQ(parse_duration("250ms", {}).value, 250ms);
    EXPECT_EQ(parse_duration("30s", {}).value, 30s);
    EXPECT_EQ(parse_duration("10m", {}).value, 10min);
    EXPECT_EQ(parse_duration("2h", {}).value, 2h);
    EXPECT_EQ(parse_duration("1d", {}).value, 24h);
    EXPECT_EQ(parse_duration("0.1ms", {}).value, 100us);
    EXPECT_EQ(parse_duration("0", {}).value, 0s);
}

TEST(DurationText, TakesABareNumberOnlyWhereItsUnitIsKnown) {
    EXPECT_EQ(parse_duration("60", 1min).value, 1h);
    EXPECT_EQ(parse_duration("20", 1s).value, 20s);
    EXPECT_EQ(parse_duration("60", {}).problem, "has no unit; write 60s or 60ms");
}

TEST(DurationText, SaysWhatIsWrong) {
    EXPECT_EQ(parse_duration("60sec", {}).problem, "has no known unit (\"sec\"); units are us, ms, s, m, h, d");
    EXPECT_EQ(parse_duration("0.5ns", {}).problem, "is finer than a nanosecond");
    EXPECT_EQ(parse_duration("-1s", {}).problem, "is negative");
    EXPECT_EQ(parse_duration("999999999d", {}).problem, "is too large");
    EXPECT_EQ(parse_duration("s", {}).problem, "is not a number");
}

TEST(DurationText, IsWrittenInTheLargestUnitThatLosesNothing) {
    EXPECT_EQ(to_text(Duration(3600s)), "1h");
    EXPECT_EQ(to_text(Duration(90s)), "90s");
    EXPECT_EQ(to_text(Duration(5400s)), "90m");
    EXPECT_EQ(to_text(Duration(1500ms)), "1500ms");
    EXPECT_EQ(to_text(Duration(0)), "0s");
}

TEST(DurationText, ReadsBackWhatItWrote) {
    SCOPED_TRACE("seed 11");
    base::Prng prng(11);
    for (int i = 0; i < 10'000; ++i) {
        const Duration duration(static_cast<std::int64_t>(prng.next() >> (1 + prng.below(60))) / 1000 * 1000);
        const Parsed<Duration> back = parse_duration(to_text(duration), {});
        ASSERT_EQ(back.problem, "") << to_text(duration);
        ASSERT_EQ(back.value, duration);
    }
}

TEST(RateText, IsANumberOrMax) {
    EXPECT_EQ(parse_rate("5k").value, (Rate{.per_second = 5000}));
    EXPECT_EQ(parse_rate("0.5").value, (Rate{.per_second = 0.5}));
    EXPECT_EQ(parse_rate("max").value, (Rate{.max = true}));
    EXPECT_EQ(parse_rate("fast").problem, "is not a number");
    EXPECT_EQ(parse_rate("5/s").problem, "is not a rate; write 500, 5k, 1M or max (it is per second)");
    EXPECT_EQ(parse_rate("nan").problem, "is not a number");
}

TEST(RateText, ReadsBackWhatItWrote) {
    SCOPED_TRACE("seed 12");
    base::Prng prng(12);
    for (int i = 0; i < 10'000; ++i) {
        const Rate rate{.per_second = prng.unit() * static_cast<double>(prng.below(100'000'000))};
        ASSERT_EQ(parse_rate(to_text(rate)).value, rate) << to_text(rate);
    }
}

TEST(ShareText, IsAFractionOrAPercentage) {
    EXPECT_DOUBLE_EQ(parse_share("0.25").value, 0.25);
    EXPECT_DOUBLE_EQ(parse_share("25%").value, 0.25);
    EXPECT_EQ(parse_share("25k").problem, "is not a share; write 0.25 or 25%");
}

TEST(TargetText, TakesEveryForm) {
    EXPECT_EQ(parse_target("192.0.2.10").value, (Target{"192.0.2.10", 5060}));
    EXPECT_EQ(parse_target("192.0.2.10:5070").value, (Target{"192.0.2.10", 5070}));
    EXPECT_EQ(parse_target("[::1]:5060").value, (Target{"::1", 5060}));
    EXPECT_EQ(parse_target("[2001:DB8::1]").value, (Target{"2001:db8::1", 5060}));
    EXPECT_EQ(parse_target("::1").value, (Target{"::1", 5060}));
    EXPECT_EQ(parse_target("host.example:5061").value, (Target{"host.example", 5061}));
    EXPECT_EQ(parse_target("registrar").value, (Target{"registrar", 5060}));
    EXPECT_EQ(to_text(Target{"::1", 5060}), "[::1]:5060");
}

TEST(TargetText, RefusesWhatIsNone) {
    for (const char* text :
         {"192.0.2.300", "192.0.2", "host:", "host:0", "host:65536", "host:x", "[::1", "::1]:5060", ":5060", "a b",
          "sip:host", "host..example", "-host", "user@host", "1234", "host:5060:5060"}) {
        EXPECT_FALSE(parse_target(text).good()) << text;
    }
}

TEST(AddressRangeText, CountsItsAddresses) {
    EXPECT_EQ(parse_address_range("198.18.0.1-198.18.0.200").value.count, 200U);
    EXPECT_EQ(parse_address_range("198.18.0.7").value.count, 1U);
    EXPECT_EQ(parse_address_range("2001:db8::1-2001:db8::ff").value.count, 255U);
}

TEST(AddressRangeText, TakesTheHostsOfAPrefix) {
    EXPECT_EQ(to_text(parse_address_range("198.18.0.0/24").value), "198.18.0.1-198.18.0.254");
    EXPECT_EQ(to_text(parse_address_range("198.18.0.77/24").value), "198.18.0.1-198.18.0.254");
    EXPECT_EQ(to_text(parse_address_range("198.18.0.0/31").value), "198.18.0.0-198.18.0.1");
    EXPECT_EQ(to_text(parse_address_range("198.18.0.9/32").value), "198.18.0.9");
    EXPECT_EQ(parse_address_range("198.18.0.0/16").value.count, 65'534U);
    EXPECT_EQ(parse_address_range("2001:db8::/112").value.count, 65'536U);
}

TEST(AddressRangeText, SaysWhatIsWrong) {
    EXPECT_EQ(parse_address_range("198.18.0.9-198.18.0.1").problem, "ends before it starts");
    EXPECT_EQ(parse_address_range("198.18.0.0/15").problem, "has more than 65536 addresses; the largest block is /16");
    EXPECT_EQ(parse_address_range("2001:db8::/64").problem, "has more than 65536 addresses; the largest block is /112");
    EXPECT_EQ(parse_address_range("10.0.0.0-11.0.0.0").problem, "has more than 65536 addresses");
    EXPECT_EQ(parse_address_range("198.18.0.0/33").problem, "needs a prefix length of 0 to 32");
    EXPECT_EQ(parse_address_range("/24").problem, "does not start with an IP address");
    for (const char* text : {"198.18.0.1-", "-198.18.0.1", "198.18.0.1-::1", "a-b", "198.18.0.1-2"}) {
        EXPECT_FALSE(parse_address_range(text).good()) << text;
    }
}

TEST(AddressRange, FindsAndContainsItsAddresses) {
    const AddressRange range = parse_address_range("198.18.0.250-198.18.1.5").value;
    EXPECT_EQ(range.count, 12U);
    EXPECT_EQ(base::to_text(range.at(6)), "198.18.1.0");
    EXPECT_TRUE(range.contains(*base::parse_ip("198.18.1.5")));
    EXPECT_FALSE(range.contains(*base::parse_ip("198.18.1.6")));
    EXPECT_FALSE(range.contains(*base::parse_ip("::1")));
}

TEST(UdpPorts, AreARange) {
    EXPECT_EQ(parse_udp_ports("10000-59999").value.count(), 50'000U);
    EXPECT_EQ(to_text(parse_udp_ports("5060").value), "5060");
    EXPECT_EQ(parse_udp_ports("2-1").problem, "ends before it starts");
    for (const char* text : {"", "0-5", "1-65536", "a", "1-", "-1"}) {
        EXPECT_FALSE(parse_udp_ports(text).good()) << text;
    }
}

TEST(ShortCount, IsWhatPeopleWrite) {
    EXPECT_EQ(short_count(10'000), "10k");
    EXPECT_EQ(short_count(1'500'000), "1.5M");
    EXPECT_EQ(short_count(1'234), "1234");
    EXPECT_EQ(short_count(999), "999");
    EXPECT_EQ(short_count(0), "0");
}

}  // namespace
}  // namespace regstorm::config
