// SPDX-License-Identifier: Apache-2.0
// A text of several pieces, as rules and criteria are written: "one; another".
#pragma once

#include <algorithm>
#include <string_view>

namespace regstorm::config {

/// Without the blanks, tabs and line ends at both ends.
inline std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

/// The pieces between ";", trimmed, one after the other. One ";" too many at the end is forgiven; between pieces it
/// makes an empty one, which is a piece that was forgotten.
class Pieces {
  public:
    explicit Pieces(std::string_view text) : rest_(trimmed(text)) {
        if (rest_.ends_with(';')) {
            rest_ = trimmed(rest_.substr(0, rest_.size() - 1));
        }
    }

    [[nodiscard]] bool more() const { return !rest_.empty(); }

    [[nodiscard]] std::string_view next() {
        const std::size_t end = std::min(rest_.find(';'), rest_.size());
        const std::string_view piece = trimmed(rest_.substr(0, end));
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return piece;
    }

  private:
    std::string_view rest_;
};

}  // namespace regstorm::config
