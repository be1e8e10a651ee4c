// SPDX-License-Identifier: Apache-2.0
// All that is kept of one phone: one cache line. A random event (an answer, a timer) costs one memory miss and no
// more. An array of such lines beat one array per field because an event touches nearly all of them.
//
// What can be computed is not here: user, Call-ID, tag and branch are functions of the index and the run's salt.
// What few phones need is not here either: nonces live in engine/credential_store.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "regstorm/base/socket_address.hpp"
#include "regstorm/base/units.hpp"

namespace regstorm::registration {

/// Where the registration of one AoR stands; the diagram is in state_machine.hpp.
enum class State : std::uint8_t {
    idle,         ///< has not started, or is without power
    delayed,      ///< started; the deadline ends its boot delay
    present,      ///< does not register; answers requests
    clearing,     ///< un-REGISTER of an earlier boot's binding outstanding, before the first REGISTER
    registering,  ///< REGISTER outstanding, no binding known
    registered,   ///< bound; the deadline is the refresh
    refreshing,   ///< REGISTER outstanding for an existing binding
    waiting,      ///< failed; the deadline is the reattempt
    removing,     ///< un-REGISTER outstanding
    removed,      ///< un-registered: the end of an orderly run
    stopped,      ///< left the run without a binding of this boot, or gave up as its profile says
};
inline constexpr std::uint32_t state_count = 11;

/// The RFC 3261 17.1.2 non-INVITE client transaction of the endpoint's latest request.
enum class Transaction : std::uint8_t {
    none,        ///< nothing was ever sent
    trying,      ///< sent, no answer yet
    proceeding,  ///< 1xx received
    completed,   ///< final received: repeats are absorbed (Timer K without a timer: see transaction.hpp)
    terminated,  ///< Timer F or transport error: whatever comes now is late
};

/// How the outstanding request authenticates; decides what a 401 to it means (AUT-10).
enum class Authorization : std::uint8_t {
    bare,    ///< no credentials
    cached,  ///< a nonce kept from an earlier challenge
    fresh,   ///< answers a challenge of this attempt
};

struct alignas(base::cache_line_bytes) Record {
    base::Nanoseconds intended_ns = 0;  ///< when the current attempt was meant to start: delays count from here
    base::Tick deadline = 0;            ///< the next thing this endpoint does; 0: nothing. The wheel's truth
    base::Tick armed = 0;               ///< owned by the wheel: deadline of its live entry
    base::Tick first_sent = 0;          ///< first send of the transaction: base of Timers E and F
    std::uint32_t cseq = 0;
    std::uint32_t credentials = 0;         ///< row of the credential store, counted from 1; 0: none
    std::uint32_t expires_s : 22 = 0;      ///< asked for in the latest request; what was granted is only a deadline
    std::uint32_t sent_early_us : 10 = 0;  ///< the transaction's first send came so long before tick `first_sent`
    std::uint16_t generation = 0;          ///< of the latest transaction: part of its branch
    std::uint16_t group = 0;               ///< row of the group table: templates, profile, credentials
    base::Source source;
    State state = State::idle;
    Transaction transaction : 3 = Transaction::none;
    Authorization authorization : 2 = Authorization::bare;
    bool raised_now : 1 = false;         ///< 423 was obeyed in this attempt: never twice (REG-7)
    bool raised : 1 = false;             ///< a 423 raised our expiry: keep asking for that
    bool stop_requested : 1 = false;     ///< un-REGISTER as soon as nothing is outstanding (MSG-7)
    std::uint8_t boot = 0;               ///< power cycles: each has a Call-ID of its own (MSG-3)
    std::uint8_t challenges : 4 = 0;     ///< answered in this attempt
    std::uint8_t stale_answers : 4 = 0;  ///< of them with stale=true (AUT-11)
    std::uint8_t failures = 0;           ///< attempts failed in a row; stays at 255
    std::uint8_t ha1_realm = 0;          ///< realm that `ha1` is for, counted from 1; 0: not computed
    /// Of the current transaction. Not beside its state: a compiler would write both as one word, and reading that word
    /// waits for the byte that was written just before.
    std::uint8_t retransmits = 0;
    bool bound : 1 = false;              ///< this boot has made a binding that no removal has ended
    bool comes_back : 1 = false;         ///< leaves only for a while
    bool had_outcome : 1 = false;        ///< its first attempt has ended, in whatever way
    std::uint8_t server : 4 = 0;         ///< where it sends (engine/servers.hpp); 0: its own registrar
    std::array<std::uint8_t, 16> ha1{};  ///< MD5 of user:realm:password
};

/// The longest expiry that is ever asked for: 48 days, where phones can be set to 45.
inline constexpr std::uint32_t asked_expires_s_max = (1U << 22) - 1;

static_assert(sizeof(Record) == base::cache_line_bytes, "one endpoint is one cache line");
static_assert(alignof(Record) == base::cache_line_bytes);
static_assert(std::is_trivially_copyable_v<Record>);

/// An attempt, or another request that is challenged by itself, begins.
inline void begin_request(Record& record) {
    record.challenges = record.stale_answers = 0;
    record.raised_now = false;
}

/// A registrar may ask for any 32 bits; a record has 22.
inline void ask_for(Record& record, std::uint32_t expires_s) {
    record.expires_s = std::min(expires_s, asked_expires_s_max) & asked_expires_s_max;
}

/// The outstanding request leaves at `now_ns`, within the millisecond before tick `first_sent`.
inline void note_first_send(Record& record, base::Nanoseconds now_ns) {
    const base::Nanoseconds into_ns = now_ns % base::ns_per_ms;
    const base::Nanoseconds before_ns = into_ns == 0 ? 0 : base::ns_per_ms - into_ns;
    record.sent_early_us = static_cast<std::uint32_t>(before_ns / base::ns_per_us) & 0x3ff;
}

/// How long ago that was, to the microsecond. Transactions end long before the tick wraps.
[[nodiscard]] inline base::Nanoseconds since_first_send(const Record& record, base::Nanoseconds now_ns) {
    // The first send's tick is the next one: an answer within the same millisecond comes before it.
    const auto ticks = static_cast<std::int32_t>(static_cast<base::Tick>(now_ns / base::ns_per_ms) - record.first_sent);
    const std::int64_t since_tick_ns = std::int64_t{ticks} * static_cast<std::int64_t>(base::ns_per_ms) +
                                       static_cast<std::int64_t>(now_ns % base::ns_per_ms);
    return static_cast<base::Nanoseconds>(
        std::max<std::int64_t>(since_tick_ns + std::int64_t{record.sent_early_us} * 1000, 0));
}

/// With what a request can begin that may use a kept nonce.
[[nodiscard]] constexpr Authorization kept_authorization(const Record& record) {
    return record.credentials != 0 ? Authorization::cached : Authorization::bare;
}

/// After a power cut the next boot knows nothing of the last one.
inline void begin_boot(Record& record) {
    record.failures = record.server = 0;
    record.raised = record.stop_requested = record.comes_back = record.bound = false;
    ++record.boot;
}

/// A request is on its way and its answer is awaited.
template <class Any>
[[nodiscard]] constexpr bool outstanding(const Any& record) {
    return record.transaction == Transaction::trying || record.transaction == Transaction::proceeding;
}

}  // namespace regstorm::registration
