// SPDX-License-Identifier: Apache-2.0
// Defaults, profile, scenario, then --set and flags in order: the later wins.
#include "regstorm/config/library.hpp"
#include "scratch.hpp"

namespace regstorm::config {
namespace {

class Layers : public InScratchFolder {
  protected:
    static Scenario good(const std::string& scenario, const std::vector<std::string>& sets) {
        const Loaded loaded = load(request(scenario, sets));
        EXPECT_EQ(lines(loaded), Lines{});
        return loaded.scenario;
    }
};

TEST_F(Layers, WithoutAnythingAreTheFirstRun) {
    const Scenario scenario = good("", {});
    EXPECT_EQ(scenario.run.port->kind, port::PortKind::memory);
    EXPECT_EQ(scenario.run.endpoints, 100'000U);
    EXPECT_EQ(scenario.device.profile, "grandstream-gsc35xx");
}

TEST_F(Layers, WithATargetAloneAreTheDefaultsOverUdp) {
    const Scenario scenario = good("", {"run.target=192.0.2.1"});
    EXPECT_EQ(scenario.run.port->kind, port::PortKind::udp);
    EXPECT_EQ(scenario.device.profile, "generic-sip");
    EXPECT_EQ(scenario.run.rate.per_second, 1000);
}

TEST_F(Layers, PutTheScenarioOverItsProfile) {
    write("phone.toml", "kind = \"profile\"\n[device]\nt1 = \"1s\"\nt2 = \"8s\"\nuser_agent = \"Phone\"\n");
    write("my.toml", "[device]\nprofile = \"./phone.toml\"\nt1 = \"2s\"\n");
    const Scenario scenario = good("my.toml", {});
    EXPECT_EQ(scenario.device.t1, 2s);
    EXPECT_EQ(scenario.device.t2, 8s);
    EXPECT_EQ(scenario.device.user_agent, "Phone");
}

TEST_F(Layers, PutAnotherProfileUnderTheSameScenario) {
    write("phone.toml", "kind = \"profile\"\n[device]\nt1 = \"1s\"\nuser_agent = \"Phone\"\n");
    write("my.toml", "[device]\nprofile = \"generic-sip\"\nt1 = \"2s\"\n");
    const Scenario scenario = good("my.toml", {"device.profile=./phone.toml"});
    EXPECT_EQ(scenario.device.profile, "./phone.toml");
    EXPECT_EQ(scenario.device.user_agent, "Phone");
    EXPECT_EQ(scenario.device.t1, 2s);
}

TEST_F(Layers, LetTheLastSettingWin) {
    write("my.toml", "[run]\nrate = 5\n");
    EXPECT_EQ(good("my.toml", {"run.rate=6", "run.rate=max", "run.rate=7"}).run.rate, (Rate{.per_second = 7}));
}

TEST_F(Layers, LetTheCommandLineSayAnewWhenTheRunEnds) {
    write("my.toml", "[run]\nhold = \"5s\"\n");
    const Scenario timed = good("my.toml", {"run.duration=10s"});
    EXPECT_EQ(timed.run.duration, 10s);
    EXPECT_EQ(timed.run.hold, 0s);
    const Scenario held = good("steady", {"run.hold=3s"});
    EXPECT_EQ(held.run.duration, 0s);
    EXPECT_EQ(held.run.hold, 3s);
    EXPECT_EQ(good("my.toml", {}).run.hold, 5s);
}

TEST_F(Layers, ReadGrandstreamMinutesAsMinutes) {
    const Scenario scenario = good("", {"device.register_expiration=64800", "device.registration_retry_wait=20"});
    EXPECT_EQ(scenario.device.register_expiration, 64'800min);
    EXPECT_EQ(scenario.device.registration_retry_wait, 20s);
    EXPECT_EQ(good("", {"device.register_expiration=90s"}).device.register_expiration, 90s);
}

TEST_F(Layers, GiveZeroItsWord) {
    const Scenario scenario =
        good("", {"run.duration=auto", "run.workers=auto", "run.seed=random", "link.resolve_timeout=1s"});
    EXPECT_EQ(scenario.run.duration, 0s);
    EXPECT_EQ(scenario.run.workers, 0U);
    EXPECT_EQ(scenario.run.seed, 0U);
}

TEST_F(Layers, AcceptAPipeAsAFile) {
    ASSERT_EQ(system("mkfifo pipe && (printf '[run]\\nrate = 77\\n' > pipe &)"), 0);
    EXPECT_EQ(good("./pipe", {}).run.rate.per_second, 77);
}

TEST_F(Layers, GiveARegistrarUdp) {
    Request request;
    request.command = Command::registrar;
    const Loaded loaded = load(request);
    EXPECT_EQ(lines(loaded), Lines{});
    EXPECT_EQ(loaded.scenario.run.port->kind, port::PortKind::udp);
}

TEST(Library, HoldsOnlyWhatLoads) {
    for (const Embedded& embedded : scenarios()) {
        Request request;
        request.scenario = embedded.name;
        EXPECT_TRUE(load(request).good()) << embedded.name;
        EXPECT_NE(description_of(embedded), "") << embedded.name;
    }
    for (const Embedded& embedded : profiles()) {
        Request request;
        request.settings.push_back(parse_set("device.profile=" + std::string(embedded.name)));
        EXPECT_TRUE(load(request).good()) << embedded.name;
        EXPECT_NE(description_of(embedded), "") << embedded.name;
    }
}

// Section 1 of the Grandstream table: Register Expiration 60 minutes, retry after 20 s, T1 0.5 s, T2 4 s.
TEST(Library, KnowsTheGrandstreamFactorySettings) {
    Request request;
    request.settings.push_back(parse_set("device.profile=grandstream-gsc35xx"));
    const Device device = load(request).scenario.device;
    EXPECT_EQ(device.register_expiration, 60min);
    EXPECT_EQ(device.re_register_before_expiration, 0s);
    EXPECT_EQ(device.registration_retry_wait, 20s);
    EXPECT_EQ(device.t1, 500ms);
    EXPECT_EQ(device.t2, 4s);
    EXPECT_TRUE(device.instance_id);
}

}  // namespace
}  // namespace regstorm::config
