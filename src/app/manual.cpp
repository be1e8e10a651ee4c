// SPDX-License-Identifier: Apache-2.0
#include "app/manual.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/commands.hpp"
#include "app/help.hpp"
#include "regstorm/config/library.hpp"
#include "regstorm/config/option.hpp"

namespace regstorm::app {
namespace {

using config::Command;
using config::Option;

/// A backslash begins an escape, a dash may become a hyphen, and a line that begins with a dot is a request.
std::string roff(std::string_view text) {
    std::string out;
    bool at_start = true;
    for (const char c : text) {
        if (at_start && (c == '.' || c == '\'')) {
            out += "\\&";
        }
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
        at_start = c == '\n';
    }
    return out;
}

/// As it is laid out for a terminal.
std::string verbatim(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of('\n'), text.size());
    return fmt::format(".nf\n{}{}.fi\n", roff(text.substr(begin)), text.ends_with('\n') ? "" : "\n");
}

/// "usage: regstorm run ..." and what follows the first empty line.
std::pair<std::string_view, std::string_view> split_usage(std::string_view head) {
    const std::size_t end = std::min(head.find("\n\n"), head.size());
    constexpr std::string_view prefix = "usage: ";
    const std::size_t begin = head.starts_with(prefix) ? prefix.size() : 0;
    return {head.substr(begin, end - begin), head.substr(std::min(end + 2, head.size()))};
}

/// The first sentence, on one line, without its full stop.
std::string first_sentence(std::string_view text) {
    std::string sentence(text.substr(0, std::min(text.find_first_of(".:"), text.size())));
    std::ranges::replace(sentence, '\n', ' ');
    return sentence;
}

std::string heading(std::string_view name, std::string_view sentence) {
    std::string title(name);
    std::ranges::transform(title, title.begin(),
                           [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c); });
    return fmt::format(".TH {} 1 \"\" \"regstorm {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", roff(title), version(),
                       roff(name), roff(sentence));
}

std::string see_also() {
    std::string out = ".SH SEE ALSO\n.BR regstorm (1)";
    for (const std::string_view command : command_names) {
        out += fmt::format(",\n.BR regstorm\\-{} (1)", command);
    }
    return out + "\n";
}

std::string words_of(std::span<const config::Embedded> all) {
    std::string names;
    for (const config::Embedded& one : all) {
        names += fmt::format("{}{}", names.empty() ? "" : " ", one.name);
    }
    return names;
}

/// What a value may be, for flags that have a list; "@file" for paths.
std::string values_of(const Option& option) {
    if (const auto* choice = std::get_if<config::ChoiceMember>(&option.member)) {
        return fmt::format("{}", fmt::join(choice->names, " "));
    }
    if (option.key == "device.profile") {
        return words_of(config::profiles());
    }
    return option.shape == "FILE" ? "@file" : "";
}

struct Flags {
    std::string all = "--help";
    std::string cases{};  ///< lines of a bash case: flag) words
};

Flags flags_of(std::string_view command) {
    Flags flags;
    const auto add = [&](std::string_view flag) { flags.all += fmt::format(" {}", flag); };
    if (command == "doctor") {
        add("--json");
    } else if (command == "profiles") {
        flags.all += " --resolved --account --output";
    } else if (command == "report") {
        add("--output");
    } else if (command == "compare") {
        add("--force");
    }
    const bool table = !help_options(command).empty();
    const Command which = command == "registrar"  ? Command::registrar
                          : command == "capacity" ? Command::capacity
                                                  : Command::run;
    if (table) {
        add("--set");
    }
    for (const Option& option : config::options()) {
        if (table && config::has_flag(option, which)) {
            add(option.flag);
            if (const std::string values = values_of(option); !values.empty()) {
                flags.cases += fmt::format("        {}:{}) words='{}' ;;\n", command, option.flag, values);
            }
        }
    }
    return flags;
}

std::string keys() {
    std::string names;
    for (const Option& option : config::options()) {
        names += fmt::format("{}{}=", names.empty() ? "" : " ", option.key);
    }
    return names;
}

}  // namespace

std::string man_page(std::string_view command) {
    if (command.empty()) {
        const std::string text = overview_text();
        return heading("regstorm", "registers simulated SIP phones with a registrar") +
               ".SH SYNOPSIS\n.B regstorm\n.I COMMAND\n[options]\n.SH DESCRIPTION\n" + verbatim(text) + see_also();
    }
    const auto& [usage, description] = split_usage(help_head(command));
    const std::vector<HelpOption> options = help_options(command);
    std::string out = heading(fmt::format("regstorm-{}", command), first_sentence(description));
    out += ".SH SYNOPSIS\n" + verbatim(usage) + ".SH DESCRIPTION\n" + verbatim(description);
    out += options.empty() ? "" : ".SH OPTIONS\n";
    std::string_view group;
    for (const HelpOption& option : options) {
        if (option.group != group) {
            group = option.group;
            out += fmt::format(".SS {}\n", roff(group));
        }
        out += fmt::format(".TP\n.B {}\n{}\n", roff(option.typed), roff(option.explained));
    }
    if (!help_tail(command).empty()) {
        out += ".SH NOTES\n" + verbatim(help_tail(command));
    }
    return out + see_also();
}

std::string bash_completion() {
    std::string flags;
    std::string cases;
    for (const std::string_view command : command_names) {
        const Flags of = flags_of(command);
        flags += fmt::format("        {}) flags='{}' ;;\n", command, of.all);
        cases += of.cases;
    }
    return fmt::format(R"(# bash completion for regstorm; made from its option table.
_regstorm() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} command=${{COMP_WORDS[1]:-}}
    local flags='' words=''
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W '{0} --help --version' -- "$current")
        return
    fi
    case "$command" in
{1}    esac
    case "$command:$previous" in
{2}        *:--set)
            words='{3}'
            compopt -o nospace
            ;;
        *:--output | *:-o | report:report | compare:*) words=@file ;;
        profiles:import) words=@file ;;
        profiles:profiles) words='list show import' ;;
        scenarios:scenarios) words='list show' ;;
        scenarios:show | run:run | capacity:capacity) words='{4}' ;;
        profiles:show) words='{5}' ;;
    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$current")
    elif [[ $words == @file ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    fi
}}
complete -o filenames -F _regstorm regstorm
)",
                       fmt::join(command_names, " "), flags, cases, keys(), words_of(config::scenarios()),
                       words_of(config::profiles()));
}

}  // namespace regstorm::app
