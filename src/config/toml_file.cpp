// SPDX-License-Identifier: Apache-2.0
#include "config/toml_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include "regstorm/base/nearest.hpp"

namespace regstorm::config {
namespace {

/// toml++ nests one table per dot of a key and destroys them recursively; a line of a million dots would end the
/// stack. No key of ours has more than one.
constexpr std::size_t dots_per_line_max = 1000;

class Reader {
  public:
    Reader(const Source& source, FileKind kind, std::vector<Problem>& problems)
        : source_(source), kind_(kind), problems_(problems) {}

    FileContents read() {
        if (!bounded()) {
            return {};
        }
        try {
            const toml::table table = toml::parse(source_.text, source_.name);
            if (check_kind(table)) {
                read_top(table);
            }
            if (out_.entries.empty() && out_.groups.empty() && problems_.empty()) {
                add(fmt::format("sets nothing; a {} has at least one option", noun_of(kind_)), {}, {});
            }
        } catch (const toml::parse_error& error) {
            add(error.source().begin, {}, std::string(error.description()),
                source_.text.starts_with('{') ? "TOML; this looks like JSON" : "");
        }
        return std::move(out_);
    }

  private:
    std::string place(const toml::source_position& at) const {
        return fmt::format("{}:{}:{}", source_.name, at.line, at.column);
    }

    /// About the whole file.
    void add(std::string what, std::string allowed, std::string fix) {
        problems_.push_back({.where = source_.name,
                             .what = std::move(what),
                             .allowed = std::move(allowed),
                             .meant = {},
                             .fix = std::move(fix)});
    }

    void add(const toml::source_position& at, const std::string& name, std::string what, std::string allowed) {
        problems_.push_back({.where = place(at) + (name.empty() ? "" : ": ") + name,
                             .what = std::move(what),
                             .allowed = std::move(allowed),
                             .meant = {},
                             .line = at.line});
    }

    bool bounded() {
        std::size_t dots = 0;
        for (const char c : source_.text) {
            dots = c == '\n' ? 0 : dots + (c == '.' ? 1 : 0);
            if (dots > dots_per_line_max) {
                add(fmt::format("has more than {} dots in one line", dots_per_line_max), {}, {});
                return false;
            }
        }
        return true;
    }

    /// The two kinds of file look alike; `kind` tells them apart before their keys are judged one by one.
    bool check_kind(const toml::table& table) {
        const std::string kind = table["kind"].value_or(std::string{});
        if (kind_ == FileKind::scenario && kind == "profile") {
            add("is a device profile, not a scenario", {}, "give it as --device " + source_.name);
            return false;
        }
        if (kind_ == FileKind::profile && kind != "profile") {
            add("is not a device profile", "a file that says kind = \"profile\"", {});
            return false;
        }
        return true;
    }

    void read_top(const toml::table& table) {
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            if (name == "description" || name == "kind") {
                if (!node.is_string()) {
                    add(node.source().begin, name, "is not a text; put it in quotes", {});
                }
            } else if (name == "group" && kind_ == FileKind::scenario) {
                read_phone_groups(node);
            } else if (const toml::table* group = node.as_table(); group != nullptr && is_group(name)) {
                read_group(name, *group);
            } else if (is_group(name)) {
                add(node.source().begin, name, "is a group of options", "a table: [" + name + "]");
            } else {
                node.is_table() ? unknown_group(key, name) : unknown(key, name);
            }
        }
    }

    /// [[group]]: parts of the population.
    void read_phone_groups(const toml::node& node) {
        const toml::array* list = node.as_array();
        if (list == nullptr || list->size() > groups_max || !list->is_array_of_tables()) {
            add(node.source().begin, "group", "is no list of groups",
                fmt::format("[[group]], up to {} times", groups_max));
            return;
        }
        for (const toml::node& item : *list) {
            read_phone_group(*item.as_table());
        }
    }

