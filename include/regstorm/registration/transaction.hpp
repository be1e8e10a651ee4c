// SPDX-License-Identifier: Apache-2.0
// The non-INVITE client transaction over UDP (RFC 3261 17.1.2.2), on the record's one deadline.
//
//             begin                      1xx
//   none ------------> trying ----------------------> proceeding
//                        |  ^ Timer E: again,            |  ^ Timer E: again,
//                        |  +- min(2E, T2)               |  +- T2
//                        +---------------+---------------+
//                        final           |   Timer F, transport error
//                        v               v
//                     completed       terminated
//
// Timer E and Timer F share the deadline: F is checked when E fires. Timer K needs no timer at all. It exists to
// absorb repeated finals for T4; here a repeat carries the branch of a generation whose transaction is completed,
// or of an older generation, and so can never be taken for an answer to something else, after 5 s or after an hour.
#pragma once

#include <algorithm>
#include <cstdint>

#include "regstorm/base/check.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/registration/profile.hpp"
#include "regstorm/registration/record.hpp"

namespace regstorm::registration {

/// A timer this late no longer keeps the rhythm of the first send: after a stall of the generator, retransmissions
/// continue from now on instead of arriving in a burst that no phone would send.
inline constexpr base::Tick catch_up_ms_max = 10;

/// Starts a transaction whose request leaves in tick `now` (rounded up: timers never fire early). The caller writes
/// the request with the new generation and CSeq (MSG-4, MSG-6).
///
/// Any record will do that has these members: the registration's own, and those of what runs beside it.
template <class Any>
void begin_transaction(Any& record, const Timers& timers, base::Tick now) {
    DCHECK(!outstanding(record));  // MSG-7
    ++record.generation;
    ++record.cseq;
    record.transaction = Transaction::trying;
    record.retransmits = 0;
    record.first_sent = now;
    record.deadline = now + timers.t1_ms;
}

enum class TimerOutcome : std::uint8_t { retransmit, timed_out };

/// The deadline of an outstanding transaction has come. Sets the next one.
template <class Any>
[[nodiscard]] TimerOutcome on_transaction_deadline(Any& record, const Timers& timers, base::Tick now) {
    DCHECK(outstanding(record));
    const base::Tick timer_f = record.first_sent + timers.timer_f_ms();
    // Unsigned distances: the tick wraps every 49.7 days.
    if (record.deadline - record.first_sent >= timers.timer_f_ms() || now - record.first_sent >= timers.timer_f_ms()) {
        record.transaction = Transaction::terminated;
        record.deadline = 0;
        return TimerOutcome::timed_out;
    }
    record.retransmits = static_cast<std::uint8_t>(std::min(record.retransmits + 1, 255));
    // 2^16 * T1 exceeds any T2: the shift is bounded so that it cannot overflow.
    const std::uint64_t doubled = std::uint64_t{timers.t1_ms} << std::min<std::uint32_t>(record.retransmits, 16);
    const base::Tick interval = record.transaction == Transaction::proceeding || doubled > timers.t2_ms
                                    ? timers.t2_ms
                                    : static_cast<base::Tick>(doubled);
    const base::Tick base = now - record.deadline <= catch_up_ms_max ? record.deadline : now;
    const base::Tick next = base + interval;
    record.deadline = next - record.first_sent >= timers.timer_f_ms() ? timer_f : next;
    return TimerOutcome::retransmit;
}

/// A provisional answer: Timer E keeps its running value, its next reset is T2 (TXN-3).
template <class Any>
void on_provisional(Any& record) {
    DCHECK(outstanding(record));
    record.transaction = Transaction::proceeding;
}

/// A final answer: nothing is outstanding any more.
template <class Any>
void complete_transaction(Any& record) {
    DCHECK(outstanding(record));
    record.transaction = Transaction::completed;
    record.deadline = 0;
}

/// A transport error: the transaction ends at once (TXN-7).
template <class Any>
void terminate_transaction(Any& record) {
    DCHECK(outstanding(record));
    record.transaction = Transaction::terminated;
    record.deadline = 0;
}

}  // namespace regstorm::registration
