// SPDX-License-Identifier: Apache-2.0
// A TOML file as a list of values for known options. Nothing is applied here: the layers decide the order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/assign.hpp"
#include "regstorm/config/library.hpp"
#include "regstorm/config/load.hpp"

namespace regstorm::config {

enum class FileKind : std::uint8_t { scenario, profile };

struct Source {
    std::string name;  ///< for messages: the path, or the name of an embedded file
    std::string text;
};

struct Entry {
    const Option* option = nullptr;
    RawValue value;
    std::string where;  ///< "my.toml:3:8: run.rate"
    std::uint32_t line = 0;
};

/// One [[group]]: what it says of itself, and what it changes. Its device profile is among the entries.
struct GroupEntries {
    PhoneGroup self{};  ///< name, share, endpoints, target
    std::vector<Entry> entries;
    std::string where;  ///< "my.toml:12:3: group yealinks"
    std::uint32_t line = 0;
};

struct FileContents {
    std::vector<Entry> entries;
    std::vector<GroupEntries> groups;
};

/// "scenario", "device profile".
[[nodiscard]] const char* noun_of(FileKind kind);

/// The text behind `name`: an embedded file, or a path. Nothing, and a problem, when there is neither.
[[nodiscard]] std::optional<Source> find_source(std::string_view name, FileKind kind, std::vector<Problem>& problems);

/// A file by its path. XML may be larger than TOML.
[[nodiscard]] std::optional<Source> read_file(std::string_view name, FileKind kind, std::vector<Problem>& problems);

/// "unknown key run.endpoint; did you mean run.endpoints?"
[[nodiscard]] Problem unknown_key(std::string where, std::string_view key);

/// Its values. A profile may only set device.*, and says kind = "profile".
[[nodiscard]] FileContents read_contents(const Source& source, FileKind kind, std::vector<Problem>& problems);

}  // namespace regstorm::config