    void read_phone_group(const toml::table& table) {
        const toml::source_position at = table.source().begin;
        GroupEntries group;
        group.self.name = table["name"].value_or(fmt::format("group {}", out_.groups.size() + 1));
        group.where = place(at) + ": " + group.self.name;
        group.line = at.line;
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            const toml::table* part = node.as_table();
            if (name == "name" && node.is_string()) {
                continue;
            }
            if (name == "share" && node.is_number() && *node.value<double>() > 0 && *node.value<double>() <= 1e6) {
                group.self.share = *node.value<double>();
            } else if (name == "endpoints") {
                read_count(node, group.self.endpoints);
            } else if (name == "target" && node.is_string()) {
                read_target(node, group.self.target);
            } else if (part != nullptr && (name == "device" || name == "auth")) {
                std::swap(out_.entries, group.entries);
                read_group(name, *part);
                std::swap(out_.entries, group.entries);
            } else {
                add(node.source().begin, "group." + name, "is not what a group can say",
                    "name, share (above 0), endpoints, target, device.*, auth.*");
            }
        }
        out_.groups.push_back(std::move(group));
    }

    void read_count(const toml::node& node, std::uint32_t& out) {
        const std::string text = node.is_string() ? *node.value<std::string>() : "";
        const Parsed<std::uint64_t> count =
            node.is_integer() ? Parsed<std::uint64_t>{static_cast<std::uint64_t>(
                                                          std::max<std::int64_t>(*node.value<std::int64_t>(), 0)),
                                                      {}}
                              : parse_count(text);
        constexpr std::uint64_t most = 100'000'000;
        if (!count.good() || count.value == 0 || count.value > most) {
            add(node.source().begin, "group.endpoints", "is no count of phones", "1 to 100M");
            return;
        }
        out = static_cast<std::uint32_t>(count.value);
    }

    void read_target(const toml::node& node, Target& out) {
        const Parsed<Target> target = parse_target(*node.value<std::string>());
        if (!target.good() || !target.value.given()) {
            add(node.source().begin, "group.target", target.good() ? "is empty" : target.problem,
                "ADDRESS[:PORT] or NAME[:PORT]");
            return;
        }
        out = target.value;
    }

    void read_group(const std::string& group, const toml::table& table) {
        for (const auto& [key, node] : table) {
            const std::string full = group + "." + std::string(key.str());
            const Option* option = find_option(full);
            if (option == nullptr) {
                unknown(key, full);
            } else if (kind_ == FileKind::profile && (group != "device" || full == "device.profile")) {
                add(key.source().begin, full, "cannot be set by a device profile", "device.*");
            } else {
                read_value(*option, node);
            }
        }
    }

    void read_value(const Option& option, const toml::node& node) {
        const toml::source_position at = node.source().begin;
        const std::string where = place(at) + ": " + std::string(option.key);
        if (const toml::value<bool>* flag = node.as_boolean()) {
            out_.entries.push_back({&option, flag->get(), where, at.line});
        } else if (const toml::value<std::int64_t>* integer = node.as_integer()) {
            out_.entries.push_back({&option, integer->get(), where, at.line});
        } else if (const toml::value<double>* real = node.as_floating_point()) {
            out_.entries.push_back({&option, real->get(), where, at.line});
        } else if (const toml::value<std::string>* text = node.as_string()) {
            out_.entries.push_back({&option, text->get(), where, at.line});
        } else {
            const char* type = node.is_array() ? "is a list" : node.is_table() ? "is a table" : "is a date or time";
            add(at, std::string(option.key), type, allowed(option));
        }
    }

    void unknown_group(const toml::key& key, const std::string& name) {
        std::vector<std::string_view> groups;
        for (const Option& option : options()) {
            groups.push_back(group_of(option));
        }
        add(key.source().begin, {}, "unknown group " + name, {});
        problems_.back().meant = base::nearest(name, groups);
    }

    void unknown(const toml::key& key, const std::string& name) {
        const toml::source_position at = key.source().begin;
        Problem problem = unknown_key(place(at), name);
        problem.line = at.line;
        problems_.push_back(std::move(problem));
    }

    const Source& source_;
    FileKind kind_;
    std::vector<Problem>& problems_;
    FileContents out_;
};

}  // namespace

FileContents read_contents(const Source& source, FileKind kind, std::vector<Problem>& problems) {
    return Reader(source, kind, problems).read();
}

}  // namespace regstorm::config
