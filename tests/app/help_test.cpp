// SPDX-License-Identifier: Apache-2.0
#include "app/help.hpp"

#include <gtest/gtest.h>
#include <iterator>
#include <sstream>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/scenario_input.hpp"

namespace regstorm::app {
namespace {

TEST(Help, OfRunNamesEveryKeyAndEveryFlag) {
    const std::string text = help_text("run");
    for (const config::Option& option : config::options()) {
        if (config::group_of(option) == "capacity") {
            EXPECT_EQ(text.find(option.key), std::string::npos) << option.key;
            continue;
        }
        EXPECT_NE(text.find("[" + std::string(option.key) + ":"), std::string::npos) << option.key;
        if (config::has_flag(option, config::Command::run)) {
            EXPECT_NE(text.find("\n  " + std::string(option.flag)), std::string::npos) << option.flag;
        } else {
            EXPECT_NE(text.find("\n  --set " + std::string(option.key) + "="), std::string::npos) << option.key;
        }
    }
}

TEST(Help, OfTheCapacityNamesEveryKeyAndTheFlagsOfRun) {
    const std::string text = help_text("capacity");
    for (const config::Option& option : config::options()) {
        EXPECT_NE(text.find("[" + std::string(option.key) + ":"), std::string::npos) << option.key;
        EXPECT_EQ(config::has_flag(option, config::Command::capacity),
                  config::has_flag(option, config::Command::run) || option.flag_of == config::FlagOf::capacity);
    }
}

TEST(Help, OfTheRegistrarNamesItsFlagsAndNoOthers) {
    const std::string text = help_text("registrar");
    for (const config::Option& option : config::options()) {
        const bool own = config::has_flag(option, config::Command::registrar);
        const bool shown = text.find("[" + std::string(option.key) + ":") != std::string::npos;
        EXPECT_EQ(shown, own || config::group_of(option) == "registrar") << option.key;
    }
}

TEST(Help, FitsAHundredColumnsWhereItIsWrapped) {
    std::istringstream lines(help_text("run"));
    for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(line.size(), 110U) << line;
        EXPECT_FALSE(line.ends_with(' ')) << line;
    }
}

TEST(Help, ShowsRangesAndDefaultsOfTheTable) {
    EXPECT_NE(help_text("run").find("[run.endpoints: 1 to 100M; default 10k]"), std::string::npos);
}

TEST(Help, IsThereForEveryCommand) {
    for (const char* command :
         {"run", "registrar", "capacity", "doctor", "scenarios", "profiles", "report", "compare"}) {
        EXPECT_TRUE(help_text(command).starts_with(std::string("usage: regstorm ") + command)) << command;
        const CommandLine line = parse_command_line({command, "--help"});
        EXPECT_EQ(line.action, Action::help);
        EXPECT_EQ(line.text, help_text(command));
        EXPECT_NE(overview_text().find(std::string("regstorm ") + command), std::string::npos);
    }
    EXPECT_EQ(help_text("teapot"), "");
}

/// The examples in the help must be commands that are understood, and their scenarios good.
TEST(Help, HasExamplesThatWork) {
    int examples = 0;
    for (const char* command : {"run", "registrar", "capacity"}) {
        std::istringstream lines(help_text(command));
        for (std::string line; std::getline(lines, line);) {
            if (!line.starts_with("  regstorm ") || line.find("my.toml") != std::string::npos) {
                continue;
            }
            std::istringstream words(line.substr(11));
            const CommandLine parsed = parse_command_line({std::istream_iterator<std::string>(words), {}});
            ASSERT_NE(parsed.action, Action::error) << parsed.text;
            const config::Loaded loaded = load_checked(parsed.request);
            EXPECT_TRUE(loaded.good()) << line << ": " << to_text(loaded.problems[0]);
            ++examples;
        }
    }
    EXPECT_GE(examples, 6);
}

TEST(ResultPath, IsCheckedBeforeTheRun) {
    EXPECT_EQ(check_writable(""), "");
    EXPECT_EQ(check_writable("-"), "");
    EXPECT_EQ(check_writable(testing::TempDir() + "new-result.json"), "");
    EXPECT_EQ(check_writable("/nonexistent/r.json"), "there is no folder /nonexistent");
    EXPECT_EQ(check_writable("/"), "/ is a directory");

    config::Request request;
    request.settings = {config::parse_set("report.result=/nonexistent/r.json")};
    const config::Loaded loaded = load_checked(request);
    ASSERT_EQ(loaded.problems.size(), 1U);
    EXPECT_EQ(to_text(loaded.problems[0]),
              "report.result: there is no folder /nonexistent; allowed: a file that can be written");
}

TEST(LibraryCommand, ShowsTheFileItself) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(library_command(config::scenarios(), "scenario", {"show", "first-run"}), passed);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), config::find_embedded(config::scenarios(), "first-run")->text);
}

TEST(LibraryCommand, ListsNamesAndDescriptions) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(library_command(config::profiles(), "profile", {}), passed);
    const std::string text = testing::internal::GetCapturedStdout();
    for (const config::Embedded& embedded : config::profiles()) {
        EXPECT_NE(text.find(std::string(embedded.name) + " "), std::string::npos);
        EXPECT_NE(text.find(config::description_of(embedded)), std::string::npos);
    }
}

TEST(LibraryCommand, SaysWhatWasMeant) {
    testing::internal::CaptureStderr();
    EXPECT_EQ(library_command(config::profiles(), "profile", {"show", "generic"}), bad_usage);
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "regstorm profiles: there is no profile \"generic\"; allowed: " + config::names_of(config::profiles()) +
                  "; did you mean generic-sip?\n");
    testing::internal::CaptureStderr();
    EXPECT_EQ(library_command(config::scenarios(), "scenario", {"print"}), bad_usage);
    EXPECT_EQ(testing::internal::GetCapturedStderr(),
              "regstorm scenarios: allowed: regstorm scenarios [list], regstorm scenarios show NAME\n");
}

}  // namespace
}  // namespace regstorm::app
