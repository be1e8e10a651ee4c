// SPDX-License-Identifier: Apache-2.0
// The names of what the parser says, for counters and reports.
#include "methods.hpp"

namespace regstorm::sip {
namespace {

constexpr std::array<std::string_view, 12> error_names = {
    "none",    "keep_alive", "start_line", "truncated",      "header_line", "missing_header", "duplicate_header",
    "bad_via", "bad_cseq",   "bad_number", "content_length", "bad_address"};
static_assert(static_cast<std::size_t>(ParseError::bad_address) == error_names.size() - 1);

}  // namespace

std::string_view to_text(ParseError error) noexcept { return error_names[static_cast<std::size_t>(error)]; }

std::string_view to_text(Method method) noexcept {
    return method == Method::other ? "other" : method_names[static_cast<std::size_t>(method)];
}

}  // namespace regstorm::sip
