// SPDX-License-Identifier: Apache-2.0
// A Grandstream's cfg.xml becomes the profile of that phone; a file that means harm becomes one line.
#include "regstorm/config/provision.hpp"

#include <algorithm>
#include <map>

#include "config/p_values.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/config/library.hpp"
#include "scratch.hpp"

namespace regstorm::config {
namespace {

const std::string data = REGSTORM_CONFIG_DATA;

class Provision : public InScratchFolder {
  protected:
    static Device device(const std::string& profile) {
        const Loaded loaded = load(request("", {"device.profile=" + profile}));
        EXPECT_EQ(lines(loaded), Lines{});
        return loaded.scenario.device;
    }

    /// What the phone of account `account` in `file` is.
    static Device imported(const std::string& file, std::uint32_t account) {
        const Imported imported = import_provision_file(data + "/" + file, account);
        EXPECT_TRUE(imported.problems.empty()) << to_text(imported.problems[0]);
        write("imported.toml", imported.toml);
        return device("./imported.toml");
    }
};

std::string p_values_file(const std::string& values) {
    return "<gs_provision version=\"1\"><config version=\"1\">" + values + "</config></gs_provision>";
}

Lines lines_of(const std::string& xml) {
    Lines out;
    for (const Problem& problem : import_provision(xml, "cfg.xml", 1).problems) {
        out.push_back(to_text(problem));
    }
    return out;
}

TEST_F(Provision, ReadsThePValuesOfTheFirstAccount) {
    const Device phone = imported("cfg000b82000001.xml", 1);
    EXPECT_EQ(phone.register_expiration, 30min);
    EXPECT_EQ(phone.unregister_before_registration, Unregister::instance);
    EXPECT_EQ(phone.registration_retry_wait, 45s);
    EXPECT_EQ(phone.re_register_before_expiration, 120s);
    EXPECT_FALSE(phone.auth_header_on_re_register);
    EXPECT_TRUE(phone.options_keep_alive);
    EXPECT_EQ(phone.options_interval, 60s);
    EXPECT_EQ(phone.options_max_lost, 5U);
    EXPECT_EQ(phone.subscribe_expiration, 0min);
    EXPECT_EQ(phone.retry_wait_403, RetryWait{.kind = RetryWait::Kind::never});
    EXPECT_TRUE(phone.subscribe_mwi);
    EXPECT_EQ(phone.t1, 1s);
    EXPECT_EQ(phone.t2, 8s);
    EXPECT_EQ(phone.outbound_proxy, (Target{"edge.example.org", 5070}));
    EXPECT_EQ(phone.outbound_proxy_mode, ProxyMode::always);
    EXPECT_EQ(phone.nat_keep_alive, NatKeepAlive::crlf);
    EXPECT_EQ(phone.nat_keep_alive_interval, 15s);
    EXPECT_EQ(phone.local_sip_port, 5060U);  // empty in the file: the factory setting
    EXPECT_FALSE(phone.instance_id);
}

TEST_F(Provision, ReadsThePValuesOfAnotherAccount) {
    const Device phone = imported("cfg000b82000001.xml", 2);
    EXPECT_FALSE(phone.registration);
    EXPECT_EQ(phone.register_expiration, 64'800min);
    EXPECT_EQ(phone.registration_retry_wait, 3600s);
    EXPECT_EQ(phone.local_sip_port, 5064U);
    EXPECT_EQ(phone.nat_keep_alive_interval, 15s);  // of the whole phone
    EXPECT_EQ(phone.t1, 500ms);                     // the factory setting, not account 1's
}

TEST_F(Provision, ReadsTheDialectOfNames) {
    const Device phone = imported("cfg000b82000002.xml", 1);
    EXPECT_EQ(phone.register_expiration, 10min);
    EXPECT_EQ(phone.unregister_before_registration, Unregister::all);
    EXPECT_TRUE(phone.auth_header_on_register);
    EXPECT_EQ(phone.options_interval, 90s);
    EXPECT_EQ(imported("cfg000b82000002.xml", 2).register_expiration, 20min);
}

TEST_F(Provision, WritesFactorySettingsForWhatTheFileDoesNotSay) {
    write("empty.xml", p_values_file(""));
    Device phone = device("./empty.xml");
    phone.profile = "grandstream-gsc35xx";
    EXPECT_EQ(resolved_profile(phone, ""), resolved_profile(device("grandstream-gsc35xx"), ""));
}

TEST_F(Provision, NamesWhatItDoesNotUseButNeverItsValue) {
    const Imported imported = import_provision_file(data + "/cfg000b82000001.xml", 1);
    for (const char* name : {"P2", "P30", "P34", "P47", "P103", "P412"}) {
        EXPECT_NE(std::ranges::find(imported.unused, name), imported.unused.end()) << name;
    }
    EXPECT_NE(imported.toml.find("\n# Not used: P2 P30"), std::string::npos);
    EXPECT_EQ(imported.toml.find("correct horse"), std::string::npos);
    EXPECT_EQ(imported.toml.find("battery staple"), std::string::npos);
}

TEST_F(Provision, IsADeviceOfARunAsItIs) {
    std::filesystem::copy(data + "/cfg000b82000001.xml", "cfg.xml");
    EXPECT_EQ(device("cfg.xml").registration_retry_wait, 45s);
    EXPECT_EQ(device("./cfg.xml").profile, "./cfg.xml");
    write("phone.cfg", "\xef\xbb\xbf\r\n" + p_values_file("<P138>7</P138>"));  // by its content, not by its name
    EXPECT_EQ(device("./phone.cfg").registration_retry_wait, 7s);
    write("bad.xml", p_values_file("<P138>0</P138>"));
    EXPECT_EQ(lines(load(request("", {"device.profile=./bad.xml"}))),
              Lines{"./bad.xml: P138 (Registration Retry Wait Time (s)): \"0\" is too small; allowed: 1 to 3600"});
}

TEST_F(Provision, RefusesAValueOutOfItsRangeInOneLine) {
    const std::pair<const char*, const char*> cases[] = {
        {"<P32>64801</P32>",
         "cfg.xml: P32 (Register Expiration (minutes)): \"64801\" is too large; allowed: 1 to 64800"},
        {"<P32>99999999999999999999</P32>",
         "cfg.xml: P32 (Register Expiration (minutes)): \"99999999999999999999\" is not a whole number; allowed: 1 to "
         "64800"},
        {"<P2399>2</P2399>", "cfg.xml: P2399 (SIP OPTIONS Keep Alive Max Lost): \"2\" is too small; allowed: 3 to 10"},
        {"<P31>maybe</P31>",
         "cfg.xml: P31 (SIP Registration): \"maybe\" is none of the choices; allowed: 0, 1, No, Yes"},
        {"<P209>51</P209>",
         "cfg.xml: P209 (SIP T1 Timeout (10 ms)): \"51\" is none of the choices; allowed: 50, 100, 200, 400, 800"},
        {"<P48>a b</P48>",
         "cfg.xml: P48 (Outbound Proxy): \"a b\" is not a target; write 192.0.2.10, 192.0.2.10:5060, "
         "[2001:db8::1]:5060 or a name; allowed: ADDRESS[:PORT] or NAME[:PORT], or none"},
        {"<P84>\x1b[2J&#10;</P84>",
         "cfg.xml: P84 (Keep-alive Interval (s)): \"?[2J\" is not a whole number; allowed: "
         "10 to 160"},
    };
    for (const auto& [values, line] : cases) {
        EXPECT_EQ(lines_of(p_values_file(values)), Lines{line});
    }
    EXPECT_EQ(lines_of(p_values_file("<P32>0</P32><P138>0</P138>")).size(), 2U);
}

TEST(PValues, AreOneSettingEachAndNameOptionsThatExist) {
    std::map<std::uint32_t, std::string_view> seen[provision_accounts];
    for (const PValue& row : p_values()) {
        ASSERT_NE(find_option(row.key), nullptr) << row.key;
        for (std::uint32_t account = 0; account < provision_accounts; ++account) {
            const std::uint32_t number = row.numbers[account];
            EXPECT_TRUE(number == 0 || seen[account].emplace(number, row.key).second) << 'P' << number;
        }
        for (const Meaning& meaning : row.meanings) {
            Request request;
            request.command = Command::registrar;
            request.settings.push_back(parse_set(std::string(row.key) + "=" + std::string(meaning.ours)));
            for (const Problem& problem : load(request).problems) {
                EXPECT_EQ(problem.allowed, "") << to_text(problem);  // a contradiction at most
            }
        }
    }
}

class HostileXml : public Provision {};

TEST_F(HostileXml, IsOneLine) {
    const std::pair<std::string, const char*> cases[] = {
        {"<", "cfg.xml: is not well-formed XML: "},
        {"<gs_provision><config><P32>60", "cfg.xml: is not well-formed XML: "},
        {"<html><body/></html>",
         "cfg.xml: is not a Grandstream configuration; allowed: <gs_provision> that holds "
         "<config>"},
        {"", "cfg.xml: is not well-formed XML: No document element found"},
        {"<" + std::string(provision_bytes_max, 'x'), "cfg.xml: is too large; allowed: up to 4 MiB"},
    };
    for (const auto& [xml, start] : cases) {
        const Lines lines = lines_of(xml);
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_TRUE(lines[0].starts_with(start)) << lines[0];
    }
}

TEST_F(HostileXml, IsNeverExpanded) {
    std::string bomb = "<!DOCTYPE z [<!ENTITY a \"1111111111\">";
    for (char name = 'b'; name < 'k'; ++name) {
        bomb += std::string("<!ENTITY ") + name + " \"";
        for (int i = 0; i < 10; ++i) {
            bomb += std::string("&") + static_cast<char>(name - 1) + ";";
        }
        bomb += "\">";
    }
    bomb += "<!ENTITY file SYSTEM \"file:///etc/passwd\">]>";
    EXPECT_EQ(
        lines_of(bomb + p_values_file("<P32>&j;</P32>")),
        Lines{"cfg.xml: P32 (Register Expiration (minutes)): \"&j;\" is not a whole number; allowed: 1 to 64800"});
    EXPECT_EQ(lines_of(bomb + p_values_file("<P84>&file;</P84>")),
              Lines{"cfg.xml: P84 (Keep-alive Interval (s)): \"&file;\" is not a whole number; allowed: 10 to 160"});
}

TEST_F(HostileXml, MayNestAsDeepAsItLikes) {
    std::string deep;
    for (std::size_t i = 0; i < provision_bytes_max / 8; ++i) {
        deep += "<a>";
    }
    EXPECT_EQ(lines_of(deep).size(), 1U);
    std::string closed = "<gs_provision><config>" + deep;
    for (std::size_t i = 0; i < provision_bytes_max / 8; ++i) {
        closed += "</a>";
    }
    closed += "</config></gs_provision>";
    ASSERT_LE(closed.size(), provision_bytes_max);
    EXPECT_EQ(import_provision(closed, "cfg.xml", 1).unused, Lines{"a"});
}

TEST_F(HostileXml, OfManyValuesIsSummedUp) {
    std::string many;
    for (int i = 0; i < 100'000; ++i) {
        many += "<P999999/>";
    }
    const Imported imported = import_provision(p_values_file(many), "cfg.xml", 1);
    EXPECT_EQ(imported.unused.size(), Imported::unused_max);
    EXPECT_EQ(imported.unused_more, 100'000 - Imported::unused_max);
    EXPECT_TRUE(unused_text(imported).ends_with("P999999 and 99800 more"));
    std::string bad;
    for (int i = 0; i < 10'000; ++i) {
        bad += "<P32>x</P32>";
    }
    EXPECT_LE(lines_of(p_values_file(bad)).size(), 100U);
}

TEST_F(HostileXml, OfRandomBytesOrCutAnywhereIsReadToItsEnd) {
    constexpr std::uint64_t seed = 77;
    SCOPED_TRACE("seed " + std::to_string(seed));
    base::Prng prng(seed);
    const std::string whole =
        p_values_file("<P32>60</P32><item name=\"account.1.sip\"><part name=\"x\">1</part></item>");
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
        EXPECT_EQ(lines_of(whole.substr(0, bytes)).size(), 1U) << bytes;
    }
    for (int i = 0; i < 2'000; ++i) {
        std::string text = whole;
        for (std::uint64_t flips = 1 + prng.below(6); flips > 0; --flips) {
            text[prng.below(text.size())] = static_cast<char>(prng.next());
        }
        const Imported imported = import_provision(text, "cfg.xml", 1);
        EXPECT_NE(imported.toml.empty(), imported.problems.empty());
        for (const Problem& problem : imported.problems) {
            EXPECT_EQ(to_text(problem).find('\n'), std::string::npos);
        }
        if (!imported.toml.empty()) {
            write("mutant.toml", imported.toml);
            EXPECT_EQ(lines(load(request("", {"device.profile=./mutant.toml"}))), Lines{});
        }
    }
}

TEST_F(HostileXml, AsABinaryFileIsOneLine) {
    write("binary.xml", std::string("<\0\x01\xff<P\0>", 8));
    EXPECT_EQ(import_provision_file("binary.xml", 1).problems.size(), 1U);
    write("core", std::string("\x7f"
                              "ELF") +
                      std::string(5000, '\0'));
    EXPECT_EQ(to_text(import_provision_file("core", 1).problems.at(0)),
              "core: is not XML; allowed: a Grandstream cfg.xml");
    EXPECT_EQ(to_text(import_provision_file("no-such.xml", 1).problems.at(0)),
              "no-such.xml: No such file or directory");
    EXPECT_EQ(to_text(import_provision_file("/dev/zero", 1).problems.at(0)),
              "/dev/zero: is too large; allowed: up to 1 MiB");
}

}  // namespace
}  // namespace regstorm::config
