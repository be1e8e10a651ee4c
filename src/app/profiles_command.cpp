// SPDX-License-Identifier: Apache-2.0
// `regstorm profiles`: what the scenarios' command does, and what only phones have: a profile with every key resolved,
// and a Grandstream's own configuration file turned into one.
#include <charconv>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>

#include "app/commands.hpp"
#include "app/scenario_input.hpp"
#include "regstorm/config/provision.hpp"

namespace regstorm::app {
namespace {

int refuse(const std::vector<config::Problem>& problems) {
    for (const config::Problem& problem : problems) {
        fmt::print(stderr, "{}\n", config::to_text(problem));
    }
    return bad_usage;
}

int refuse(std::string where, std::string what, std::string allowed) {
    return refuse({{.where = std::move(where), .what = std::move(what), .allowed = std::move(allowed)}});
}

/// A name, or the path of a profile or of a cfg.xml: whatever --device takes.
int show_resolved(const std::string& name) {
    config::Request request;
    request.command = config::Command::registrar;  // the profile over the defaults, without a scenario
    request.settings.push_back({.where = "regstorm profiles show", .key = "device.profile", .value = name});
    const config::Loaded loaded = config::load(request);
    if (!loaded.good()) {
        return refuse(loaded.problems);
    }
    fmt::print("{}", config::resolved_profile(loaded.scenario.device, name + ", every key"));
    return passed;
}

int import_file(const std::string& file, const CommandLine& line) {
    const std::string where = "regstorm profiles import";
    std::uint32_t account = 0;
    const char* end = line.account.data() + line.account.size();
    const std::from_chars_result done = std::from_chars(line.account.data(), end, account);
    if (done.ec != std::errc{} || done.ptr != end || account == 0 || account > config::provision_accounts) {
        return refuse(where, fmt::format("--account \"{}\" is no account", line.account),
                      fmt::format("1 to {}", config::provision_accounts));
    }
    const config::Imported imported = config::import_provision_file(file, account);
    if (!imported.problems.empty()) {
        return refuse(imported.problems);
    }
    if (const std::string unwritable = check_writable(line.output); !unwritable.empty()) {
        return refuse(where, "--output: " + unwritable, "a file that can be written");
    }
    if (line.output.empty() || line.output == "-") {
        fmt::print("{}", imported.toml);
    } else if (std::ofstream out(line.output, std::ios::binary); !(out << imported.toml).flush()) {
        fmt::print(stderr, "{}: {} cannot be written\n", where, line.output);
        return cannot_run;
    }
    if (const std::string unused = config::unused_text(imported); !unused.empty()) {
        fmt::print(stderr, "{}: {}: not used: {}\n", where, file, unused);
    }
    return passed;
}

}  // namespace

int profiles_command(const CommandLine& line) {
    const std::vector<std::string>& words = line.words;
    if (words.size() == 2 && words[0] == "import") {
        return import_file(words[1], line);
    }
    if (words.size() == 2 && words[0] == "show" && line.resolved) {
        return show_resolved(words[1]);
    }
    return library_command(config::profiles(), "profile", words);
}

}  // namespace regstorm::app
