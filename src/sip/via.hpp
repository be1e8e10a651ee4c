// SPDX-License-Identifier: Apache-2.0
// The topmost Via in any layout of the grammar (RFC 3261 20.42, RFC 3581; GRAMMAR.md 10), and how many there are.
#pragma once

#include "parameters.hpp"
#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

/// What the topmost Via says; spans into the datagram.
struct TopVia {
    Span sent_by;
    Span branch;
    Span received;
    std::uint16_t rport = 0;
    bool rport_present = false;
    const char* end = nullptr;  ///< one past the value: on the comma or the row's end
};

/// False: no Via we take.
[[nodiscard]] bool read_top_via(Window window, Span row, TopVia& out);

/// Commas outside quoted strings in [from, end), stops counting (not reading) at 255. False: a quoted string does not
/// end.
[[nodiscard]] bool count_commas(Window window, const char* from, const char* end, std::uint32_t& count);

}  // namespace regstorm::sip
