// SPDX-License-Identifier: Apache-2.0
// The key that was meant: keys have a group, and the group may be the slip.
#include "regstorm/base/nearest.hpp"

#include <algorithm>

#include "regstorm/config/option.hpp"

namespace regstorm::config {
namespace {

std::string_view name_of(std::string_view key) { return key.substr(key.rfind('.') + 1); }

}  // namespace

std::string_view nearest_key(std::string_view key) {
    if (key.empty() || key.size() > base::nearest_chars_max) {
        return {};
    }
    // The right name in the wrong group ("run.password") is as near as one slip.
    std::string_view best;
    std::size_t best_distance = base::nearest_tolerance(name_of(key)) + 1;
    for (const Option& option : options()) {
        const std::size_t whole = base::edit_distance(key, option.key);
        const std::size_t name = base::edit_distance(name_of(key), name_of(option.key)) + 1;
        const std::size_t here = std::min(whole, name);
        if (here < best_distance) {
            best = option.key;
            best_distance = here;
        }
    }
    return best;
}

}  // namespace regstorm::config
