// SPDX-License-Identifier: Apache-2.0
// The topmost Via (RFC 3261 20.42, RFC 3581; GRAMMAR.md 10). It is ours, so it nearly always comes back in our own
// layout: the quick reader takes that, delimiter by delimiter out of one 64-bit mask; anything else starts over in the
// general reader, which takes white space everywhere.
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
