// SPDX-License-Identifier: Apache-2.0
#include "app/help.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "regstorm/config/option.hpp"

namespace regstorm::app {
namespace {

using config::Command;
using config::Option;

constexpr std::size_t columns = 100;
constexpr std::size_t left_columns = 36;

constexpr std::string_view overview =
    R"(regstorm registers simulated SIP phones with a registrar, as fast as you ask, and tells how it went.

  regstorm run [SCENARIO] [options]    register phones and report
  regstorm registrar [options]         be the registrar
  regstorm capacity [SCENARIO]         find the highest rate that a registrar holds
  regstorm doctor                      what this machine can do
  regstorm scenarios [show NAME]       the scenarios that come with regstorm
  regstorm profiles [show NAME]        the phones it can be
  regstorm profiles import FILE        a Grandstream cfg.xml as one more
  regstorm report RESULT.json          a page with charts, of a result that was kept
  regstorm compare A.json B.json       two results side by side
  regstorm COMMAND --help              everything a command understands
  regstorm --version

First run, with nothing else installed: regstorm run
)";

constexpr std::string_view run_head =
    R"(usage: regstorm run [SCENARIO] [options]

Registers simulated phones with a registrar and reports what happened.

SCENARIO is a name (see `regstorm scenarios`) or a .toml file. Without one, --target alone starts from
the defaults below, and without --target the scenario first-run is taken. Each option is a key of the
scenario too; later ones win: defaults, device profile, scenario, then flags and --set as they come.

Durations carry a unit (250ms, 30s, 10m, 2h), counts may be short (100k, 1M), rates are per second or max.
)";

constexpr std::string_view run_tail = R"(
Exit codes: 0 passed; 1 a criterion failed; 2 bad usage or configuration; 3 the generator was the limit;
4 this machine cannot do it. SIGINT once stops the load and writes the result, twice stops at once.
Keys on a terminal: p pauses the rate of new attempts or goes on, + and - change it by a quarter, q stops.
SIGUSR1 is a p. The result says when which rate was chosen.

Examples
  regstorm run
  regstorm run --target 192.0.2.10:5060 --endpoints 100k --rate 5k --duration 60s
  regstorm run my.toml --set auth.password=s3cret --result r.json
  regstorm run --target 198.18.0.1 --port af_packet:eth1 --source 198.18.1.0/24 --device grandstream-gsc35xx
)";

constexpr std::string_view registrar_head =
    R"(usage: regstorm registrar [FILE] [options]

Answers REGISTER: binding table, digest authentication, shortest and longest lifetime. FILE is a scenario
of which the registrar's part is taken.

Durations carry a unit (250ms, 30s, 10m, 2h).
)";

constexpr std::string_view registrar_tail = R"(
Examples
  regstorm registrar
  regstorm registrar --listen 127.0.0.1:5070 --no-auth
  regstorm registrar --password s3cret --algorithm sha256 --min-expires 60s
)";

constexpr std::string_view capacity_head =
    R"(usage: regstorm capacity [SCENARIO] [options]

Finds the highest rate of initial registrations that a registrar holds, by trials: --method search (default) until a
goal is no longer met, --method rfc7502 as RFC 7502 says. Prints a line for each trial, then the rate, how sure it is,
what broke first at the next step, and whether registrar or generator was the limit. --result FILE has every trial.

SCENARIO and options say who registers where, as for `regstorm run`; rate and duration are chosen here.
)";

constexpr std::string_view capacity_tail = R"(
Exit codes: 0 found; 1 nothing held, or stopped early; 2 bad usage or configuration; 3 the generator was the limit;
4 this machine cannot do it.

Examples
  regstorm capacity --target 192.0.2.10 --user user%06d --password s3cret --aors 100k
  regstorm capacity --target 192.0.2.10 --trial 10s --precision 2% --confirm 4 --result capacity.json
  regstorm capacity --target 192.0.2.10 --method rfc7502 --rate-start 1k
)";

constexpr std::string_view doctor_help =
    "usage: regstorm doctor [--json]\n\nSays what this machine can do, what it cannot, the command that mends it, and "
    "what that is worth. Changes nothing.\n";

constexpr std::string_view scenarios_help =
    "usage: regstorm scenarios [list]\n       regstorm scenarios show NAME\n\n"
    "Lists the scenarios that come with regstorm, or prints one as a start for your own.\n\n"
    "Example\n  regstorm scenarios show first-run > my.toml && regstorm run my.toml\n";

constexpr std::string_view profiles_help =
    R"(usage: regstorm profiles [list]
       regstorm profiles show NAME [--resolved]
       regstorm profiles import FILE [--account N] [--output FILE]

Lists the device profiles that come with regstorm, prints one as a start for your own (as it is written, or with
--resolved every key and what is allowed; then NAME may be a file), or makes one of a Grandstream cfg.xml: the
settings of account N (1 to 5; default 1) to standard output or --output. Values without a setting here are named.

