// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the known word that a misspelt one is closest to. For configuration messages, never for the loop.
#pragma once

#include <span>
#include <string_view>

namespace regstorm::base {

/// Slips of the finger from one word to the other: a letter too many, missing, wrong, or two neighbours swapped (the
/// restricted Damerau-Levenshtein distance).
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

/// How many slips away a word may be and still be meant by `word`; more would be a wild guess, which helps nobody.
[[nodiscard]] std::size_t nearest_tolerance(std::string_view word);

/// Nothing longer is a misspelt word.
inline constexpr std::size_t nearest_chars_max = 64;

/// The entry of `known` with the fewest slips, the first of equals; empty when none is near.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace regstorm::base
