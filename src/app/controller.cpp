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
                       Interruptions interruptions, Encore encore, Steer steer, Carry carry)
    : mailboxes_(mailboxes),
      schedule_(schedule),
      observer_(std::move(observer)),
      interruptions_(std::move(interruptions)),
      encore_(std::move(encore)),
      steer_(std::move(steer)),
      carry_(std::move(carry)),
      latest_(mailboxes.size()) {}

Outcome Controller::run() {
    Outcome outcome;
    if (!wait_for_links()) {
        outcome.end = interruptions_() != 0 ? End::interrupted : End::link_failed;
        command({engine::CommandKind::quit});
        outcome.last = latest_;
        return outcome;
    }
    outcome.end = load();
    if (encore_ && outcome.end == End::completed) {
        encore_(*this);
        outcome.end = interruptions_() != 0 ? End::interrupted : End::completed;
    }
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
    start_ns_ = now_ns() + schedule_.start_delay_ns;
    last_observed_ns_ = start_ns_;
    next_look_ns_ = start_ns_ + schedule_.interval_ns;
    command({engine::CommandKind::start, start_ns_});
    base::Nanoseconds until_ns = schedule_.duration_ns == 0 ? 0 : start_ns_ + schedule_.duration_ns;
    for (;;) {
        look();
        if (interruptions_() != 0) {
            return End::interrupted;
        }
        if (const std::optional<double> rate_per_s = steer_ ? steer_() : std::nullopt) {
            command({.kind = engine::CommandKind::pace, .rate_per_s = *rate_per_s});
        }
        observe_when_due();
        const base::Nanoseconds now = now_ns();
        if (schedule_.load_max_ns != 0 && now >= start_ns_ + schedule_.load_max_ns) {
            return End::completed;
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
    command({.kind = schedule_.unregister ? engine::CommandKind::leave : engine::CommandKind::drain,
             .rate_per_s = schedule_.leave_per_s});
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
        observe_when_due();
    }
    command({engine::CommandKind::quit});
    while (!all(engine::Phase::done)) {
        look();
    }
}

/// Sleeps a little, then takes what the workers have published.
void Controller::look() {
    std::this_thread::sleep_for(look_every);
    if (carry_) {
        carry_();
    }
    for (std::size_t worker = 0; worker < mailboxes_.size(); ++worker) {
        while (mailboxes_[worker]->read(latest_[worker])) {
        }
    }
}

Interval Controller::since(const Total& before, base::Nanoseconds from_ns) const {
    const base::Nanoseconds now = now_ns();
    Interval interval{.since_start_ns = now - start_ns_, .length_ns = now - from_ns, .total = add_up(latest_)};
    interval.counters = difference(interval.total.counters, before.counters);
    interval.rrd = interval.total.rrd;
    interval.rrd.subtract(before.rrd);
    interval.send_lag = interval.total.send_lag;
    interval.send_lag.subtract(before.send_lag);
    interval.rx_dropped = interval.total.port.rx_dropped - before.port.rx_dropped;
    interval.tx_dropped = interval.total.port.tx_dropped - before.port.tx_dropped;
    interval.stopping = stop_ns_ != 0;
    return interval;
}

void Controller::observe() {
    const Interval interval = since(last_observed_, last_observed_ns_);
    last_observed_ = interval.total;
    last_observed_ns_ += interval.length_ns;
    observer_(interval);
}

void Controller::observe_when_due() {
    if (now_ns() >= next_look_ns_) {
        observe();
        next_look_ns_ += schedule_.interval_ns;
    }
}

Interval Controller::renew_all(double rate_per_s, base::Nanoseconds settle_ns) {
    using stats::Counter;
    const base::Nanoseconds begin_ns = now_ns();
    // Snapshots are up to a tenth of a second old; what came before this trial must not count in it.
    rest(schedule_.interval_ns, [&](const Total&) {
        return std::ranges::all_of(latest_, [&](const engine::Snapshot& last) { return last.at_ns >= begin_ns; });
    });
    const Total before = add_up(latest_);
    const base::Nanoseconds from_ns = now_ns();
    command({.kind = engine::CommandKind::renew, .rate_per_s = rate_per_s});
    const auto begun = [](const Total& total) {
        return total.counters.of(Counter::attempted) + total.counters.of(Counter::skipped_slots);
    };
    const auto ended = [](const Total& total) {
        return total.counters.of(Counter::succeeded) + total.counters.of(Counter::failed);
    };
    const auto length_ns = static_cast<base::Nanoseconds>(schedule_.endpoints / rate_per_s * base::ns_per_s);
    rest(length_ns + settle_ns, [&](const Total& total) {
        return begun(total) - begun(before) >= schedule_.endpoints &&
               ended(total) == total.counters.of(Counter::attempted);
    });
    return since(before, from_ns);
}

bool Controller::rest(base::Nanoseconds length_ns, const std::function<bool(const Total&)>& enough) {
    const base::Nanoseconds until_ns = now_ns() + length_ns;
    while (now_ns() < until_ns && interruptions_() == 0 && !(enough && enough(add_up(latest_)))) {
        look();
        observe_when_due();
    }
    return interruptions_() == 0;
}

void Controller::command(const engine::Command& command) {
    for (engine::Mailbox* mailbox : mailboxes_) {
        // One a look at most; the ring holds sixteen, and a worker takes one per poll.
        CHECK(mailbox->command(command));
    }
    if (carry_) {
        carry_();
    }
}

bool Controller::all(engine::Phase phase) const {
    return std::all_of(latest_.begin(), latest_.end(), [&](const auto& snapshot) { return snapshot.phase == phase; });
}

bool Controller::any(engine::Phase phase) const {
    return std::any_of(latest_.begin(), latest_.end(), [&](const auto& snapshot) { return snapshot.phase == phase; });
}

}  // namespace regstorm::app
