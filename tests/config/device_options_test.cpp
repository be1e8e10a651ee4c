// SPDX-License-Identifier: Apache-2.0
// The settings of a phone: what each takes in its vendor's unit, and the line that quotes the range for what it
// refuses.
#include "scratch.hpp"

namespace regstorm::config {
namespace {

Loaded loaded_with(const std::vector<std::string>& sets) {
    Request request;
    request.command = Command::registrar;  // defaults alone
    for (const std::string& set : sets) {
        request.settings.push_back(parse_set("device." + set));
    }
    return load(request);
}

Device device(const std::vector<std::string>& sets) {
    const Loaded loaded = loaded_with(sets);
    EXPECT_TRUE(loaded.good()) << to_text(loaded.problems[0]);
    return loaded.scenario.device;
}

std::string problem(const std::string& set) {
    const Loaded loaded = loaded_with({set});
    return loaded.good() ? "" : to_text(loaded.problems[0]);
}

TEST(DeviceOption, TakesBareNumbersInTheVendorsUnit) {
    EXPECT_EQ(device({"register_expiration=60"}).register_expiration, 60min);
    EXPECT_EQ(device({"subscribe_expiration=64800"}).subscribe_expiration, 64'800min);
    EXPECT_EQ(device({"re_register_before_expiration=64800"}).re_register_before_expiration, 64'800s);
    EXPECT_EQ(device({"options_interval=64800"}).options_interval, 64'800s);
    EXPECT_EQ(device({"subscribe_retry_wait=3600"}).subscribe_retry_wait, 3600s);
    EXPECT_EQ(device({"nat_keep_alive_interval=160"}).nat_keep_alive_interval, 160s);
    EXPECT_EQ(device({"delay_registration=90"}).delay_registration, 90s);
    EXPECT_EQ(device({"start_delay_max=1h"}).start_delay_max, 1h);
}

TEST(DeviceOption, QuotesTheRangeOfWhatItRefuses) {
    const std::pair<const char*, const char*> cases[] = {
        {"register_expiration=64801", "\"64801\" is too large; allowed: 1s to 45d"},
        {"register_expiration=0", "\"0\" is too small; allowed: 1s to 45d"},
        {"re_register_before_expiration=64801", "\"64801\" is too large; allowed: 0s to 18h"},
        {"refresh_fraction=1", "\"1\" is too large; allowed: 0.05 to 0.99"},
        {"refresh_fraction_max=0.01", "\"0.01\" is too small; allowed: 0.05 to 0.99, or none"},
        {"refresh_before_at_most=2", "\"2\" is too large; allowed: 0.05 to 1"},
        {"registration_retry_wait=3601", "\"3601\" is too large; allowed: 1s to 1h"},
        {"registration_retry_wait=0", "\"0\" is too small; allowed: 1s to 1h"},
        {"retry_wait_timeout=0", "\"0\" is too small; allowed: same, never, 1s to 45d"},
        {"retry_wait_timeout=46d", "\"46d\" is too large; allowed: same, never, 1s to 45d"},
        {"retry_wait_404=soon", "\"soon\" is not a number; allowed: same, never, 1s to 45d"},
        {"retry_wait_403=3601",
         "\"3601\" is too large; allowed: same, never, 1s to 45d; bare, 0 to 3600 seconds and 0 is never"},
        {"retry_wait_first=never", "\"never\" is no wait for this one; allowed: same, 0s to 45d"},
        {"retry_backoff=0.5", "\"0.5\" is too small; allowed: 1 to 10"},
        {"delay_registration=91", "\"91\" is too large; allowed: 0s to 90s"},
        {"start_delay_max=3601", "\"3601\" is too large; allowed: 0s to 1h"},
        {"subscribe_expiration=64801", "\"64801\" is too large; allowed: 0s to 45d"},
        {"options_interval=0", "\"0\" is too small; allowed: 1s to 18h"},
        {"options_max_lost=2", "\"2\" is too small; allowed: 3 to 10"},
        {"options_max_lost=11", "\"11\" is too large; allowed: 3 to 10"},
        {"nat_keep_alive_interval=9", "\"9\" is too small; allowed: 10s to 160s"},
        {"local_sip_port=65536", "\"65536\" is too large; allowed: 1 to 65535"},
    };
    for (const auto& [set, text] : cases) {
        const std::string line = problem(set);
        EXPECT_NE(line.find(text), std::string::npos) << line;
    }
}

TEST(DeviceOption, OfAChoiceNamesTheChoices) {
    EXPECT_NE(problem("unregister_before_registration=some").find("allowed: no, instance, all"), std::string::npos);
    EXPECT_NE(problem("honour_retry_after=x").find("allowed: ignore, floor, exact"), std::string::npos);
    EXPECT_NE(problem("nat_keep_alive=x").find("allowed: none, crlf, zeros, stun"), std::string::npos);
    EXPECT_NE(problem("outbound_proxy_mode=x").find("allowed: in_route, not_in_route, always"), std::string::npos);
    EXPECT_NE(problem("mac_in_user_agent=x").find("allowed: no, yes"), std::string::npos);
    EXPECT_NE(problem("mac_header=x").find("allowed: no, register, all"), std::string::npos);
    EXPECT_NE(problem("unsolicited_notify=x").find("allowed: accept, refuse"), std::string::npos);
    EXPECT_EQ(device({"nat_keep_alive=stun"}).nat_keep_alive, NatKeepAlive::stun);
    EXPECT_EQ(device({"mac_header=register"}).mac_header, MacHeader::register_);
}

TEST(DeviceOption, OfAWaitIsTheSameForEverOrATime) {
    using Kind = RetryWait::Kind;
    EXPECT_EQ(device({}).retry_wait_401, RetryWait{});
    EXPECT_EQ(device({"retry_wait_401=never"}).retry_wait_401, RetryWait{.kind = Kind::never});
    EXPECT_EQ(device({"retry_wait_6xx=1080h"}).retry_wait_6xx, (RetryWait{.kind = Kind::after, .after = 1080h}));
    EXPECT_EQ(device({"retry_wait_5xx=never", "retry_wait_5xx=same"}).retry_wait_5xx, RetryWait{});
    EXPECT_EQ(device({"retry_wait_first=0"}).retry_wait_first, (RetryWait{.kind = Kind::after}));
}

// HT-M: "...upon 403 Forbidden", 0 to 3600, 0 stops.
TEST(DeviceOption, Of403MeansNeverByZero) {
    EXPECT_EQ(device({"retry_wait_403=0"}).retry_wait_403, RetryWait{.kind = RetryWait::Kind::never});
    EXPECT_EQ(device({"retry_wait_403=3600"}).retry_wait_403.after, 1h);
    EXPECT_EQ(device({"retry_wait_403=2h"}).retry_wait_403.after, 2h);
    EXPECT_NE(problem("retry_wait_403=1ms").find("is too small"), std::string::npos);
}

TEST(DeviceOption, HasAWordForZero) {
    EXPECT_EQ(device({"timer_f=auto"}).timer_f, 0s);
    EXPECT_EQ(device({"timer_f=16s"}).timer_f, 16s);
    EXPECT_EQ(device({"refresh_fraction_max=none"}).refresh_fraction_max, 0);
    EXPECT_EQ(device({"retry_wait_max=none"}).retry_wait_max, 0s);
    EXPECT_EQ(device({"outbound_proxy=none"}).outbound_proxy, Target{});
    EXPECT_EQ(device({"outbound_proxy=edge.example:5070"}).outbound_proxy, (Target{"edge.example", 5070}));
}

}  // namespace
}  // namespace regstorm::config
