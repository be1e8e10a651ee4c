// SPDX-License-Identifier: Apache-2.0
// What is written down about a scenario gives that scenario back, through TOML and through --set.
#include <nlohmann/json.hpp>

#include "regstorm/base/prng.hpp"
#include "scratch.hpp"

namespace regstorm::config {
namespace {

class RoundTrip : public InScratchFolder {};

/// A value that the row allows, from one draw.
struct RandomValue {
    const Option& option;
    base::Prng& prng;

    std::string operator()(const Member<bool>&) const { return prng.below(2) == 0 ? "true" : "false"; }
    std::string operator()(const Member<std::uint32_t>&) const { return count(); }
    std::string operator()(const Member<std::uint64_t>&) const { return count(); }
    std::string operator()(const Member<double>&) const { return shortest(real()); }
    std::string operator()(const Member<Rate>&) const { return prng.below(8) == 0 ? "max" : shortest(real()); }
    std::string operator()(const Member<Duration>&) const {
        const std::int64_t step = option.step.count();
        const std::int64_t low = static_cast<std::int64_t>(option.min) / step;
        const std::int64_t high = static_cast<std::int64_t>(option.max) / step;
        return to_text(Duration(step * (low + static_cast<std::int64_t>(prng.below(high - low + 1)))));
    }
    std::string operator()(const Member<RetryWait>&) const {
        return pick({"same", option.never ? "never" : "0s", "20m", "1500ms"});
    }
    std::string operator()(const Member<std::string>&) const {
        if (option.key == "auth.user") {
            return "u%0" + std::to_string(1 + prng.below(10)) + "d";
        }
        if (option.key == "auth.domain") {
            return prng.below(2) == 0 ? "" : "example.org:5080";
        }
        if (option.key == "load.steps") {
            return pick({"", "10s 2k", "0s 5, 1500ms 0.25, 1h 0"});
        }
        if (option.key == "report.fail_if" || option.key == "report.abort_if") {
            return pick({"", "rrd_p99 > 50ms", "ira>=1%; registered < 0.5; failed > 10k"});
        }
        if (option.key == "capacity.goal") {
            return pick({"rrd_p99 < 50ms", "loss <= 0.01% and rrd_p99 < 50ms; failed < 9"});
        }
        if (option.key == "report.prometheus") {
            return pick({"", "127.0.0.1:9464", "[::1]:80"});
        }
        if (option.key == "device.profile") {
            return "grandstream-gsc35xx";
        }
        std::string text;
        for (std::uint64_t i = prng.below(30); i > 0; --i) {
            text += "aZ9 =#'-_%\xc3\xa4"[prng.below(10)];
        }
        return text;
    }
    std::string operator()(const Member<Target>&) const { return pick({"none", "192.0.2.9", "[::1]:5070", "a.b:1"}); }
    std::string operator()(const Member<std::optional<port::PortSpec>>&) const {
        return pick({"udp", "tap:x", "pci:0000:03:00.0"});
    }
    std::string operator()(const Member<AddressRange>&) const {
        return pick({"none", "198.18.0.0/16", "198.18.0.7", "2001:db8::/112"});
    }
    std::string operator()(const Member<UdpPortRange>&) const { return pick({"5060", "1-65535", "1024-2000"}); }
    std::string operator()(const Member<std::optional<base::IpAddress>>&) const {
        return pick({"none", "198.18.0.1", "fe80::1"});
    }
    std::string operator()(const Member<base::SocketAddress>&) const { return pick({"127.0.0.1:5070", "[::]:1"}); }
    std::string operator()(const ChoiceMember& member) const {
        return std::string(member.names[prng.below(member.names.size())]);
    }

  private:
    std::string pick(std::initializer_list<const char*> words) const {
        return *(words.begin() + prng.below(words.size()));
    }
    std::string count() const {
        const std::uint64_t low = static_cast<std::uint64_t>(option.min);
        return std::to_string(low + prng.below(static_cast<std::uint64_t>(option.max) - low + 1));
    }
    double real() const { return option.min + prng.unit() * (option.max - option.min); }
};

/// Contradictions are another matter; here only each value by itself counts.
bool only_contradictions(const Loaded& loaded) {
    for (const Problem& problem : loaded.problems) {
        if (!problem.allowed.empty()) {
            return false;
        }
    }
    return true;
}

std::string as_toml(const nlohmann::ordered_json& dump) {
    std::string toml;
    for (const auto& [group, values] : dump.items()) {
        toml += "[" + group + "]\n";
        for (const auto& [name, value] : values.items()) {
            toml += name + " = " + value.dump() + "\n";
        }
    }
    return toml;
}

TEST_F(RoundTrip, IsTheIdentityForRandomScenarios) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        base::Prng prng(seed);
        std::vector<std::string> sets;
        for (const Option& option : options()) {
            if (prng.below(2) == 0) {
                sets.push_back(std::string(option.key) + "=" + std::visit(RandomValue{option, prng}, option.member));
            }
        }
        const Loaded first = load(request("first-run", sets));
        ASSERT_TRUE(only_contradictions(first)) << lines(first)[0];
        const nlohmann::ordered_json dump = to_json(first.scenario, Secrets::shown);

        write("dump.toml", as_toml(dump));
        const Loaded from_toml = load(request("dump.toml", {}));
        ASSERT_TRUE(only_contradictions(from_toml)) << lines(from_toml)[0];
        ASSERT_EQ(to_json(from_toml.scenario, Secrets::shown), dump);

        std::vector<std::string> words;
        for (const Option& option : options()) {
            words.push_back(std::string(option.key) + "=" + value_text(option, first.scenario));
        }
        const Loaded from_sets = load(request("first-run", words));
        ASSERT_TRUE(only_contradictions(from_sets)) << lines(from_sets)[0];
        ASSERT_EQ(to_json(from_sets.scenario, Secrets::shown), dump);
    }
}

TEST_F(RoundTrip, OfAGoodScenarioIsGoodThoughItNamesEveryOption) {
    const std::vector<std::string> good[] = {
        {}, {"run.target=192.0.2.1"}, {"run.target=::1", "run.port=tap", "run.source=fe80::1"}};
    for (const std::vector<std::string>& sets : good) {
        const Loaded loaded = load(request("", sets));
        ASSERT_EQ(lines(loaded), Lines{});
        write("dump.toml", as_toml(to_json(loaded.scenario, Secrets::shown)));
        EXPECT_EQ(lines(load(request("dump.toml", {}))), Lines{});
    }
}

TEST(ScenarioJson, MasksSecretsAndNothingElse) {
    Scenario scenario;
    scenario.auth.password = "topsecret";
    const std::string masked = to_json(scenario).dump();
    EXPECT_EQ(masked.find("topsecret"), std::string::npos);
    EXPECT_NE(masked.find("\"password\":\"***\""), std::string::npos);
    EXPECT_NE(to_json(scenario, Secrets::shown).dump().find("topsecret"), std::string::npos);
}

TEST(ScenarioJson, HasEveryOption) {
    const nlohmann::ordered_json dump = to_json(Scenario{});
    for (const Option& option : options()) {
        const std::string group(group_of(option));
        EXPECT_TRUE(dump.at(group).contains(std::string(option.key.substr(group.size() + 1)))) << option.key;
    }
}

}  // namespace
}  // namespace regstorm::config
