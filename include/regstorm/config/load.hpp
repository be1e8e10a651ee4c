// SPDX-License-Identifier: Apache-2.0
// From what the user gave to one Scenario. Layers, each over the one before: defaults, device profile, scenario file,
// then --set and flags in the order they were given. All problems are collected, not only the first, and each is one
// line: where, what, what is allowed, what was meant.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "regstorm/config/option.hpp"
#include "regstorm/config/scenario.hpp"

namespace regstorm::config {

struct Problem {
    std::string where{};     ///< "my.toml:3:12", "--rate"
    std::string what{};      ///< one sentence without its full stop
    std::string allowed{};   ///< range or values; may be empty
    std::string meant{};     ///< the nearest right word; may be empty
    std::string fix{};       ///< what to do instead; may be empty
    std::uint32_t line = 0;  ///< in a file, to tell problems in its order
};

/// "my.toml:3:8: run.rate: -5 is negative; allowed: 0.001 to 100M per second, or max". Always one line, control
/// characters masked.
[[nodiscard]] std::string to_text(const Problem& problem);

/// One --set or one flag, as the command line had it.
struct Setting {
    std::string where{};  ///< "--rate", "--set run.rate"
    std::string key{};
    std::string value{};
};

/// Everything that decides a scenario.
struct Request {
    Command command = Command::run;
    std::string scenario{};           ///< name of an embedded one, or a path; empty: see load()
    std::vector<Setting> settings{};  ///< in order
};

struct Loaded {
    Scenario scenario{};
    std::vector<Problem> problems{};  ///< empty: the scenario can be used

    [[nodiscard]] bool good() const { return problems.empty(); }
};

/// Without a scenario, `run` takes the embedded first-run, unless a target is set: then the defaults stand alone.
[[nodiscard]] Loaded load(const Request& request);

/// Splits "key=value" of a --set. A missing "=" gives a Setting with an empty key and the text as its value.
[[nodiscard]] Setting parse_set(std::string_view text);

enum class Secrets : std::uint8_t { masked, shown };

/// Every option of the scenario, by group, as the user would write it: what the result keeps.
[[nodiscard]] nlohmann::ordered_json to_json(const Scenario& scenario, Secrets secrets = Secrets::masked);

}  // namespace regstorm::config
