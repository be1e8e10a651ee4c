// SPDX-License-Identifier: Apache-2.0
#include "app/controller.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include "regstorm/base/check.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::app {
namespace {

/// How often the controller looks; short against any interval, long against a poll.
constexpr std::chrono::milliseconds look_every{10};
/// From the command to the first slot: all workers have read it by then, so they start together.
constexpr base::Nanoseconds start_delay_ns = 20 * base::ns_per_ms;

base::Nanoseconds now_ns() { return timer::SystemClock{}.now_ns(); }

stats::Counters difference(const stats::Counters& now, const stats::Counters& before) {
    stats::Counters result;
    std::transform(now.value.begin(), now.value.end(), before.value.begin(), result.value.begin(), std::minus<>{});
    std::transform(now.responses.begin(), now.responses.end(), before.responses.begin(), result.responses.begin(),
                   std::minus<>{});
    std::transform(now.failed_by.begin(), now.failed_by.end(), before.failed_by.begin(), result.failed_by.begin(),
                   std::minus<>{});
    return result;
}

void add(engine::Census& into, const engine::Census& from) {
    std::transform(into.begin(), into.end(), from.begin(), into.begin(), std::plus<>{});
}

/// Attempts and removals that have ended, and removals that have begun.
std::uint64_t ended(std::span<const engine::Snapshot> snapshots) {
    using stats::Counter;
    std::uint64_t sum = 0;
    for (const engine::Snapshot& snapshot : snapshots) {
        for (const Counter counter : {Counter::succeeded, Counter::failed, Counter::removals_attempted,
                                      Counter::removals_succeeded, Counter::removals_failed}) {
            sum += snapshot.counters.of(counter);
        }
    }
    return sum;
}

}  // namespace

Total add_up(std::span<const engine::Snapshot> snapshots) {
    Total total;
    for (const engine::Snapshot& snapshot : snapshots) {
        total.at_ns = std::max(total.at_ns, snapshot.at_ns);
        add(total.census, snapshot.census);
        add(total.census_at_stop, snapshot.census_at_stop);
        total.first_outcomes += snapshot.first_outcomes;
        total.counters.merge(snapshot.counters);
        total.rrd.merge(snapshot.rrd);
        total.send_lag.merge(snapshot.send_lag);
        total.keep_alive_rtt.merge(snapshot.keep_alive_rtt);
        total.port.rx_dropped += snapshot.port.rx_dropped;
        total.port.tx_dropped += snapshot.port.tx_dropped;
        total.port.rx_other += snapshot.port.rx_other;
        total.port.rx_bad += snapshot.port.rx_bad;
        total.port.rx_crossed += snapshot.port.rx_crossed;
    }
    return total;
}

Controller::Controller(std::span<engine::Mailbox* const> mailboxes, const Schedule& schedule, Observer observer,
                       Interruptions interruptions)
    : mailboxes_(mailboxes),
      schedule_(schedule),
      observer_(std::move(observer)),
      interruptions_(std::move(interruptions)),
      latest_(mailboxes.size()) {}

Outcome Controller::run() {
    Outcome outcome;
    if (!wait_for_links()) {
        outcome.end = interruptions_() != 0 ? End::interrupted : End::link_failed;
        command(engine::CommandKind::quit);
        outcome.last = latest_;
        return outcome;
    }
    outcome.end = load();
    stop(outcome.end);
    observe();
    outcome.load_ns = stop_ns_ - start_ns_;
    outcome.last = latest_;
    return outcome;
}

bool Controller::wait_for_links() {
    while (!all(engine::Phase::ready)) {
        if (any(engine::Phase::failed) || interruptions_() != 0) {
            return false;
        }
        look();
    }
    return true;
}

End Controller::load() {
    start_ns_ = now_ns() + start_delay_ns;
    last_observed_ns_ = start_ns_;
    next_look_ns_ = start_ns_ + schedule_.interval_ns;
    command(engine::CommandKind::start, start_ns_);
    base::Nanoseconds until_ns = schedule_.duration_ns == 0 ? 0 : start_ns_ + schedule_.duration_ns;
    for (;;) {
        look();
        if (interruptions_() != 0) {
            return End::interrupted;
        }
        const base::Nanoseconds now = now_ns();
        if (now >= next_look_ns_) {
            observe();
            next_look_ns_ += schedule_.interval_ns;
        }
        if (until_ns == 0) {
            const std::uint32_t outcomes = std::accumulate(
                latest_.begin(), latest_.end(), std::uint32_t{0},
                [](std::uint32_t sum, const engine::Snapshot& snapshot) { return sum + snapshot.first_outcomes; });
            until_ns = outcomes == schedule_.endpoints ? now + schedule_.hold_ns : 0;
        }
        if (until_ns != 0 && now >= until_ns) {
            return End::completed;
        }
    }
}

void Controller::stop(End& end) {
    stop_ns_ = now_ns();
    const engine::Phase stopping = schedule_.unregister ? engine::Phase::leaving : engine::Phase::draining;
    command(schedule_.unregister ? engine::CommandKind::leave : engine::CommandKind::drain);
    const auto settled = [&] {
        return std::all_of(latest_.begin(), latest_.end(), [&](const engine::Snapshot& snapshot) {
            return snapshot.phase == stopping && snapshot.idle;
        });
    };
    // Leaving is as paced as coming was and may take long; the timeout is for when nothing happens any more.
    std::uint64_t progress = 0;
    base::Nanoseconds progress_ns = stop_ns_;
    while (!settled() && now_ns() < progress_ns + schedule_.stop_timeout_ns) {
        if (const std::uint64_t now = ended(latest_); now != progress) {
            progress = now;
            progress_ns = now_ns();
        }
        if (interruptions_() > 1) {
            end = End::killed;
            break;
        }
        look();
    }
    command(engine::CommandKind::quit);
    while (!all(engine::Phase::done)) {
        look();
    }
}

/// Sleeps a little, then takes what the workers have published.
void Controller::look() {
    std::this_thread::sleep_for(look_every);
    for (std::size_t worker = 0; worker < mailboxes_.size(); ++worker) {
        while (mailboxes_[worker]->read(latest_[worker])) {
        }
    }
}

void Controller::observe() {
    const base::Nanoseconds now = now_ns();
    Interval interval{
        .since_start_ns = now - start_ns_, .length_ns = now - last_observed_ns_, .total = add_up(latest_)};
    interval.counters = difference(interval.total.counters, last_observed_.counters);
    interval.rrd = interval.total.rrd;
    interval.rrd.subtract(last_observed_.rrd);
    last_observed_ = interval.total;
    last_observed_ns_ = now;
    observer_(interval);
}

void Controller::command(engine::CommandKind kind, base::Nanoseconds at_ns) {
    for (engine::Mailbox* mailbox : mailboxes_) {
        CHECK(mailbox->command({kind, at_ns}));  // at most four commands in a run, the ring holds sixteen
    }
}

bool Controller::all(engine::Phase phase) const {
    return std::all_of(latest_.begin(), latest_.end(), [&](const auto& snapshot) { return snapshot.phase == phase; });
}

bool Controller::any(engine::Phase phase) const {
    return std::any_of(latest_.begin(), latest_.end(), [&](const auto& snapshot) { return snapshot.phase == phase; });
}

}  // namespace regstorm::app
