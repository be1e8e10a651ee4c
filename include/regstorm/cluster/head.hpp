// SPDX-License-Identifier: Apache-2.0
// Rank 0's side of the others: a mailbox for each of their workers, as if they were threads of this process. The
// controller sees no difference, so phases, series and sums are decided in one place for all ranks. What is put into
// the mailboxes goes over the network, what comes back is put into them; both happen in carry(), in the controller's
// own thread, and neither waits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "regstorm/cluster/connection.hpp"
#include "regstorm/engine/mailbox.hpp"

namespace regstorm::cluster {

/// One of the ranks, for the result.
struct RankFacts {
    std::uint32_t rank = 0;
    std::string host{};
    std::uint32_t workers = 0;
    bool lost = false;
};

class Head {
  public:
    /// `others` by rank, from 1 on.
    struct Other {
        RankFacts facts{};
        Connection connection{};
    };
    /// `own`: rank 0 itself.
    Head(RankFacts own, std::vector<Other> others, base::Nanoseconds now_ns);
    /// Tells everybody who is still there to end.
    ~Head();
    Head(const Head&) = delete;
    Head& operator=(const Head&) = delete;

    /// Of the others' workers, by rank.
    [[nodiscard]] std::vector<engine::Mailbox*> mailboxes() const;
    void carry(base::Nanoseconds now_ns);

    /// Some rank is lost.
    [[nodiscard]] bool lost() const;
    /// Signals that came to the others, at most.
    [[nodiscard]] int interruptions() const { return interruptions_; }

    /// What a worker left behind; empty for one that is lost.
    struct Report {
        RankFacts of{};
        std::string bytes{};
        std::string failure{};  ///< why its rank could not take part
    };
    /// Carries until every rank has reported or is lost. One for each of their workers.
    [[nodiscard]] std::vector<Report> collect();
    /// All ranks, this one first.
    [[nodiscard]] std::vector<RankFacts> ranks() const;

  private:
    struct Worker {
        std::unique_ptr<engine::Mailbox> mailbox = std::make_unique<engine::Mailbox>();
        engine::Snapshot last{};
        bool fresh = false;  ///< `last` waits to be put into the mailbox
        std::string report{};
        bool reported = false;
    };
    struct Rank {
        RankFacts facts{};
        Connection connection{};
        std::vector<Worker> workers{};
        base::Nanoseconds heard_ns = 0;
        bool begun = false;  ///< its workers have been heard of
        std::string failure{};
        std::optional<engine::Command> told{};

        [[nodiscard]] bool gone() const { return facts.lost || !failure.empty(); }
        [[nodiscard]] bool settled() const;
    };

    void listen(Rank& rank, base::Nanoseconds now_ns);
    void take(Rank& rank, const Message& message, base::Nanoseconds now_ns);
    void lose(Rank& rank);
    void dismiss();
    void forward(Rank& rank, Worker& worker, bool first, base::Nanoseconds now_ns);

    RankFacts own_;
    std::vector<Rank> ranks_;
    int interruptions_ = 0;
    base::Nanoseconds next_beat_ns_ = 0;
};

}  // namespace regstorm::cluster
