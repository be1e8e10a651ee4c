// SPDX-License-Identifier: Apache-2.0
// The last that is known of a worker that is gone, made whole: what was under way has no outcome any more.
#pragma once

#include "regstorm/engine/mailbox.hpp"

namespace regstorm::cluster {

inline void close_books(stats::Counters& counters) {
    using stats::Counter;
    const auto rest = [&](Counter begun, Counter abandoned, auto... ended) {
        std::uint64_t known = counters.of(abandoned);
        ((known += counters.of(ended)), ...);
        counters.add(abandoned, counters.of(begun) - known);
    };
    rest(Counter::attempted, Counter::abandoned, Counter::succeeded, Counter::failed);
    rest(Counter::removals_attempted, Counter::removals_abandoned, Counter::removals_succeeded,
         Counter::removals_failed);
    rest(Counter::clearings_attempted, Counter::clearings_abandoned, Counter::clearings_succeeded,
         Counter::clearings_failed);
    rest(Counter::keep_alives_sent, Counter::keep_alives_abandoned, Counter::keep_alives_answered,
         Counter::keep_alives_lost);
    rest(Counter::subscriptions_attempted, Counter::subscriptions_abandoned, Counter::subscriptions_succeeded,
         Counter::subscriptions_failed);
}

/// Stands in for it: does what the command says as one that has nothing left to do.
inline void stand_in(engine::Snapshot& last, const engine::Command& command) {
    switch (command.kind) {
        case engine::CommandKind::start:
            last.phase = engine::Phase::running;
            break;
        case engine::CommandKind::pace:
        case engine::CommandKind::renew:
            break;
        case engine::CommandKind::drain:
            last.phase = engine::Phase::draining;
            break;
        case engine::CommandKind::leave:
            last.phase = engine::Phase::leaving;
            break;
        case engine::CommandKind::quit:
            last.phase = engine::Phase::done;
            break;
    }
    last.idle = true;
}

}  // namespace regstorm::cluster
