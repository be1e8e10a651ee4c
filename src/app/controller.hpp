// SPDX-License-Identifier: Apache-2.0
// The run from the outside: waits for the links, starts the load, watches, stops it, collects. It talks to the
// workers by mailboxes only, sleeps between looks, and is the one place that knows the order of phases.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "regstorm/base/units.hpp"
#include "regstorm/engine/mailbox.hpp"

namespace regstorm::app {

/// How long what may take. All in nanoseconds.
struct Schedule {
    base::Nanoseconds duration_ns = 0;      ///< load; 0: until every endpoint had its first outcome, then `hold_ns`
    base::Nanoseconds hold_ns = 0;          ///< only used when duration_ns is 0
    base::Nanoseconds stop_timeout_ns = 0;  ///< for answers and removals after the load
    base::Nanoseconds interval_ns = base::ns_per_s;
    bool unregister = false;
    std::uint32_t endpoints = 0;
    base::Nanoseconds load_max_ns = 0;  ///< when duration_ns is 0, the load ends then at the latest; 0: whenever
    double leave_per_s = 0;             ///< removals per second; 0: as the phones came
    /// From the command to the first slot: all workers have read it by then, so they start together.
    base::Nanoseconds start_delay_ns = 20 * base::ns_per_ms;
};

enum class End : std::uint8_t {
    completed,    ///< the load ran as planned
    interrupted,  ///< SIGINT: stopped early, in order
    killed,       ///< SIGINT twice: stopped at once
    link_failed,  ///< a port never became ready; nothing was sent
};

/// All workers added up, at one moment.
struct Total {
    base::Nanoseconds at_ns = 0;
    engine::Census census{};
    engine::Census census_at_stop{};
    std::uint32_t first_outcomes = 0;
    stats::Counters counters;
    stats::Histogram rrd;
    stats::Histogram send_lag;
    stats::Histogram keep_alive_rtt;
    port::PortHealth port;
};
[[nodiscard]] Total add_up(std::span<const engine::Snapshot> snapshots);

/// One row of the time series: what happened between two looks.
struct Interval {
    base::Nanoseconds since_start_ns = 0;
    base::Nanoseconds length_ns = 0;
    Total total;                 ///< cumulative, at its end
    stats::Counters counters{};  ///< of the interval alone
    stats::Histogram rrd{};      ///< of the interval alone
    stats::Histogram send_lag{};
    std::uint64_t rx_dropped = 0;  ///< of the interval alone, as tx_dropped
    std::uint64_t tx_dropped = 0;
    bool stopping = false;  ///< the load is over: the phones leave, or the last answers are waited for
};

struct Outcome {
    End end = End::completed;
    base::Nanoseconds load_ns = 0;       ///< from the first slot to the stop
    std::vector<engine::Snapshot> last;  ///< per worker
};

class Controller {
  public:
    using Observer = std::function<void(const Interval&)>;
    /// `interruptions` gives how many times the user asked to stop so far.
    using Interruptions = std::function<int()>;
    /// More to do with phones that are registered, before they leave.
    using Encore = std::function<void(Controller&)>;
    /// Moves what is in the mailboxes of workers elsewhere; called before each look and after each command.
    using Carry = std::function<void()>;

    /// A rate that the user wants from now on instead of the planned one; asked at each look while the load runs.
    using Steer = std::function<std::optional<double>()>;

    Controller(std::span<engine::Mailbox* const> mailboxes, const Schedule& schedule, Observer observer,
               Interruptions interruptions, Encore encore = {}, Steer steer = {}, Carry carry = {});

    /// Blocks until the workers are done, or failed to start.
    [[nodiscard]] Outcome run();

    // For the encore.

    /// Every phone registers again, at this rate. What came of it, once every outcome is known, or `settle_ns` after
    /// the last slot.
    [[nodiscard]] Interval renew_all(double rate_per_s, base::Nanoseconds settle_ns);
    /// Lets so much time pass, or less: until `enough`, or an interruption. False for the latter.
    bool rest(base::Nanoseconds length_ns, const std::function<bool(const Total&)>& enough = {});

  private:
    [[nodiscard]] bool wait_for_links();
    [[nodiscard]] End load();
    void stop(End& end);
    void look();
    void observe();
    void observe_when_due();
    [[nodiscard]] Interval since(const Total& before, base::Nanoseconds from_ns) const;
    void command(const engine::Command& command);
    [[nodiscard]] bool all(engine::Phase phase) const;
    [[nodiscard]] bool any(engine::Phase phase) const;

    std::span<engine::Mailbox* const> mailboxes_;
    const Schedule& schedule_;
    Observer observer_;
    Interruptions interruptions_;
    Encore encore_;
    Steer steer_;
    Carry carry_;
    std::vector<engine::Snapshot> latest_;
    base::Nanoseconds start_ns_ = 0;
    base::Nanoseconds stop_ns_ = 0;
    base::Nanoseconds next_look_ns_ = 0;
    base::Nanoseconds last_observed_ns_ = 0;
    Total last_observed_;
};

}  // namespace regstorm::app
