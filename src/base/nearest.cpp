// SPDX-License-Identifier: Apache-2.0
// Only used when something is already wrong, so plain O(n*m) tables do.
#include "regstorm/base/nearest.hpp"

#include <algorithm>
#include <vector>

namespace regstorm::base {

std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::vector<std::size_t>> cost(left.size() + 1, std::vector<std::size_t>(right.size() + 1));
    for (std::size_t i = 0; i <= left.size(); ++i) {
        for (std::size_t j = 0; j <= right.size(); ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            const std::size_t replace = cost[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
            cost[i][j] = std::min({replace, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
            }
        }
    }
    return cost[left.size()][right.size()];
}

std::size_t nearest_tolerance(std::string_view word) { return std::max<std::size_t>(2, word.size() / 3); }

namespace {

/// A prefix that says enough ("grandstream", "--dur") counts as one slip.
std::size_t distance(std::string_view word, std::string_view candidate) {
    const bool prefix = word.size() >= 4 && candidate.starts_with(word);
    return prefix ? 1 : edit_distance(word, candidate);
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
    if (word.empty() || word.size() > nearest_chars_max) {
        return {};
    }
    std::string_view best;
    std::size_t best_distance = nearest_tolerance(word) + 1;
    for (const std::string_view candidate : known) {
        const std::size_t here = distance(word, candidate);
        if (here < best_distance && here < candidate.size()) {
            best = candidate;
            best_distance = here;
        }
    }
    return best;
}

}  // namespace regstorm::base
