// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the candidate with the smallest edit distance, with swapped neighbours counted as one slip (the
// restricted Damerau-Levenshtein distance). Only used when something is already wrong, so plain O(n*m) tables do.
#include <algorithm>
#include <vector>

#include "regstorm/config/option.hpp"

namespace regstorm::config {
namespace {

constexpr std::size_t word_chars_max = 64;  // nothing longer is a slip of the finger

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

/// How far a word may be from what was meant.
std::size_t tolerance(std::string_view word) { return std::max<std::size_t>(2, word.size() / 3); }

std::string_view name_of(std::string_view key) { return key.substr(key.rfind('.') + 1); }

/// A prefix that says enough ("grandstream", "--dur") counts as one slip.
std::size_t distance(std::string_view word, std::string_view candidate) {
    const bool prefix = word.size() >= 4 && candidate.starts_with(word);
    return prefix ? 1 : edit_distance(word, candidate);
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    if (word.empty() || word.size() > word_chars_max) {
        return {};
    }
    std::string_view best;
    std::size_t best_distance = tolerance(word) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t here = distance(word, candidate);
        if (here < best_distance && here < candidate.size()) {
            best = candidate;
            best_distance = here;
        }
    }
    return best;
}

std::string_view nearest_key(std::string_view key) {
    if (key.empty() || key.size() > word_chars_max) {
        return {};
    }
    // The right name in the wrong group ("run.password") is as near as one slip.
    std::string_view best;
    std::size_t best_distance = tolerance(name_of(key)) + 1;
    for (const Option& option : options()) {
        const std::size_t whole = edit_distance(key, option.key);
        const std::size_t name = edit_distance(name_of(key), name_of(option.key)) + 1;
        const std::size_t here = std::min(whole, name);
        if (here < best_distance) {
            best = option.key;
            best_distance = here;
        }
    }
    return best;
}

}  // namespace regstorm::config
