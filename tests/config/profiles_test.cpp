// SPDX-License-Identifier: Apache-2.0
// Each profile that comes with regstorm states the figures that its vendor documents (sections 1 and 2 of the protocol
// notes), says where they are from, and says what is not known.
#include "regstorm/config/library.hpp"
#include "scratch.hpp"

namespace regstorm::config {
namespace {

constexpr RetryWait never{.kind = RetryWait::Kind::never};

RetryWait after(Duration wait) { return {.kind = RetryWait::Kind::after, .after = wait}; }

Device device(std::string_view profile) {
    Request request;
    request.settings.push_back(parse_set("device.profile=" + std::string(profile)));
    const Loaded loaded = load(request);
    EXPECT_TRUE(loaded.good()) << profile << ": " << to_text(loaded.problems[0]);
    return loaded.scenario.device;
}

TEST(Profiles, AreAllThere) {
    for (const char* name :
         {"asterisk-outbound", "audiocodes-4xxhd", "baresip", "cisco-79xx", "cisco-mpp", "generic-sip",
          "grandstream-grp26xx", "grandstream-gsc35xx", "grandstream-ht8xx", "linphone", "mitel-6700i", "panasonic-hdv",
          "panasonic-kx-ut", "pjsua", "poly-vvx", "snom", "sofia-sip", "yealink-t5x"}) {
        EXPECT_NE(find_embedded(profiles(), name), nullptr) << name;
    }
}

TEST(Profiles, SayWhereEachValueIsFromAndWhatIsNotKnown) {
    for (const Embedded& embedded : profiles()) {
        std::string_view text = embedded.text;
        EXPECT_NE(text.find("\n# Not known: "), text.npos) << embedded.name;
        EXPECT_NE(text.find("user_agent = \""), text.npos) << embedded.name;
        std::string_view before;
        for (; !text.empty(); text.remove_prefix(std::min(text.size(), text.find('\n') + 1))) {
            const std::string_view line = text.substr(0, text.find('\n'));
            const bool value = line.find(" = ") != line.npos && !line.starts_with('#') && !line.starts_with("kind") &&
                               !line.starts_with("description");
            EXPECT_TRUE(!value || line.find("  # ") != line.npos || line.find(" # ") != line.npos ||
                        before.starts_with("# "))
                << embedded.name << ": " << line;
            before = line;
        }
    }
}

TEST(Profiles, OfTheGsc35xxNamesEverySetting) {
    const std::string_view text = find_embedded(profiles(), "grandstream-gsc35xx")->text;
    for (const Option& option : options()) {
        if (group_of(option) == "device" && option.key != "device.profile") {
            const std::string name(option.key.substr(option.key.find('.') + 1));
            EXPECT_NE(text.find('\n' + name + " = "), text.npos) << name;
        }
    }
}

TEST(Profiles, OfGrandstreamHaveItsFactorySettings) {
    const Device gsc = device("grandstream-gsc35xx");
    EXPECT_EQ(gsc.unregister_before_registration, Unregister::instance);
    EXPECT_EQ(gsc.subscribe_expiration, 60min);
    EXPECT_EQ(gsc.options_interval, 30s);
    EXPECT_EQ(gsc.options_max_lost, 3U);
    EXPECT_FALSE(gsc.options_keep_alive);
    EXPECT_EQ(gsc.nat_keep_alive_interval, 20s);
    EXPECT_EQ(gsc.retry_jitter, 0s);
    EXPECT_EQ(gsc.retry_backoff, 1);
    EXPECT_EQ(gsc.retry_wait_403, RetryWait{});
    const Device grp = device("grandstream-grp26xx");
    EXPECT_EQ(grp.unregister_before_registration, Unregister::no);
    EXPECT_EQ(grp.register_expiration, 60min);
    EXPECT_TRUE(grp.random_sip_port);
    const Device ht = device("grandstream-ht8xx");
    EXPECT_EQ(ht.retry_wait_403, after(1200s));
    EXPECT_EQ(ht.registration_retry_wait, 20s);
}

TEST(Profiles, OfDeskPhonesHaveTheirRefreshAndWait) {
    EXPECT_EQ(device("yealink-t5x").registration_retry_wait, 30s);
    EXPECT_EQ(device("yealink-t5x").nat_keep_alive_interval, 30s);
    EXPECT_EQ(device("poly-vvx").re_register_before_expiration, 60s);
    EXPECT_EQ(device("poly-vvx").retry_backoff, 2);
    EXPECT_EQ(device("poly-vvx").retry_wait_max, 60s);
    EXPECT_EQ(device("poly-vvx").retry_factor_min, 0.5);
    EXPECT_EQ(device("cisco-mpp").registration_retry_wait, 30s);
    EXPECT_EQ(device("cisco-mpp").retry_wait_404, after(1200s));
    EXPECT_EQ(device("cisco-mpp").timer_f, 16s);
    EXPECT_EQ(device("cisco-79xx").re_register_before_expiration, 5s);
    EXPECT_EQ(device("snom").registration_retry_wait, 300s);
    EXPECT_EQ(device("snom").retry_factor_min, 0.9);
    EXPECT_EQ(device("snom").retry_factor_max, 1.1);
    EXPECT_EQ(device("panasonic-hdv").refresh_fraction, 0.5);
    EXPECT_EQ(device("panasonic-kx-ut").refresh_fraction, 0.9);
    EXPECT_EQ(device("panasonic-kx-ut").registration_retry_wait, 10s);
    EXPECT_EQ(device("mitel-6700i").re_register_before_expiration, 15s);
    EXPECT_EQ(device("mitel-6700i").refresh_before_at_most, 0.5);
    EXPECT_EQ(device("mitel-6700i").retry_wait_timeout, after(120s));
    EXPECT_TRUE(device("audiocodes-4xxhd").options_keep_alive);
    EXPECT_EQ(device("audiocodes-4xxhd").options_interval, 60s);
}

TEST(Profiles, OfStacksHaveTheirRefreshAndWait) {
    const Device pjsua = device("pjsua");
    EXPECT_EQ(pjsua.re_register_before_expiration, 5s);
    EXPECT_EQ(pjsua.registration_retry_wait, 300s);
    EXPECT_EQ(pjsua.retry_wait_first, after(0s));
    EXPECT_EQ(pjsua.retry_wait_401, never);
    EXPECT_EQ(pjsua.retry_wait_403, never);
    EXPECT_EQ(pjsua.retry_wait_404, never);
    EXPECT_EQ(pjsua.retry_wait_5xx, RetryWait{});
    EXPECT_EQ(pjsua.retry_wait_6xx, RetryWait{});
    const Device asterisk = device("asterisk-outbound");
    EXPECT_EQ(asterisk.re_register_before_expiration, 10s);
    EXPECT_EQ(asterisk.registration_retry_wait, 60s);
    EXPECT_EQ(asterisk.start_delay_max, 10s);
    EXPECT_EQ(asterisk.honour_retry_after, RetryAfter::exact);
    EXPECT_EQ(asterisk.retry_wait_403, never);
    EXPECT_EQ(device("linphone").refresh_fraction, 0.9);
    EXPECT_EQ(device("linphone").retry_wait_timeout, after(2s));
    const Device baresip = device("baresip");
    EXPECT_EQ(baresip.registration_retry_wait, 60s);
    EXPECT_EQ(baresip.retry_wait_max, 1800s);
    EXPECT_EQ(baresip.retry_factor_min, 0.5);
    EXPECT_EQ(baresip.register_expiration_spread, 255s);
    EXPECT_EQ(device("sofia-sip").refresh_fraction, 0.25);
    EXPECT_EQ(device("sofia-sip").refresh_fraction_max, 0.75);
}

class ResolvedProfile : public InScratchFolder {};

TEST_F(ResolvedProfile, ReadsBackAsTheSameDevice) {
    for (const Embedded& embedded : profiles()) {
        const std::string text = resolved_profile(device(embedded.name), "all of it");
        write("resolved.toml", text);
        EXPECT_EQ(resolved_profile(device("./resolved.toml"), "all of it"), text) << embedded.name;
    }
}

}  // namespace
}  // namespace regstorm::config
