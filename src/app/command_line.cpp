// SPDX-License-Identifier: Apache-2.0
#include "app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "app/help.hpp"
#include "regstorm/base/nearest.hpp"

namespace regstorm::app {
namespace {

using config::Command;
using config::Option;
using config::Setting;

struct CommandName {
    std::string_view name;
    Action action;
};

constexpr CommandName commands[] = {
    {"run", Action::run},       {"registrar", Action::registrar}, {"capacity", Action::capacity},
    {"doctor", Action::doctor}, {"scenarios", Action::scenarios}, {"profiles", Action::profiles},
    {"report", Action::report}, {"compare", Action::compare}};

bool takes_options(Action action) {
    return action == Action::run || action == Action::registrar || action == Action::capacity;
}

Command command_of(Action action) {
    return action == Action::registrar  ? Command::registrar
           : action == Action::capacity ? Command::capacity
                                        : Command::run;
}

CommandLine error(std::string text) {
    CommandLine line;
    line.action = Action::error;
    line.text = std::move(text);
    return line;
}

/// One line, whatever the user's words in `what` hold.
CommandLine error(std::string_view command, std::string what) {
    return error(config::to_text({.where = fmt::format("regstorm {}", command), .what = std::move(what)}));
}

/// "regstorm run: unknown option --ratee; did you mean --rate?"
std::string unknown(std::string_view command, std::string_view noun, std::string_view word,
                    std::span<const std::string_view> candidates) {
    const std::string_view meant = base::nearest(word, candidates);
    return config::to_text({.where = fmt::format("regstorm{}{}", command.empty() ? "" : " ", command),
                            .what = fmt::format("unknown {} {}", noun, word),
                            .allowed = {},
                            .meant = std::string(meant)});
}

/// One subcommand with a CLI11 option per row that has a flag for it.
class Parser {
  public:
    explicit Parser(const CommandName& command) : command_(command), app_("", std::string(command.name)) {
        app_.allow_extras();
        app_.set_help_flag("--help,-h");
        if (command_.action == Action::profiles) {
            own_ = {app_.add_flag("--resolved"), add_valued("--account"), add_valued("-o,--output")};
        } else if (command_.action == Action::report) {
            own_ = {add_valued("-o,--output")};
        } else if (command_.action == Action::compare) {
            own_ = {app_.add_flag("--force")};
        } else if (command_.action == Action::doctor) {
            own_ = {app_.add_flag("--json")};
        }
        if (!takes_options(command_.action)) {
            return;
        }
        scenario_ = app_.add_option("scenario");
        set_ = add_valued("--set");
        for (const Option& option : config::options()) {
            if (config::has_flag(option, command_of(command_.action))) {
                const std::string flag(option.flag);
                const bool is_switch = std::holds_alternative<config::Member<bool>>(option.member);
                by_option_[is_switch ? app_.add_flag(flag) : add_valued(flag)] = &option;
            }
        }
    }

    CommandLine parse(const std::vector<std::string>& arguments) {
        if (const std::string problem = empty_value(arguments); !problem.empty()) {
            return error(command_.name, problem);
        }
        try {
            app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
        } catch (const CLI::CallForHelp&) {
            CommandLine line;
            line.action = Action::help;
            line.text = help_text(command_.name);
            return line;
        } catch (const CLI::ParseError& problem) {
            return error(command_.name, explain(problem, arguments));
        }
        return result();
    }

  private:
    CLI::Option* add_valued(const std::string& flag) {
        return app_.add_option(flag)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }

    /// CLI11 would take the argument after "--domain=" for its value.
    static std::string empty_value(const std::vector<std::string>& arguments) {
        for (const std::string& argument : arguments) {
            if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
                const std::string flag = argument.substr(0, argument.size() - 1);
                return fmt::format("{} has no value; an empty one is written {} \"\"", argument, flag);
            }
        }
        return {};
    }

    std::string explain(const CLI::ParseError& problem, const std::vector<std::string>& arguments) const {
        // What can be missing is the value of the last flag; CLI11 says "1 required missing".
        const bool missing = problem.get_name() == "ArgumentMismatch";
        return missing ? fmt::format("{} needs a value", arguments.back()) : problem.what();
    }

    /// "--password --rate 5k" is a forgotten value, not a password; CLI11 takes what comes next.
    std::string swallowed_flag() const {
        for (const CLI::Option* parsed : app_.parse_order()) {
            for (const std::string& value : parsed->results()) {
                if (value.starts_with("--") && app_.get_option_no_throw(value) != nullptr) {
                    return fmt::format("{} needs a value, and {} is an option", parsed->get_name(), value);
                }
            }
        }
        return {};
    }

