// SPDX-License-Identifier: Apache-2.0
#include "regstorm/config/load.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "config/assign.hpp"
#include "config/contradictions.hpp"
#include "config/toml_file.hpp"
#include "regstorm/config/provision.hpp"

namespace regstorm::config {
namespace {

constexpr std::string_view first_run = "first-run";

class Layers {
  public:
    explicit Layers(const Request& request) : request_(request) {}

    Loaded load() {
        // Which profile lies under the scenario is known only once the scenario has been read.
        std::vector<Problem> scenario_problems;
        const FileContents contents = contents_of(scenario_name(), FileKind::scenario, scenario_problems);
        const std::vector<Entry>& scenario = contents.entries;
        std::vector<Problem> profile_problems;
        for (const Entry& entry : contents_of(profile_name(scenario), FileKind::profile, profile_problems).entries) {
            apply(entry, out_.scenario, profile_problems);
        }
        // A ready-made scenario's registrar stands back for the one that the user names; in a file of the user's own
        // the two contradict each other.
        const bool stands_back =
            last_setting("run.target") != nullptr && find_embedded(scenarios(), scenario_name()) != nullptr;
        for (const Entry& entry : scenario) {
            if (stands_back && group_of(*entry.option) == "registrar") {
                continue;
            }
            if (apply(entry, out_.scenario, scenario_problems)) {
                origins_[std::string(entry.option->key)] = entry.where;
            }
        }
        tell(std::move(scenario_problems));
        tell(std::move(profile_problems));
        for (const Setting& setting : request_.settings) {
            apply(setting);
        }
        one_end();
        for (const GroupEntries& group : contents.groups) {
            add_group(group);
        }
        resolve_port();
        if (out_.problems.empty()) {
            check_contradictions(out_.scenario, request_.command, origins_, out_.problems);
        }
        return std::move(out_);
    }

  private:
    std::string_view scenario_name() const {
        if (!request_.scenario.empty() || request_.command != Command::run) {
            return request_.scenario;
        }
        return last_setting("run.target") == nullptr ? first_run : std::string_view{};
    }

    /// The command line says anew when the run ends: what a file said, in the other of the two ways, is over.
    void one_end() {
        Run& run = out_.scenario.run;
        if (last_setting("run.duration") != nullptr && last_setting("run.hold") == nullptr) {
            run.hold = {};
        } else if (last_setting("run.hold") != nullptr && last_setting("run.duration") == nullptr) {
            run.duration = {};
        }
    }

    const Setting* last_setting(std::string_view key) const {
        const auto found = std::find_if(request_.settings.rbegin(), request_.settings.rend(),
                                        [key](const Setting& setting) { return setting.key == key; });
        return found == request_.settings.rend() ? nullptr : &*found;
    }

    std::string_view profile_name(const std::vector<Entry>& scenario) const {
        if (const Setting* setting = last_setting("device.profile")) {
            return setting->value;
        }
        for (const Entry& entry : scenario) {
            if (entry.option->key == "device.profile") {
                const std::string* name = std::get_if<std::string>(&entry.value);
                return name == nullptr ? std::string_view{} : *name;
            }
        }
        return out_.scenario.device.profile;
    }

    /// A name that is empty, because its option holds something wrong, is reported when that is assigned.
    static FileContents contents_of(std::string_view name, FileKind kind, std::vector<Problem>& problems) {
        if (name.empty()) {
            return {};
        }
        const std::optional<Source> source = find_source(name, kind, problems);
        if (!source || kind != FileKind::profile || !looks_like_xml(source->text)) {
            return source ? read_contents(*source, kind, problems) : FileContents{};
        }
        Imported imported = import_provision(source->text, source->name, 1);
        if (!imported.problems.empty()) {
            problems = std::move(imported.problems);
            return {};
        }
        return read_contents({source->name, imported.toml}, kind, problems);
    }

    /// One file's problems, in the order of its lines.
    void tell(std::vector<Problem> problems) {
        std::ranges::stable_sort(problems, {}, &Problem::line);
        std::ranges::move(problems, std::back_inserter(out_.problems));
    }

