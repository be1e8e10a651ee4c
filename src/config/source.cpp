// SPDX-License-Identifier: Apache-2.0
// Where a scenario or profile comes from. A bare word is an embedded one first; whatever has a slash or ends in .toml
// is a file. Files are read up to a bound, so that /dev/zero or a core dump is an error and not a hang.
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>

#include "config/toml_file.hpp"
#include "regstorm/config/provision.hpp"

namespace regstorm::config {
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;

std::span<const Embedded> embedded_of(FileKind kind) { return kind == FileKind::scenario ? scenarios() : profiles(); }

bool looks_like_path(std::string_view name) {
    return name.find('/') != name.npos || name.ends_with(".toml") || name.ends_with(".xml");
}

Problem not_found(std::string_view name, FileKind kind) {
    const std::span<const Embedded> all = embedded_of(kind);
    // "first-run.toml" for "first-run" is the commonest slip.
    const std::string_view bare = name.ends_with(".toml") ? name.substr(0, name.size() - 5) : name;
    const std::string_view word = bare.substr(bare.rfind('/') + 1);
    return {.where = std::string(name),
            .what = fmt::format("there is no {} and no file of that name", noun_of(kind)),
            .allowed = names_of(all) + ", or the path of a .toml file",
            .meant = std::string(nearest_embedded(all, word))};
}

}  // namespace

const char* noun_of(FileKind kind) { return kind == FileKind::scenario ? "scenario" : "device profile"; }

std::optional<Source> find_source(std::string_view name, FileKind kind, std::vector<Problem>& problems) {
    if (const Embedded* embedded = find_embedded(embedded_of(kind), name)) {
        return Source{fmt::format("{} {}", noun_of(kind), name), std::string(embedded->text)};
    }
    struct stat status {};
    const bool exists = stat(std::string(name).c_str(), &status) == 0;
    if (!exists && (!looks_like_path(name) || errno == ENOENT || errno == ENOTDIR)) {
        problems.push_back(not_found(name, kind));
        return std::nullopt;
    }
    return read_file(name, kind, problems);
}

std::optional<Source> read_file(std::string_view name, FileKind kind, std::vector<Problem>& problems) {
    const std::string path(name);
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        problems.push_back({.where = path, .what = "is a directory", .allowed = "a .toml file", .meant = {}});
        return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        problems.push_back({.where = path, .what = std::strerror(errno), .allowed = {}, .meant = {}});
        return std::nullopt;
    }
    Source source{path, std::string(provision_bytes_max + 1, '\0')};
    file.read(source.text.data(), static_cast<std::streamsize>(source.text.size()));
    source.text.resize(static_cast<std::size_t>(file.gcount()));
    const bool xml = kind == FileKind::profile && looks_like_xml(source.text);
    if (source.text.size() > (xml ? provision_bytes_max : file_bytes_max)) {
        problems.push_back({.where = path, .what = "is too large", .allowed = xml ? "up to 4 MiB" : "up to 1 MiB"});
        return std::nullopt;
    }
    return source;
}

}  // namespace regstorm::config
