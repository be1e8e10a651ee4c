// SPDX-License-Identifier: Apache-2.0
// OPTIONS of the registrar's own to whom it has bound, as a proxy pings phones behind NAT. A sweep walks all rows of
// the binding table once per interval, evenly: every binding is asked once in that time, nothing is kept per binding,
// and the work of a poll is bounded. Answers are known by a keyed Call-ID, without memory too.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "regstorm/base/socket_address.hpp"
#include "regstorm/registrar/binding_table.hpp"
#include "regstorm/registrar/plan.hpp"

namespace regstorm::registrar {

/// How far one lane's sweep has come.
struct PingSweep {
    std::uint64_t rows = 0;    ///< walked since the rule's window opened
    std::uint64_t number = 0;  ///< of the next ping
};

/// Pings per poll and lane, and rows looked at for them.
inline constexpr std::uint32_t pings_per_poll_max = 64;
inline constexpr std::uint32_t ping_rows_per_poll_max = 1024;
/// Longest ping: two URIs of contact_chars_max, a realm, and what stands around them.
inline constexpr std::uint32_t ping_bytes_max = 1024;

/// Rows that should have been walked `at_ns` after the first datagram.
[[nodiscard]] inline std::uint64_t ping_rows_due(const Rule& rule, base::Nanoseconds at_ns, std::uint32_t bindings) {
    if (at_ns < rule.from_ns) {
        return 0;
    }
    const base::Nanoseconds open_ns = (at_ns < rule.to_ns ? at_ns : rule.to_ns) - rule.from_ns;
    // In two steps, because rows times nanoseconds need not fit.
    return open_ns / rule.every_ns * bindings + open_ns % rule.every_ns / 1000 * bindings / (rule.every_ns / 1000);
}

/// Where a contact is reached: the address its URI names. None for names; the registrar asks no DNS.
[[nodiscard]] std::optional<base::SocketAddress> contact_address(std::string_view uri);

struct Ping {
    std::uint64_t number = 0;  ///< unique among all lanes
    std::string_view contact;
    base::SocketAddress from;
};

/// Writes an OPTIONS of at most ping_bytes_max bytes; returns its size.
[[nodiscard]] std::uint32_t write_ping(char* out, const Ping& ping, const RegistrarPlan& plan);

/// Whether a response with this Call-ID answers a ping of ours.
[[nodiscard]] bool is_ping_call_id(std::string_view call_id, std::uint64_t secret);

}  // namespace regstorm::registrar
