// SPDX-License-Identifier: Apache-2.0
// `regstorm profiles`: what is printed where, and what the exit code says.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"

namespace regstorm::app {
namespace {

struct Said {
    int code = 0;
    std::string out;
    std::string err;
};

Said run(const std::vector<std::string>& words) {
    std::vector<std::string> arguments{"profiles"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const CommandLine line = parse_command_line(arguments);
    EXPECT_EQ(line.action, Action::profiles) << line.text;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Said outcome;
    outcome.code = profiles_command(line);
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err = testing::internal::GetCapturedStderr();
    return outcome;
}

std::string file(const std::string& name, const std::string& text) {
    std::string path = testing::TempDir() + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

std::string cfg(const std::string& values) {
    return "<gs_provision><config version=\"1\">" + values + "</config></gs_provision>";
}

TEST(ProfilesCommand, ShowsAProfileAsItIsWritten) {
    const Said shown = run({"show", "snom"});
    EXPECT_EQ(shown.code, passed);
    EXPECT_EQ(shown.out, config::find_embedded(config::profiles(), "snom")->text);
}

TEST(ProfilesCommand, ShowsEveryKeyResolved) {
    const Said shown = run({"show", "snom", "--resolved"});
    EXPECT_EQ(shown.code, passed);
    for (const config::Option& option : config::options()) {
        if (config::group_of(option) == "device" && option.key != "device.profile") {
            EXPECT_NE(shown.out.find('\n' + std::string(option.key.substr(7)) + " = "), std::string::npos)
                << option.key;
        }
    }
    EXPECT_NE(shown.out.find("retry_factor_max = 1.1 "), std::string::npos);
    EXPECT_EQ(run({"show", "snomm", "--resolved"}).code, bad_usage);
}

TEST(ProfilesCommand, ImportsToStandardOutputAndNamesTheRest) {
    const std::string path = file("cfg.xml", cfg("<P32>15</P32><P34>secret</P34><P412>16</P412>"));
    const Said imported = run({"import", path});
    EXPECT_EQ(imported.code, passed);
    EXPECT_NE(imported.out.find("register_expiration = \"15m\""), std::string::npos) << imported.out;
    EXPECT_NE(imported.out.find("# Register Expiration (minutes), P32\n"), std::string::npos);
    EXPECT_EQ(imported.err, "regstorm profiles import: " + path + ": not used: P34, P412\n");
    EXPECT_NE(run({"import", path, "--account", "2"}).out.find("register_expiration = \"16m\""), std::string::npos);
}

TEST(ProfilesCommand, ImportsToAFile) {
    const std::string output = testing::TempDir() + "imported.toml";
    const Said imported = run({"import", file("cfg.xml", cfg("<P138>7</P138>")), "--output", output});
    EXPECT_EQ(imported.code, passed);
    EXPECT_EQ(imported.out, "");
    EXPECT_EQ(imported.err, "");
    EXPECT_NE(run({"show", output, "--resolved"}).out.find("registration_retry_wait = \"7s\""), std::string::npos);
    std::filesystem::remove(output);
}

TEST(ProfilesCommand, RefusesInOneLine) {
    const std::string path = file("cfg.xml", cfg("<P32>0</P32>"));
    const std::pair<std::vector<std::string>, std::string> cases[] = {
        {{"import", path}, path + ": P32 (Register Expiration (minutes)): \"0\" is too small; allowed: 1 to 64800\n"},
        {{"import", path, "--account", "6"},
         "regstorm profiles import: --account \"6\" is no account; allowed: 1 to 5\n"},
        {{"import", "no-such.xml"}, "no-such.xml: No such file or directory\n"},
        {{"import", file("good.xml", cfg("<P32>1</P32>")), "--output", "/nonexistent/x.toml"},
         "regstorm profiles import: --output: there is no folder /nonexistent; allowed: a file that can be written\n"},
        {{"import"},
         "regstorm profiles: allowed: regstorm profiles [list], regstorm profiles show NAME [--resolved], "
         "regstorm profiles import FILE [--account N] [--output FILE]\n"},
    };
    for (const auto& [words, line] : cases) {
        const Said refused = run(words);
        EXPECT_EQ(refused.code, bad_usage);
        EXPECT_EQ(refused.out, "");
        EXPECT_EQ(refused.err, line);
    }
}

TEST(ProfilesCommand, KnowsItsOwnFlagsOnly) {
    EXPECT_EQ(parse_command_line({"profiles", "import", "x", "--accuont", "2"}).text,
              "regstorm profiles: unknown option --accuont; did you mean --account?");
    EXPECT_EQ(parse_command_line({"scenarios", "--resolved"}).text, "regstorm scenarios: unknown option --resolved");
    EXPECT_EQ(parse_command_line({"profiles", "import", "x", "--output"}).text,
              "regstorm profiles: --output needs a value");
}

}  // namespace
}  // namespace regstorm::app
