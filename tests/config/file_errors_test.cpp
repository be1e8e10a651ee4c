// SPDX-License-Identifier: Apache-2.0
// What a scenario file can have wrong, and the one line that says so.
#include "regstorm/config/library.hpp"
#include "scratch.hpp"

namespace regstorm::config {
namespace {

struct BadFile {
    const char* toml;
    const char* line;
};

class FileError : public InScratchFolder {};

TEST_F(FileError, IsOneExactLine) {
    const BadFile cases[] = {
        {"[run]\nendpoint = 5\n", "my.toml:2:1: unknown key run.endpoint; did you mean run.endpoints?"},
        {"[run]\npassword = \"x\"\n", "my.toml:2:1: unknown key run.password; did you mean auth.password?"},
        {"[run]\nzzz = 1\n", "my.toml:2:1: unknown key run.zzz; regstorm run --help lists all keys"},
        {"[rnu]\nrate = 1\n", "my.toml:1:2: unknown group rnu; did you mean run?"},
        {"rate = 5\n", "my.toml:1:1: unknown key rate; did you mean run.rate?"},
        {"run = 5\n", "my.toml:1:7: run: is a group of options; allowed: a table: [run]"},
        {"[run]\nendpoints = true\n", "my.toml:2:13: run.endpoints: true is not a count; allowed: 1 to 100M"},
        {"[run]\nendpoints = -1\n", "my.toml:2:13: run.endpoints: -1 is negative; allowed: 1 to 100M"},
        {"[run]\nendpoints = 0\n", "my.toml:2:13: run.endpoints: 0 is too small; allowed: 1 to 100M"},
        {"[run]\nendpoints = 1.5\n",
         "my.toml:2:13: run.endpoints: 1.5 is not a whole number; write 1500 or \"1.5k\"; allowed: 1 to 100M"},
        {"[run]\nendpoints = \"200M\"\n", "my.toml:2:13: run.endpoints: \"200M\" is too large; allowed: 1 to 100M"},
        {"[run]\nendpoints = 9223372036854775807\n",
         "my.toml:2:13: run.endpoints: 9223372036854775807 has too many digits; allowed: 1 to 100M"},
        {"[run]\nrate = nan\n",
         "my.toml:2:8: run.rate: nan is not a number; allowed: 0.001 to 100M per second, or max"},
        {"[run]\nrate = inf\n", "my.toml:2:8: run.rate: inf is too large; allowed: 0.001 to 100M per second, or max"},
        {"[run]\nrate = -0.5\n", "my.toml:2:8: run.rate: -0.5 is negative; allowed: 0.001 to 100M per second, or max"},
        {"[run]\nrate = [1]\n", "my.toml:2:8: run.rate: is a list; allowed: 0.001 to 100M per second, or max"},
        {"[run]\nrate = {a = 1}\n", "my.toml:2:8: run.rate: is a table; allowed: 0.001 to 100M per second, or max"},
        {"[run]\nrate = 1979-05-27\n",
         "my.toml:2:8: run.rate: is a date or time; allowed: 0.001 to 100M per second, or max"},
        {"[run]\nduration = 60\n",
         "my.toml:2:12: run.duration: 60 has no unit; write 60s or 60ms; allowed: 1s to 45d, or auto"},
        {"[run]\nduration = 1.5\n",
         "my.toml:2:12: run.duration: 1.5 is not a duration; write \"30s\" or \"250ms\"; allowed: 1s to 45d, or auto"},
        {"[run]\nduration = \"500ms\"\n",
         "my.toml:2:12: run.duration: \"500ms\" is too small; allowed: 1s to 45d, or auto"},
        {"[device]\nregister_expiration = \"1500ms\"\n",
         "my.toml:2:23: device.register_expiration: \"1500ms\" is not a multiple of 1s; allowed: 1s to 45d"},
        {"[report]\nquiet = \"yes\"\n",
         "my.toml:2:9: report.quiet: \"yes\" is neither true nor false; allowed: true or false"},
        {"[report]\nquiet = 1\n", "my.toml:2:9: report.quiet: 1 is neither true nor false; allowed: true or false"},
        {"[auth]\nuser = 5\n",
         "my.toml:2:8: auth.user: 5 is not a text; put it in quotes; allowed: not empty, up to 64 bytes"},
        {"[auth]\nuser = \"%s\"\n",
         "my.toml:2:8: auth.user: \"%s\" has a % that is neither %d nor %01d to %010d; %% is a percent sign; "
         "allowed: not empty, up to 64 bytes"},
        {"[auth]\nuser = \"%d@host\"\n",
         "my.toml:2:8: auth.user: \"%d@host\" has an @; the domain is auth.domain; "
         "allowed: not empty, up to 64 bytes"},
        {"[auth]\npassword = \"a\\u0000b\"\n",
         "my.toml:2:12: auth.password: \"***\" has a control character; allowed: up to 200 bytes"},
        {"[device]\nuser_agent = \"x\\r\\nEvil: 1\"\n",
         "my.toml:2:14: device.user_agent: \"x??Evil: 1\" has a control character; allowed: up to 200 bytes"},
        {"[registrar]\nalgorithm = \"md6\"\n",
         "my.toml:2:13: registrar.algorithm: \"md6\" is none of the choices; allowed: md5, md5-sess, sha256, "
         "sha256-sess, sha512-256, sha512-256-sess; did you mean md5?"},
        {"[registrar]\nlisten = \"localhost\"\n",
         "my.toml:2:10: registrar.listen: \"localhost\" is not an IP address with a UDP port; "
         "allowed: ADDRESS or ADDRESS:PORT"},
        {"[link]\ngateway = \"gw\"\n",
         "my.toml:2:11: link.gateway: \"gw\" is not an IP address; allowed: an IPv4 or IPv6 address, or none"},
        {"[link]\nvlan = 4095\n", "my.toml:2:8: link.vlan: 4095 is too large; allowed: 1 to 4094, or none"},
        {"kind = \"profile\"\n[device]\nt1 = \"1s\"\n",
         "my.toml: is a device profile, not a scenario; give it as --device my.toml"},
        {"", "my.toml: sets nothing; a scenario has at least one option"},
        {"# only a comment\n", "my.toml: sets nothing; a scenario has at least one option"},
        {"description = 5\n[run]\nrate = 5\n", "my.toml:1:15: description: is not a text; put it in quotes"},
    };
    for (const BadFile& each : cases) {
        EXPECT_EQ(problems(each.toml), Lines{each.line}) << each.toml;
    }
}

TEST_F(FileError, NamesTheLineOfBrokenSyntax) {
    const Lines lines = problems("[run]\nrate = = 5\n");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].starts_with("my.toml:2:8: ")) << lines[0];
    EXPECT_EQ(lines[0].find('\n'), std::string::npos);
}

