// SPDX-License-Identifier: Apache-2.0
// Header rows one by one: line ends, folding, the empty line (GRAMMAR.md 2-4).
#pragma once

#include "header_names.hpp"

namespace regstorm::sip {

enum class RowStep : std::uint8_t {
    row,
    blank,      ///< the empty line; from() is the first byte of the body
    truncated,  ///< no LF ends the row
    bad_name,   ///< no token before a colon
};

class RowReader {
  public:
    /// `from` is the first byte after a line end; `lines` has given that line end last.
    RowReader(Window window, const LineFeeds& lines, const char* from) : window_(window), lines_(lines), from_(from) {}

    [[nodiscard]] RowStep next(Header& header, Span& value) {
        const char* line_end = lines_.next();
        if (line_end == nullptr) {
            return RowStep::truncated;
        }
        const char* const begin = from_;
        if (line_end == begin || (line_end == begin + 1 && *begin == '\r')) {
            from_ = line_end + 1;
            return RowStep::blank;
        }
        while (line_end + 1 < window_.end && (line_end[1] == ' ' || line_end[1] == '\t')) {
            line_end = lines_.next();
            if (line_end == nullptr) {
                return RowStep::truncated;
            }
        }
        from_ = line_end + 1;
        const HeaderName name = read_header_name(window_, begin, line_end);
        header = name.header;
        if (name.after_colon == nullptr) {
            return RowStep::bad_name;
        }
        value = trim(name.after_colon, line_end);
        return RowStep::row;
    }

    [[nodiscard]] const char* from() const { return from_; }

  private:
    Window window_;
    LineFeeds lines_;
    const char* from_;
};

}  // namespace regstorm::sip