    CommandLine result() {
        CommandLine line;
        line.action = command_.action;
        line.words = app_.remaining();
        if (const std::string problems = unknown_options(line.words); !problems.empty()) {
            return error(problems);
        }
        if (!takes_options(command_.action)) {
            read_own(line);
            if (const std::string swallowed = swallowed_flag(); !swallowed.empty()) {
                return error(command_.name, swallowed);
            }
            const bool surplus = command_.action == Action::doctor && !line.words.empty();
            return surplus ? error("doctor", fmt::format("unexpected \"{}\"", line.words.front())) : line;
        }
        if (const std::string swallowed = swallowed_flag(); !swallowed.empty()) {
            return error(command_.name, swallowed);
        }
        if (!line.words.empty()) {
            return error(command_.name, fmt::format("unexpected \"{}\" after the scenario \"{}\"", line.words.front(),
                                                    scenario_->results().front()));
        }
        line.request.command = command_of(command_.action);
        line.request.scenario = scenario_->results().empty() ? "" : scenario_->results().front();
        line.request.settings = settings();
        return line;
    }

    /// The flags that are no options of a scenario.
    void read_own(CommandLine& line) const {
        for (const CLI::Option* flag : own_) {
            if (flag->count() == 0) {
                continue;
            }
            const std::string name = flag->get_name();
            line.resolved |= name == "--resolved";
            line.force |= name == "--force";
            line.as_json |= name == "--json";
            line.account = name == "--account" ? flag->results().back() : line.account;
            line.output = name == "--output" ? flag->results().back() : line.output;
        }
    }

    std::string unknown_options(const std::vector<std::string>& words) const {
        std::vector<std::string_view> flags{"--help"};
        if (takes_options(command_.action)) {
            flags.push_back("--set");
        }
        for (const auto& [parsed, option] : by_option_) {
            flags.push_back(option->flag);
        }
        std::vector<std::string> own;  // CLI11 makes the names anew at each call
        std::ranges::transform(own_, std::back_inserter(own), [](const CLI::Option* flag) { return flag->get_name(); });
        flags.insert(flags.end(), own.begin(), own.end());
        std::string lines;
        for (const std::string& word : words) {
            if (word.starts_with('-')) {
                const std::string flag = word.substr(0, word.find('='));
                lines += (lines.empty() ? "" : "\n") + unknown(command_.name, "option", flag, flags);
            }
        }
        return lines;
    }

    /// Flags and --set in the order of the command line: the later wins.
    std::vector<Setting> settings() const {
        std::vector<Setting> settings;
        std::map<const CLI::Option*, std::size_t> taken;
        for (const CLI::Option* parsed : app_.parse_order()) {
            if (parsed == scenario_) {
                continue;
            }
            const std::string& value = parsed->results().at(taken[parsed]++);
            if (parsed == set_) {
                settings.push_back(config::parse_set(value));
            } else if (const auto found = by_option_.find(parsed); found != by_option_.end()) {
                add(from_flag(*found->second, value), found->second->list, settings);
            }
        }
        return settings;
    }

    /// A flag for a list, given again, adds to what the flag said before.
    static void add(Setting setting, bool list, std::vector<Setting>& settings) {
        const auto before = std::ranges::find(settings, setting.where, &Setting::where);
        if (list && before != settings.end()) {
            before->value += "; " + setting.value;
        } else {
            settings.push_back(std::move(setting));
        }
    }

    static Setting from_flag(const Option& option, const std::string& value) {
        const bool negated = option.flag.starts_with("--no-");
        const std::string meaning = !negated ? value : value == "true" ? "false" : value == "false" ? "true" : value;
        return {.where = std::string(option.flag), .key = std::string(option.key), .value = meaning};
    }

    const CommandName& command_;
    CLI::App app_;
    CLI::Option* scenario_ = nullptr;
    CLI::Option* set_ = nullptr;
    std::vector<CLI::Option*> own_;
    std::map<const CLI::Option*, const Option*> by_option_;
};

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
    CommandLine line;
    if (arguments.empty()) {
        return line;
    }
    const std::string& first = arguments.front();
    if (first == "--help" || first == "-h" || first == "help") {
        line.action = Action::help;
        line.text = overview_text();
        return line;
    }
    if (first == "--version") {
        line.action = Action::version;
        return line;
    }
    const auto* command = std::ranges::find(commands, first, &CommandName::name);
    if (command == std::end(commands)) {
        std::vector<std::string_view> names{"--help", "--version"};
        std::ranges::transform(commands, std::back_inserter(names), &CommandName::name);
        return error(unknown("", first.starts_with('-') ? "option" : "command", first, names));
    }
    return Parser(*command).parse({arguments.begin() + 1, arguments.end()});
}

}  // namespace regstorm::app