    /// The scenario's phones with the group's profile and then its own keys over them.
    void add_group(const GroupEntries& group) {
        Scenario like;
        like.device = out_.scenario.device;
        like.auth = out_.scenario.auth;
        std::vector<Problem> problems;
        for (const Entry& entry : group.entries) {
            const std::string* name = std::get_if<std::string>(&entry.value);
            if (entry.option->key == "device.profile" && name != nullptr) {
                for (const Entry& of_profile : contents_of(*name, FileKind::profile, problems).entries) {
                    apply(of_profile, like, problems);
                }
            }
        }
        for (const Entry& entry : group.entries) {
            if (entry.option->key == "device.local_sip_port" || entry.option->key == "device.random_sip_port") {
                problems.push_back({.where = entry.where,
                                    .what = "ports are those of the whole run",
                                    .fix = "set it in [device]",
                                    .line = entry.line});
            }
            apply(entry, like, problems);
        }
        tell(std::move(problems));
        PhoneGroup made = group.self;
        made.device = like.device;
        made.auth = like.auth;
        if ((made.share != 0) == (made.endpoints != 0)) {
            out_.problems.push_back({.where = group.where,
                                     .what = "says neither share nor endpoints, or both",
                                     .allowed = "share = WEIGHT, or endpoints = COUNT",
                                     .line = group.line});
        }
        out_.scenario.groups.push_back(std::move(made));
    }

    static bool apply(const Entry& entry, Scenario& scenario, std::vector<Problem>& problems) {
        std::optional<Problem> problem = assign(*entry.option, entry.value, scenario);
        if (problem) {
            problem->where = entry.where;
            problem->line = entry.line;
            problems.push_back(std::move(*problem));
        }
        return !problem;
    }

    void apply(const Setting& setting) {
        if (setting.key.empty()) {
            out_.problems.push_back({.where = setting.where,
                                     .what = '"' + setting.value + "\" does not name an option",
                                     .allowed = "KEY=VALUE",
                                     .meant = std::string(nearest_key(setting.value))});
            return;
        }
        const Option* option = find_option(setting.key);
        if (option == nullptr) {
            out_.problems.push_back(unknown_key(setting.where, setting.key));
        } else if (apply({option, Word{setting.value}, setting.where}, out_.scenario, out_.problems)) {
            origins_[setting.key] = setting.where;
        }
    }

    void resolve_port() {
        std::optional<port::PortSpec>& port = out_.scenario.run.port;
        if (!port) {
            const bool elsewhere = out_.scenario.run.target.given() || request_.command == Command::registrar;
            port = port::PortSpec{.kind = elsewhere ? port::PortKind::udp : port::PortKind::memory};
        }
    }

    const Request& request_;
    Loaded out_;
    Origins origins_;
};

/// Bytes that could move the cursor or end the line, as "?".
std::string one_line(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, '?');
    return text;
}

}  // namespace

Problem unknown_key(std::string where, std::string_view key) {
    const std::string_view meant = nearest_key(key);
    return {.where = std::move(where),
            .what = fmt::format("unknown key {}", key),
            .allowed = {},
            .meant = std::string(meant),
            .fix = meant.empty() ? "regstorm run --help lists all keys" : ""};
}

std::string to_text(const Problem& problem) {
    std::string line = problem.where + ": " + problem.what;
    if (!problem.allowed.empty()) {
        line += "; allowed: " + problem.allowed;
    }
    if (!problem.meant.empty()) {
        line += "; did you mean " + problem.meant + "?";
    }
    if (!problem.fix.empty()) {
        line += "; " + problem.fix;
    }
    return one_line(std::move(line));
}

Loaded load(const Request& request) { return Layers(request).load(); }

Setting parse_set(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == text.npos || equals == 0) {
        return {.where = "--set", .key = {}, .value = std::string(text)};
    }
    const std::string key(text.substr(0, equals));
    return {.where = "--set " + key, .key = key, .value = std::string(text.substr(equals + 1))};
}

}  // namespace regstorm::config
