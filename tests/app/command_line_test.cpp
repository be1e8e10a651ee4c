// SPDX-License-Identifier: Apache-2.0
#include "app/command_line.hpp"

#include <gtest/gtest.h>

namespace regstorm::app {
namespace {

using Arguments = std::vector<std::string>;

/// "run.rate=5k" per setting, in order.
Arguments settings(const CommandLine& line) {
    Arguments out;
    for (const config::Setting& setting : line.request.settings) {
        out.push_back(setting.key + "=" + setting.value);
    }
    return out;
}

TEST(CommandLine, WithoutArgumentsIsTheOverview) {
    EXPECT_EQ(parse_command_line({}).action, Action::overview);
    EXPECT_EQ(parse_command_line({"--help"}).action, Action::help);
    EXPECT_EQ(parse_command_line({"--version"}).action, Action::version);
}

TEST(CommandLine, NamesTheCommandAndItsWords) {
    EXPECT_EQ(parse_command_line({"doctor"}).action, Action::doctor);
    EXPECT_EQ(parse_command_line({"scenarios", "show", "first-run"}).words, (Arguments{"show", "first-run"}));
    EXPECT_TRUE(parse_command_line({"doctor", "--json"}).as_json);
    EXPECT_EQ(parse_command_line({"profiles"}).action, Action::profiles);
    EXPECT_EQ(parse_command_line({"run"}).request.command, config::Command::run);
    EXPECT_EQ(parse_command_line({"registrar"}).request.command, config::Command::registrar);
}

TEST(CommandLine, HasFlagsForResultsThatWereKept) {
    const CommandLine report = parse_command_line({"report", "r.json", "-o", "r.html"});
    EXPECT_EQ(report.action, Action::report);
    EXPECT_EQ(report.words, Arguments{"r.json"});
    EXPECT_EQ(report.output, "r.html");
    EXPECT_EQ(parse_command_line({"report", "--output=x", "r.json"}).output, "x");
    EXPECT_FALSE(parse_command_line({"compare", "a", "b"}).force);
    EXPECT_TRUE(parse_command_line({"compare", "a", "--force", "b"}).force);
}

TEST(CommandLine, TakesTheScenarioAnywhereAmongTheOptions) {
    for (const Arguments& arguments : {Arguments{"run", "my.toml", "--rate", "5k"},
                                       {"run", "--rate", "5k", "my.toml"},
                                       {"run", "--quiet", "my.toml", "--rate=5k"}}) {
        const CommandLine line = parse_command_line(arguments);
        EXPECT_EQ(line.action, Action::run) << line.text;
        EXPECT_EQ(line.request.scenario, "my.toml");
    }
}

TEST(CommandLine, KeepsFlagsAndSetsInTheirOrder) {
    const CommandLine line = parse_command_line(
        {"run", "--rate", "1", "--set", "run.rate=2", "--rate=max", "--set", "auth.password=a=b", "--quiet"});
    EXPECT_EQ(settings(line),
              (Arguments{"run.rate=1", "run.rate=2", "run.rate=max", "auth.password=a=b", "report.quiet=true"}));
    EXPECT_EQ(line.request.settings[0].where, "--rate");
    EXPECT_EQ(line.request.settings[1].where, "--set run.rate");
}

TEST(CommandLine, HandsValuesOnAsTheyAre) {
    EXPECT_EQ(settings(parse_command_line({"run", "--rate", "-5"})), Arguments{"run.rate=-5"});
    EXPECT_EQ(settings(parse_command_line({"run", "--target", "[::1]:5060"})), Arguments{"run.target=[::1]:5060"});
    EXPECT_EQ(settings(parse_command_line({"run", "--target", "[::1]"})), Arguments{"run.target=[::1]"});
    EXPECT_EQ(settings(parse_command_line({"run", "--domain", ""})), Arguments{"auth.domain="});
    EXPECT_EQ(settings(parse_command_line({"run", "--password", "{}"})), Arguments{"auth.password={}"});
    EXPECT_EQ(settings(parse_command_line({"run", "--password", "a b,c"})), Arguments{"auth.password=a b,c"});
    EXPECT_EQ(settings(parse_command_line({"run", "--password", "%%"})), Arguments{"auth.password=%%"});
}

TEST(CommandLine, TurnsNoFlagsAround) {
    EXPECT_EQ(settings(parse_command_line({"run", "--no-progress"})), Arguments{"report.progress=false"});
    EXPECT_EQ(settings(parse_command_line({"run", "--no-progress=false"})), Arguments{"report.progress=true"});
    EXPECT_EQ(settings(parse_command_line({"registrar", "--no-auth"})), Arguments{"registrar.auth=false"});
    EXPECT_EQ(settings(parse_command_line({"run", "--quiet=maybe"})), Arguments{"report.quiet=maybe"});
}

TEST(CommandLine, AddsUpWhatAFlagForAListSays) {
    EXPECT_EQ(settings(parse_command_line({"run", "--fail-if", "ira > 1%", "--rate", "5", "--fail-if=failed > 9"})),
              (Arguments{"report.fail_if=ira > 1%; failed > 9", "run.rate=5"}));
}

TEST(CommandLine, MeansTheCommandsOwnPassword) {
    EXPECT_EQ(settings(parse_command_line({"run", "--password", "x"})), Arguments{"auth.password=x"});
    EXPECT_EQ(settings(parse_command_line({"registrar", "--password", "x"})), Arguments{"registrar.password=x"});
}

TEST(CommandLine, OffersEveryFlagOfTheTable) {
    const std::pair<config::Command, std::string> commands[] = {{config::Command::run, "run"},
                                                                {config::Command::registrar, "registrar"},
                                                                {config::Command::capacity, "capacity"}};
    for (const auto& [command, name] : commands) {
        for (const config::Option& option : config::options()) {
            if (config::has_flag(option, command)) {
                const CommandLine line = parse_command_line({name, std::string(option.flag) + "=true"});
                ASSERT_EQ(line.request.settings.size(), 1U) << option.flag << " " << line.text;
                EXPECT_EQ(line.request.settings[0].key, option.key);
            }
        }
    }
}

TEST(CommandLine, SaysInOneLineWhatIsWrong) {
    const std::pair<Arguments, const char*> cases[] = {
        {{"rnu"}, "regstorm: unknown command rnu; did you mean run?"},
        {{"registar", "--listen", "::1"}, "regstorm: unknown command registar; did you mean registrar?"},
        {{"teapot"}, "regstorm: unknown command teapot"},
        {{"--verison"}, "regstorm: unknown option --verison; did you mean --version?"},
        {{"run", "--ratee", "5"}, "regstorm run: unknown option --ratee; did you mean --rate?"},
        {{"run", "--dur=5s"}, "regstorm run: unknown option --dur; did you mean --duration?"},
        {{"run", "--zzzzzzzz"}, "regstorm run: unknown option --zzzzzzzz"},
        {{"run", "-x"}, "regstorm run: unknown option -x"},
        {{"run", "--listen", "::1"}, "regstorm run: unknown option --listen"},
        {{"registrar", "--targte", "x"}, "regstorm registrar: unknown option --targte"},
        {{"doctor", "--sett"}, "regstorm doctor: unknown option --sett"},
        {{"report", "a.json", "--outptu", "b"}, "regstorm report: unknown option --outptu; did you mean --output?"},
        {{"compare", "--forse"}, "regstorm compare: unknown option --forse; did you mean --force?"},
        {{"doctor", "who"}, "regstorm doctor: unexpected \"who\""},
        {{"run", "--password"}, "regstorm run: --password needs a value"},
        {{"run", "--password", "--rate", "5"}, "regstorm run: --password needs a value, and --rate is an option"},
        {{"run", "--domain=", "x"}, "regstorm run: --domain= has no value; an empty one is written --domain \"\""},
        {{"run", "a", "b"}, "regstorm run: unexpected \"b\" after the scenario \"a\""},
        {{"run", "a\nb", "c\x1b[2J"}, "regstorm run: unexpected \"c?[2J\" after the scenario \"a?b\""},
    };
    for (const auto& [arguments, text] : cases) {
        const CommandLine line = parse_command_line(arguments);
        EXPECT_EQ(line.action, Action::error);
        EXPECT_EQ(line.text, text);
    }
}

TEST(CommandLine, NamesEveryUnknownOption) {
    EXPECT_EQ(parse_command_line({"run", "--ratee", "5", "--endpoint", "7"}).text,
              "regstorm run: unknown option --ratee; did you mean --rate?\n"
              "regstorm run: unknown option --endpoint; did you mean --endpoints?");
}

}  // namespace
}  // namespace regstorm::app