TEST_F(FileError, RecognisesJson) {
    const Lines lines = problems("{\"run\": {}}");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].ends_with("; allowed: TOML; this looks like JSON")) << lines[0];
}

TEST_F(FileError, IsNeverTheOnlyOneTold) {
    EXPECT_EQ(problems("[run]\nrate = 0\nbogus = 1\nendpoints = 0\n[device]\nt1 = 5\n", {"run.hold=-1s", "nonsense"}),
              (Lines{"my.toml:2:8: run.rate: 0 is too small; allowed: 0.001 to 100M per second, or max",
                     "my.toml:3:1: unknown key run.bogus; regstorm run --help lists all keys",
                     "my.toml:4:13: run.endpoints: 0 is too small; allowed: 1 to 100M",
                     "my.toml:6:6: device.t1: 5 has no unit; write 5s or 5ms; allowed: 10ms to 8s",
                     "--set run.hold: \"-1s\" is negative; allowed: 0s to 45d",
                     "--set: \"nonsense\" does not name an option; allowed: KEY=VALUE"}));
}

TEST_F(FileError, SaysWhereThereIsNoFile) {
    EXPECT_EQ(lines(load(request("first-rum", {}))),
              Lines{"first-rum: there is no scenario and no file of that name; allowed: " + names_of(scenarios()) +
                    ", or the path of a .toml file; did you mean first-run?"});
    EXPECT_EQ(lines(load(request("no/such.toml", {}))),
              Lines{"no/such.toml: there is no scenario and no file of that name; allowed: " + names_of(scenarios()) +
                    ", or the path of a .toml file"});
}

TEST_F(FileError, SaysADirectoryIsOne) {
    std::filesystem::create_directory("folder.toml");
    EXPECT_EQ(lines(load(request("folder.toml", {}))), Lines{"folder.toml: is a directory; allowed: a .toml file"});
}

TEST_F(FileError, BoundsWhatItReads) {
    EXPECT_EQ(problems(std::string(2 << 20, '#')), Lines{"my.toml: is too large; allowed: up to 1 MiB"});
    EXPECT_EQ(lines(load(request("/dev/zero", {}))), Lines{"/dev/zero: is too large; allowed: up to 1 MiB"});
}

TEST_F(FileError, DoesNotEndTheStackOnDeepKeys) {
    std::string deep = "a";
    for (int i = 0; i < 300'000; ++i) {
        deep += ".a";
    }
    EXPECT_EQ(problems(deep + " = 1\n"), Lines{"my.toml: has more than 1000 dots in one line"});
    EXPECT_EQ(problems("x = " + std::string(100'000, '[') + "\n").size(), 1U);
}

TEST_F(FileError, CutsLongValuesBetweenCharacters) {
    std::string name;
    for (int i = 0; i < 40; ++i) {
        name += "ä";  // two bytes each: a cut at byte 60 would be right, one at 61 would not
    }
    const Lines lines = problems("[auth]\nuser = \"x" + name + "\"\n");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("ä...\""), std::string::npos) << lines[0];
}

TEST_F(FileError, TellsAboutTheProfileToo) {
    write("phone.toml", "kind = \"profile\"\n[device]\nt1 = \"1h\"\nprofile = \"x\"\n[run]\nrate = 5\n");
    EXPECT_EQ(problems("[device]\nprofile = \"./phone.toml\"\n"),
              (Lines{"./phone.toml:3:6: device.t1: \"1h\" is too large; allowed: 10ms to 8s",
                     "./phone.toml:4:1: device.profile: cannot be set by a device profile; allowed: device.*",
                     "./phone.toml:6:1: run.rate: cannot be set by a device profile; allowed: device.*"}));
    write("not.toml", "[device]\nt1 = \"1s\"\n");
    EXPECT_EQ(problems("[device]\nprofile = \"./not.toml\"\n"),
              Lines{"./not.toml: is not a device profile; allowed: a file that says kind = \"profile\""});
    EXPECT_EQ(problems("[device]\nprofile = \"generic-spi\"\n"),
              Lines{"generic-spi: there is no device profile and no file of that name; allowed: " +
                    names_of(profiles()) + ", or the path of a .toml file; did you mean generic-sip?"});
}

TEST(ProblemText, IsOneLineWhateverTheInput) {
    EXPECT_EQ(to_text({.where = "a\nb", .what = "x\x1b[2J", .allowed = {}, .meant = {}}), "a?b: x?[2J");
}

}  // namespace
}  // namespace regstorm::config
