// SPDX-License-Identifier: Apache-2.0
// The side of a rank other than 0: it stands where the controller does in a process that is alone, passes rank 0's
// commands on to its workers and their snapshots back. It decides nothing, but when rank 0 is lost: then it ends.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "regstorm/cluster/connection.hpp"
#include "regstorm/engine/mailbox.hpp"

namespace regstorm::cluster {

class Hand {
  public:
    explicit Hand(Connection connection) : connection_(std::move(connection)) {}

    /// Returns when all workers have ended. `interruptions` as the controller's.
    void run(std::span<engine::Mailbox* const> mailboxes, const std::function<int()>& interruptions);

    /// The workers that step() serves.
    void attach(std::span<engine::Mailbox* const> mailboxes, base::Nanoseconds now_ns);
    /// One look; false when all workers have ended.
    bool step(base::Nanoseconds now_ns, int interruptions);

    /// What worker `which` of this rank leaves behind.
    void report(std::uint32_t which, std::string_view bytes);
    /// This rank cannot take part.
    void fail(std::string_view why) { connection_.send(Kind::failed, why); }
    /// Waits until rank 0 has all that was said. False when rank 0 was lost before.
    bool finish();

  private:
    void command(const engine::Command& command);
    void take(const Message& message, base::Nanoseconds now_ns);
    void pass_on();

    Connection connection_;
    std::span<engine::Mailbox* const> mailboxes_{};
    std::vector<engine::Snapshot> latest_{};
    std::vector<bool> fresh_{};
    base::Nanoseconds heard_ns_ = 0;
    base::Nanoseconds next_beat_ns_ = 0;
    bool begun_ = false;
    bool quit_ = false;
    bool dismissed_ = false;  ///< rank 0 said bye
    bool head_lost_ = false;
    int interruptions_ = 0;
};

}  // namespace regstorm::cluster
