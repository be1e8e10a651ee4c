// SPDX-License-Identifier: Apache-2.0
// What a worker counts. A counter is one row here; names, sums and the result file iterate the rows.
// Plain stores by the one owner; readers get copies (engine/mailbox.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace regstorm::stats {

/// Which sum a counter belongs to; the sums are asserted at the end of every run (report/run_result.hpp).
enum class Sum : std::uint8_t {
    received,  ///< every datagram received ends in exactly one of these
    failed,    ///< every failed attempt has exactly one of these causes (besides the status codes)
    none,
};

// clang-format off
#define REGSTORM_COUNTERS(X)                                                                                      \
    X(sent,             none,     "datagrams sent, retransmissions included")                                     \
    X(retransmitted,    none,     "requests sent again by Timer E")                                               \
    X(received,         none,     "datagrams received, of every kind")                                            \
    X(provisional,      received, "1xx to an outstanding request")                                                \
    X(final_,           received, "finals (200-699) to an outstanding request")                                   \
    X(duplicate,        received, "a repeated final, absorbed as Timer K asks")                                   \
    X(late,             received, "an answer to a request that has timed out or was superseded")                  \
    X(stray,            received, "an answer whose branch is not one of this run's")                              \
    X(mismatched,       received, "our branch, but another CSeq, Call-ID, From tag or sent-by")                   \
    X(multiple_via,     received, "an answer with more than one Via")                                             \
    X(malformed,        received, "not a SIP message")                                                            \
    X(keep_alive_bytes, received, "CRLF, NUL or STUN")                                                            \
    X(oversized,        received, "longer than a port delivers, or a fragment")                                   \
    X(requests,         received, "SIP requests")                                                                 \
    X(unreachable,      received, "ICMP unreachable for something we sent")                                       \
    X(attempted,        none,     "registration attempts started: initial, refresh and reattempt alike")          \
    X(succeeded,        none,     "attempts that ended in a 2xx")                                                 \
    X(failed,           none,     "attempts that ended otherwise")                                                \
    X(abandoned,        none,     "attempts that the end of the run cut short")                                   \
    X(failed_timeout,   failed,   "no final answer within Timer F")                                               \
    X(failed_transport, failed,   "ICMP unreachable")                                                             \
    X(failed_redirect,  failed,   "a 3xx to a place that is none of this run's registrars")                       \
    X(failed_local,     failed,   "a challenge too long for the store or a datagram")                             \
    X(failed_store,     failed,   "the generator had no room left to keep a challenge")                           \
    X(binding_lost,     none,     "a 2xx that lists bindings, none of them ours")                                 \
    X(removals_attempted, none,   "un-registrations started")                                                     \
    X(removals_succeeded, none,   "un-registrations that ended in a 2xx")                                         \
    X(removals_failed,  none,     "un-registrations that ended otherwise")                                        \
    X(removals_abandoned, none,   "un-registrations that the end of the run cut short")                           \
    X(clearings_attempted, none,  "un-registrations before the first registration of a boot, started")            \
    X(clearings_succeeded, none,  "of them, those that ended in a 2xx")                                           \
    X(clearings_failed, none,     "of them, those that ended otherwise")                                          \
    X(clearings_abandoned, none,  "of them, those that the end of the run or a power cut cut short")              \
    X(keep_alives_sent, none,     "OPTIONS keep-alives, retransmissions not included")                            \
    X(keep_alives_answered, none, "of them, those that any final answered")                                       \
    X(keep_alives_lost, none,     "of them, those that nothing answered")                                         \
    X(keep_alives_abandoned, none, "of them, those outstanding when their phone went off line")                   \
    X(lines_lost,       none,     "new registrations because too many keep-alives in a row were lost")            \
    X(subscriptions_attempted, none, "SUBSCRIBE attempts: first, refresh, reattempt and the last one alike")      \
    X(subscriptions_succeeded, none, "of them, those that ended in a 2xx")                                        \
    X(subscriptions_failed, none, "of them, those that ended otherwise")                                          \
    X(subscriptions_abandoned, none, "of them, those outstanding when their phone went off line")                 \
    X(nat_pings,        none,     "datagrams that only keep a NAT mapping open")                                  \
    X(rebindings,       none,     "phones whose NAT gave them another port")                                      \
    X(power_offs,       none,     "phones switched off")                                                       \
    X(challenged,       none,     "challenges answered")                                                          \
    X(redirected,       none,     "3xx followed to another registrar of the run")                                 \
    X(failed_over,      none,     "failures after which the phone turned to its other registrar")                 \
    X(missed_slots,     none,     "attempts started later than the limit after their intended time")              \
    X(read_late,        none,     "datagrams that may have waited here for longer than that limit")               \
    X(skipped_slots,    none,     "slots of a cycle whose phone was busy, or waited after a failure")             \
    X(answered_requests, none,    "responses sent to SIP requests")
// clang-format on

enum class Counter : std::uint8_t {
#define REGSTORM_ROW(name, sum, help) name,
    REGSTORM_COUNTERS(REGSTORM_ROW)
#undef REGSTORM_ROW
};

struct CounterRow {
    std::string_view name;
    Sum sum;
    std::string_view help;
};

inline constexpr std::array counter_rows{
#define REGSTORM_ROW(name, sum, help) CounterRow{#name, Sum::sum, help},
    REGSTORM_COUNTERS(REGSTORM_ROW)
#undef REGSTORM_ROW
};
inline constexpr std::size_t counter_count = counter_rows.size();

inline constexpr std::uint16_t status_first = 100;
inline constexpr std::uint16_t status_end = 700;

/// Retransmissions told apart by how often their request had been sent before; Timer E makes ten (RFC 3261 17.1.2.2).
inline constexpr std::size_t retransmission_steps = 12;

/// All counts of one worker.
struct Counters {
    std::array<std::uint64_t, counter_count> value{};
    std::array<std::uint64_t, status_end - status_first> responses{};   ///< finals by status
    std::array<std::uint64_t, status_end - status_first> failed_by{};   ///< attempts failed by their final status
    std::array<std::uint64_t, retransmission_steps> retransmissions{};  ///< the first of a request, the second, ...

    void add(Counter counter, std::uint64_t count = 1) { value[static_cast<std::size_t>(counter)] += count; }
    [[nodiscard]] std::uint64_t of(Counter counter) const { return value[static_cast<std::size_t>(counter)]; }
    void add_response(std::uint16_t status) { ++responses[status - status_first]; }
    /// `nth` counts from 1; what is beyond the last step is counted there.
    void add_retransmission(std::uint8_t nth) {
        add(Counter::retransmitted);
        ++retransmissions[nth <= retransmission_steps ? nth - 1U : retransmission_steps - 1];
    }
    void add_failure(std::uint16_t status) { ++failed_by[status - status_first]; }

    void merge(const Counters& other) {
        const auto sum = [](auto& into, const auto& from) {
            for (std::size_t i = 0; i < into.size(); ++i) {
                into[i] += from[i];
            }
        };
        sum(value, other.value);
        sum(responses, other.responses);
        sum(failed_by, other.failed_by);
        sum(retransmissions, other.retransmissions);
    }
};

}  // namespace regstorm::stats
