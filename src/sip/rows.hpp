// SPDX-License-Identifier: Apache-2.0
// Header rows one by one: line ends, folding, the empty line (GRAMMAR.md 2-4).
#pragma once

#include "header_names.hpp"

namespace regstorm::sip {

enum class RowStep : std::uint8_t {
    row,
    blank,      ///< the empty line; after() is the first byte of the body
    truncated,  ///< no LF ends the row
    bad_name,   ///< no token before a colon
};

/// Two steps a row, so that a caller may take the row it stands on without read(). All of it is inlined: the 64 line
/// ends it looks ahead then stay in a register.
class RowReader {
  public:
    /// `lines` has just given `line_end`, the LF before the first row.
    RowReader(Window window, const LineFeeds& lines, const char* line_end)
        : window_(window), lines_(lines), line_end_(line_end) {}

    /// On to the next line; false when no LF ends it.
    [[nodiscard, gnu::always_inline]] bool advance() {
        begin_ = line_end_ + 1;
        line_end_ = lines_.next();
        return line_end_ != nullptr;
    }

    /// Reads the row it stands on, with the lines that continue it.
    [[nodiscard, gnu::always_inline]] RowStep read(Header& header, Span& value) {
        if (line_end_ == begin_ || (line_end_ == begin_ + 1 && *begin_ == '\r')) {
            return RowStep::blank;
        }
        if (!skip_folds()) {
            return RowStep::truncated;
        }
        const HeaderName name = read_header_name(window_, begin_, line_end_);
        header = name.header;
        if (name.after_colon == nullptr) {
            return RowStep::bad_name;
        }
        value = trim(name.after_colon, line_end_);
        return RowStep::row;
    }

    /// From a line end on to the end of the row; false when there is none.
    [[nodiscard, gnu::always_inline]] bool skip_folds() {
        while (line_end_ + 1 < window_.end && (line_end_[1] == ' ' || line_end_[1] == '\t')) {
            line_end_ = lines_.next();
            if (line_end_ == nullptr) {
                return false;
            }
        }
        return true;
    }

    [[nodiscard]] const char* begin() const { return begin_; }
    [[nodiscard]] const char* line_end() const { return line_end_; }
    [[nodiscard]] const char* after() const { return line_end_ + 1; }

  private:
    Window window_;
    LineFeeds lines_;
    const char* line_end_;
    const char* begin_ = nullptr;
};

}  // namespace regstorm::sip