Examples
  regstorm profiles show grandstream-gsc35xx > my-phone.toml && regstorm run --device ./my-phone.toml
  regstorm profiles import cfg.xml --account 2 --output site.toml
  regstorm run --device ./cfg.xml --target 192.0.2.10
)";

constexpr std::string_view report_help =
    R"(usage: regstorm report RESULT.json [-o FILE]

Makes the HTML page of a result that `regstorm run --result` has written: one file with its charts, which loads nothing
from anywhere. Without -o (--output) it is written beside the result, as RESULT.html; - is standard output.

Example
  regstorm report monday.json -o monday.html
)";

constexpr std::string_view compare_help =
    R"(usage: regstorm compare A.json B.json [--force]

Shows two results side by side: verdicts, key figures, how much B differs from A. Results of runs that were not alike
(population, rate, duration, load, churn, device) are refused with the keys that differ (exit code 2), unless --force
is given. Registrar and machine may differ: that is what one compares.

Example
  regstorm compare before.json after.json
)";

/// What the user types: "--rate RATE", "--quiet", "--set device.t1=DURATION".
std::string typed(const Option& option, Command command) {
    if (!config::has_flag(option, command)) {
        return fmt::format("--set {}={}", option.key, config::placeholder(option));
    }
    const bool is_switch = std::holds_alternative<config::Member<bool>>(option.member);
    return is_switch ? std::string(option.flag) : fmt::format("{} {}", option.flag, config::placeholder(option));
}

/// The sentence, then "[key: what is allowed; default]".
std::string explained(const Option& option, Command command) {
    const std::string standard = config::value_text(option, config::Scenario{});
    const std::string_view off =
        config::has_flag(option, command) && option.flag.starts_with("--no-") ? "; the flag switches it off" : "";
    return fmt::format("{}{} [{}: {}; default {}]", option.help, off, option.key, config::allowed(option),
                       standard.empty() ? "empty" : standard);
}

/// `left`, and `right` beside it, broken between words.
std::string entry(const std::string& left, std::string_view right) {
    std::string out = "  " + left;
    if (out.size() + 2 > left_columns) {
        out += '\n';
        out.append(left_columns, ' ');
    } else {
        out.append(left_columns - out.size(), ' ');
    }
    std::size_t column = left_columns;
    for (std::size_t at = 0; at < right.size();) {
        const std::size_t end = std::min(right.find(' ', at), right.size());
        const std::string_view word = right.substr(at, end - at);
        if (column != left_columns && column + 1 + word.size() > columns) {
            out += '\n';
            out.append(left_columns, ' ');
            column = left_columns;
        } else if (column != left_columns) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        at = end + 1;
    }
    return out + '\n';
}

/// The rows a command shows: `run` all of them, `registrar` those it has a flag for and its own group.
bool shown(const Option& option, Command command) {
    const bool of_search = config::group_of(option) == "capacity";
    if (command == Command::capacity || of_search) {
        return command == Command::capacity;
    }
    return command == Command::run || config::has_flag(option, command) || config::group_of(option) == "registrar";
}

struct Help {
    std::string_view command;
    std::string_view head;
    std::string_view tail{};
    std::optional<Command> options{};
};
constexpr Help helps[] = {{"run", run_head, run_tail, Command::run},
                          {"registrar", registrar_head, registrar_tail, Command::registrar},
                          {"capacity", capacity_head, capacity_tail, Command::capacity},
                          {"doctor", doctor_help},
                          {"scenarios", scenarios_help},
                          {"profiles", profiles_help},
                          {"report", report_help},
                          {"compare", compare_help}};
static_assert(std::ranges::equal(helps, command_names, {}, &Help::command));

const Help& find(std::string_view command) {
    static constexpr Help none{};
    const auto* found = std::ranges::find(helps, command, &Help::command);
    return found == std::end(helps) ? none : *found;
}

}  // namespace

std::vector<HelpOption> help_options(std::string_view command) {
    std::vector<HelpOption> out;
    const std::optional<Command> which = find(command).options;
    for (const Option& option : config::options()) {
        if (which && shown(option, *which)) {
            out.push_back(
                {config::describe_group(config::group_of(option)), typed(option, *which), explained(option, *which)});
        }
    }
    if (which) {
        out.push_back({"Anything", "--set KEY=VALUE", "set the option in brackets, by its key; may be given often"});
        out.push_back({"Anything", "--help", "this text"});
    }
    return out;
}

std::string_view help_head(std::string_view command) { return find(command).head; }
std::string_view help_tail(std::string_view command) { return find(command).tail; }

std::string overview_text() { return std::string(overview); }

std::string help_text(std::string_view command) {
    std::string out(help_head(command));
    std::string_view group;
    for (const HelpOption& option : help_options(command)) {
        if (option.group != group) {
            group = option.group;
            out += fmt::format("\n{}\n", group);
        }
        out += entry(option.typed, option.explained);
    }
    return out.append(help_tail(command));
}

}  // namespace regstorm::app
