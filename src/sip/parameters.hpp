// SPDX-License-Identifier: Apache-2.0
// Header parameters, `;name=value` with white space anywhere (GRAMMAR.md 8): the general reader that Via, From, To and
// Contact share. ~12 ns a parameter.
#pragma once

#include "byte_sets.hpp"

namespace regstorm::sip {

struct Parameter {
    Span name;   ///< empty for an empty parameter
    Span value;  ///< without its quotes
    bool has_value = false;
    bool quoted = false;

    /// Whether this is `expected` with an unquoted value (GRAMMAR.md 9).
    [[nodiscard]] bool is_plain(std::string_view expected) const {
        return has_value && !quoted && is_text(name, expected);
    }
};

class ParameterReader {
  public:
    ParameterReader(Window window, const char* from, const char* end) : window_(window), at_(from), end_(end) {}

    /// The next parameter; false when what follows is none: then at() tells where it stopped, white space skipped.
    [[nodiscard]] bool next(Parameter& out) {
        at_ = skip_white(at_, end_);
        if (at_ == end_ || *at_ != ';') {
            return false;
        }
        out = {};
        out.name.begin = skip_white(at_ + 1, end_);
        out.name.end = at_ = find<token_set, false>(window_, out.name.begin, end_);
        if (out.name.empty()) {
            return true;
        }
        const char* const equals = skip_white(at_, end_);
        if (equals == end_ || *equals != '=') {
            return true;
        }
        at_ = skip_white(equals + 1, end_);
        if (at_ < end_ && *at_ == '"') {
            const char* const after = skip_quoted(window_, at_, end_);
            if (after == nullptr) {
                return false;  // at_ stands on the quote: nothing the caller takes
            }
            out.value = {at_ + 1, after - 1};
            out.has_value = out.quoted = true;
            at_ = after;
            return true;
        }
        out.value = {at_, find<value_end_set>(window_, at_, end_)};
        out.has_value = !out.value.empty();
        at_ = out.value.end;
        return true;
    }

    [[nodiscard]] const char* at() const { return at_; }

  private:
    Window window_;
    const char* at_;
    const char* end_;
};

}  // namespace regstorm::sip
