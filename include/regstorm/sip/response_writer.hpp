// SPDX-License-Identifier: Apache-2.0
// Answers to requests (RFC 3261 8.2.6): what must be echoed is echoed as it came, in order, and the topmost Via says
// where the request really came from (RFC 3261 18.2.1, RFC 3581 4). For the embedded registrar, and for what servers
// send to a phone: OPTIONS, NOTIFY, INVITE. Bounded by the capacity given; a request comes from anywhere.
#pragma once

#include <cstdint>
#include <string_view>

#include "regstorm/base/socket_address.hpp"
#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

struct ResponseExtras {
    std::string_view to_tag{};    ///< added to To when the request had none; empty for 100
    std::string_view contacts{};  ///< whole Contact rows, each ended by CRLF
    std::string_view rows{};      ///< other whole rows, each ended by CRLF
    /// Where the request came from: the host without port, IPv6 without brackets. `received` is added when the Via
    /// asks with rport or says another host; empty: the Via is echoed unchanged.
    std::string_view source_host{};
    std::uint16_t source_udp_port = 0;
};

/// Writes the answer, returns its size; 0 when it does not fit `capacity`, or when the request has more Via rows than
/// were kept and so cannot be answered.
[[nodiscard]] std::uint32_t write_response(char* out, std::uint32_t capacity, const Request& request,
                                           std::uint16_t status, std::string_view reason,
                                           const ResponseExtras& extras) noexcept;

/// Where the answer to `request` goes (RFC 3261 18.2.2, RFC 3581 4): to the port it came from when its Via asks with
/// rport, else to the port its sent-by names.
[[nodiscard]] base::SocketAddress reply_address(const Request& request, const base::SocketAddress& remote) noexcept;

}  // namespace regstorm::sip
