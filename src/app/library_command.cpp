// SPDX-License-Identifier: Apache-2.0
// `regstorm scenarios` and `regstorm profiles`: the embedded files, listed or shown as they are, comments and all.
#include <cstdio>
#include <fmt/format.h>

#include "app/commands.hpp"

namespace regstorm::app {
namespace {

int list(std::span<const config::Embedded> all) {
    for (const config::Embedded& embedded : all) {
        fmt::print("{:<22} {}\n", embedded.name, config::description_of(embedded));
    }
    return passed;
}

int show(std::span<const config::Embedded> all, std::string_view noun, std::string_view name) {
    const config::Embedded* found = config::find_embedded(all, name);
    if (found == nullptr) {
        const std::string_view meant = config::nearest_embedded(all, name);
        fmt::print(stderr, "regstorm {}s: there is no {} \"{}\"; allowed: {}{}{}{}\n", noun, noun, name,
                   config::names_of(all), meant.empty() ? "" : "; did you mean ", meant, meant.empty() ? "" : "?");
        return bad_usage;
    }
    fmt::print("{}", found->text);
    return passed;
}

}  // namespace

int library_command(std::span<const config::Embedded> all, std::string_view noun,
                    const std::vector<std::string>& words) {
    if (words.empty() || (words.size() == 1 && words[0] == "list")) {
        return list(all);
    }
    if (words.size() == 2 && words[0] == "show") {
        return show(all, noun, words[1]);
    }
    fmt::print(stderr, "regstorm {0}s: allowed: regstorm {0}s [list], regstorm {0}s show NAME{1}\n", noun,
               noun == "profile" ? " [--resolved], regstorm profiles import FILE [--account N] [--output FILE]" : "");
    return bad_usage;
}

}  // namespace regstorm::app
