// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the known word that a misspelt one is closest to. For configuration messages, never for the loop.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace regstorm::base {

/// The entry of `known` with the smallest edit distance to `word`, the first of equals; empty when all are further
/// than a third of its length (plus one), because a wild guess helps nobody.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> known);

}  // namespace regstorm::base
