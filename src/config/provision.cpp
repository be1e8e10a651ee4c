// SPDX-License-Identifier: Apache-2.0
// The file comes from a device or a colleague and is not to be trusted: its size is bounded, pugixml parses without
// recursion and expands no entities but the five of XML, and nothing of a value is shown but what was out of range.
#include "regstorm/config/provision.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <pugixml.hpp>

#include "config/assign.hpp"
#include "config/p_values.hpp"
#include "config/pieces.hpp"
#include "config/profile_text.hpp"
#include "config/toml_file.hpp"

namespace regstorm::config {
namespace {

constexpr std::string_view factory_profile = "grandstream-gsc35xx";
constexpr std::size_t xml_shown_chars_max = 64;
constexpr std::size_t problems_max = 100;
constexpr std::size_t comment_columns = 110;

bool same_word(std::string_view left, std::string_view right) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
    return std::ranges::equal(left, right, {}, lower, lower);
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
    std::uint32_t value = 0;
    const std::from_chars_result done = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = done.ec == std::errc{} && done.ptr == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

/// "P32" is 32.
std::optional<std::uint32_t> p_number(std::string_view name) {
    return name.starts_with('P') ? parse_number(name.substr(1)) : std::nullopt;
}

/// As much of a text from the file as can hurt neither a terminal nor a TOML comment.
std::string printable(std::string_view text) {
    std::string out(text.substr(0, xml_shown_chars_max));
    std::ranges::replace_if(
        out, [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

/// What a value may be, in the file's own terms.
std::string allowed_there(const PValue& row) {
    if (row.max != 0) {
        return fmt::format("{} to {}", row.min, row.max);
    }
    std::string words;
    for (const Meaning& meaning : row.meanings) {
        words += (words.empty() ? "" : ", ") + std::string(meaning.theirs);
    }
    return words.empty() ? "HOST or HOST:PORT" : words;
}

class Importer {
  public:
    Importer(std::string_view name, std::uint32_t account)
        : file_(name), account_(account), prefix_(fmt::format("account.{}.", account)) {}

    Imported import(std::string_view xml) {
        factory_settings();
        pugi::xml_document document;
        const pugi::xml_parse_result parsed =
            document.load_buffer(xml.data(), xml.size(), pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol);
        const pugi::xml_node config = document.child("gs_provision").child("config");
        if (!parsed) {
            add(file_, fmt::format("is not well-formed XML: {} at byte {}", parsed.description(), parsed.offset), {});
        } else if (!config) {
            add(file_, "is not a Grandstream configuration", "<gs_provision> that holds <config>");
        } else {
            for (const pugi::xml_node node : config.children()) {
                read(node);
            }
        }
        if (out_.problems.empty()) {
            write();
        }
        return std::move(out_);
    }

  private:
    void add(std::string where, std::string what, std::string allowed) {
        out_.problems.push_back({.where = std::move(where), .what = std::move(what), .allowed = std::move(allowed)});
    }

    void factory_settings() {
        const Embedded& factory = *find_embedded(profiles(), factory_profile);
        const Source source{std::string(factory_profile), std::string(factory.text)};
        for (const Entry& entry : read_contents(source, FileKind::profile, out_.problems).entries) {
            if (!assign(*entry.option, entry.value, scenario_)) {
                remarks_.emplace(entry.option->key, "not in the file: factory setting");
            }
        }
    }

    void read(pugi::xml_node node) {
        const std::string_view name = node.name();
        if (name != "item") {
            if (node.type() == pugi::node_element) {
                read_value(name, node.child_value());
            }
            return;
        }
        const std::string item = node.attribute("name").value();
        bool parts = false;
        for (const pugi::xml_node part : node.children("part")) {
            read_value(item + "." + part.attribute("name").value(), part.child_value());
            parts = true;
        }
        if (!parts) {
            read_value(item, node.child_value());
        }
    }

    const PValue* find(std::string_view name) const {
        const std::optional<std::uint32_t> number = p_number(name);
        const bool of_account = name.starts_with(prefix_);
        for (const PValue& row : p_values()) {
            const bool numbered = number && *number != 0 && row.numbers[account_ - 1] == *number;
            const bool named = of_account && !row.item.empty() && name.substr(prefix_.size()) == row.item;
            if (numbered || named) {
                return &row;
            }
        }
        return nullptr;
    }

    void read_value(std::string_view name, std::string_view text) {
        const PValue* row = find(name);
        const std::string_view value = trimmed(text);
        if (row == nullptr) {
            leave_out(name);
        } else if (!value.empty() || row->key == "device.outbound_proxy") {  // empty: the phone keeps what it has
            use(*row, name, value);
        }
    }

    void leave_out(std::string_view name) {
        if (out_.unused.size() == Imported::unused_max) {
            ++out_.unused_more;
        } else {
            out_.unused.push_back(printable(name));
        }
    }

    void use(const PValue& row, std::string_view name, std::string_view value) {
        std::string ours(value);
        std::string problem;
        if (row.max != 0) {
            const std::optional<std::uint32_t> number = parse_number(value);
            problem = !number             ? "is not a whole number"
                      : *number < row.min ? "is too small"
                      : *number > row.max ? "is too large"
                                          : "";
        } else if (!row.meanings.empty()) {
            const auto meaning = std::ranges::find_if(
                row.meanings, [value](std::string_view theirs) { return same_word(theirs, value); }, &Meaning::theirs);
            problem = meaning == row.meanings.end() ? "is none of the choices" : "";
            ours = problem.empty() ? std::string(meaning->ours) : std::string{};
        }
        const std::string where = fmt::format("{}: {} ({})", file_, name, row.title);
        if (out_.problems.size() == problems_max) {
            return;
        }
        if (!problem.empty()) {
            add(where, fmt::format("\"{}\" {}", printable(value), problem), allowed_there(row));
        } else if (std::optional<Problem> refused = assign(*find_option(row.key), Word{ours}, scenario_)) {
            add(where, std::move(refused->what), std::move(refused->allowed));
        } else {
            remarks_[std::string(row.key)] = fmt::format("{}, {}", row.title, name);
        }
    }

    void write() {
        out_.toml = fmt::format("# From {}, account {}. \"Factory setting\" is that of the profile {}.\n",
                                printable(file_.substr(file_.rfind('/') + 1)), account_, factory_profile);
        out_.toml += profile_text(scenario_, fmt::format("Grandstream, imported, account {}", account_), remarks_);
        std::string line = "\n# Not used:";
        for (const std::string& name : out_.unused) {
            if (line.size() + name.size() > comment_columns) {
                out_.toml += line + '\n';
                line = "#";
            }
            line += ' ' + name;
        }
        if (!out_.unused.empty()) {
            out_.toml += line + (out_.unused_more == 0 ? "" : fmt::format(" and {} more", out_.unused_more)) + '\n';
        }
    }

    std::string file_;
    std::uint32_t account_;
    std::string prefix_;
    Scenario scenario_;
    Remarks remarks_;
    Imported out_;
};

}  // namespace

bool looks_like_xml(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    return trimmed(text.substr(0, 4096)).starts_with('<');
}

Imported import_provision(std::string_view xml, std::string_view name, std::uint32_t account) {
    if (xml.size() > provision_bytes_max) {
        Imported out;
        out.problems.push_back({.where = std::string(name), .what = "is too large", .allowed = "up to 4 MiB"});
        return out;
    }
    return Importer(name, account).import(xml);
}

Imported import_provision_file(const std::string& path, std::uint32_t account) {
    Imported out;
    const std::optional<Source> source = read_file(path, FileKind::profile, out.problems);
    if (source && !looks_like_xml(source->text)) {
        out.problems.push_back({.where = path, .what = "is not XML", .allowed = "a Grandstream cfg.xml"});
    }
    return out.problems.empty() ? import_provision(source->text, path, account) : std::move(out);
}

std::string unused_text(const Imported& imported) {
    std::string text = fmt::format("{}", fmt::join(imported.unused, ", "));
    if (imported.unused_more != 0) {
        text += fmt::format(" and {} more", imported.unused_more);
    }
    return text;
}

}  // namespace regstorm::config
