// SPDX-License-Identifier: Apache-2.0
#include "config/toml_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

namespace regstorm::config {
namespace {

/// toml++ nests one table per dot of a key and destroys them recursively; a line of a million dots would end the
/// stack. No key of ours has more than one.
constexpr std::size_t dots_per_line_max = 1000;

class Reader {
  public:
    Reader(const Source& source, FileKind kind, std::vector<Problem>& problems)
        : source_(source), kind_(kind), problems_(problems) {}

    std::vector<Entry> read() {
        if (!bounded()) {
            return {};
        }
        try {
            const toml::table table = toml::parse(source_.text, source_.name);
            if (check_kind(table)) {
                read_top(table);
            }
        } catch (const toml::parse_error& error) {
            add(place(error.source().begin), std::string(error.description()), {},
                source_.text.starts_with('{') ? "TOML; this looks like JSON" : "");
        }
        return std::move(entries_);
    }

  private:
    std::string place(const toml::source_position& at) const {
        return fmt::format("{}:{}:{}", source_.name, at.line, at.column);
    }

    void add(std::string where, std::string what, std::string allowed, std::string meant) {
        problems_.push_back({std::move(where), std::move(what), std::move(allowed), std::move(meant)});
    }

    bool bounded() {
        std::size_t dots = 0;
        for (const char c : source_.text) {
            dots = c == '\n' ? 0 : dots + (c == '.' ? 1 : 0);
            if (dots > dots_per_line_max) {
                add(source_.name, fmt::format("has more than {} dots in one line", dots_per_line_max), {}, {});
                return false;
            }
        }
        return true;
    }

    /// The two kinds of file look alike; `kind` tells them apart before their keys are judged one by one.
    bool check_kind(const toml::table& table) {
        const std::string kind = table["kind"].value_or(std::string{});
        if (kind_ == FileKind::scenario && kind == "profile") {
            add(source_.name, "is a device profile, not a scenario", {}, "--device " + source_.name);
            return false;
        }
        if (kind_ == FileKind::profile && kind != "profile") {
            add(source_.name, "is not a device profile", "a file that says kind = \"profile\"", {});
            return false;
        }
        return true;
    }

    void read_top(const toml::table& table) {
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            if (name == "description" || name == "kind") {
                if (!node.is_string()) {
                    add(place(node.source().begin) + ": " + name, "is not a text; put it in quotes", {}, {});
                }
            } else if (const toml::table* group = node.as_table(); group != nullptr && is_group(name)) {
                read_group(name, *group);
            } else if (is_group(name)) {
                add(place(node.source().begin) + ": " + name, "is a group of options", "a table: [" + name + "]", {});
            } else {
                unknown(key, name, node.is_table() ? "group" : "key");
            }
        }
    }

    void read_group(const std::string& group, const toml::table& table) {
        for (const auto& [key, node] : table) {
            const std::string full = group + "." + std::string(key.str());
            const Option* option = find_option(full);
            if (option == nullptr) {
                unknown(key, full, "key");
            } else if (kind_ == FileKind::profile && (group != "device" || full == "device.profile")) {
                add(place(key.source().begin) + ": " + full, "cannot be set by a device profile", "device.*", {});
            } else {
                read_value(*option, node);
            }
        }
    }

    void read_value(const Option& option, const toml::node& node) {
        const std::string where = place(node.source().begin) + ": " + std::string(option.key);
        if (const toml::value<bool>* flag = node.as_boolean()) {
            entries_.push_back({&option, flag->get(), where});
        } else if (const toml::value<std::int64_t>* integer = node.as_integer()) {
            entries_.push_back({&option, integer->get(), where});
        } else if (const toml::value<double>* real = node.as_floating_point()) {
            entries_.push_back({&option, real->get(), where});
        } else if (const toml::value<std::string>* text = node.as_string()) {
            entries_.push_back({&option, text->get(), where});
        } else {
            const char* type = node.is_array() ? "is a list" : node.is_table() ? "is a table" : "is a date or time";
            add(where, type, allowed(option), {});
        }
    }

    void unknown(const toml::key& key, const std::string& name, const char* noun) {
        const std::string_view meant = nearest_key(name);
        add(place(key.source().begin), fmt::format("unknown {} {}", noun, name), {}, std::string(meant));
    }

    const Source& source_;
    FileKind kind_;
    std::vector<Problem>& problems_;
    std::vector<Entry> entries_;
};

}  // namespace

std::vector<Entry> read_entries(const Source& source, FileKind kind, std::vector<Problem>& problems) {
    return Reader(source, kind, problems).read();
}

}  // namespace regstorm::config
