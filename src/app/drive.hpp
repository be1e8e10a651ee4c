// SPDX-License-Identifier: Apache-2.0
// A plan carried out: opens the port, starts the workers and perhaps a registrar of our own, and returns when all of
// them have ended. What is made of it is the caller's: `run` reports it, `capacity` decides from it what to try next.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/controller.hpp"
#include "app/plan.hpp"
#include "regstorm/cluster/head.hpp"
#include "regstorm/engine/tap.hpp"
#include "regstorm/stats/breakdown.hpp"

namespace regstorm::cluster {
class Hand;
}

namespace regstorm::app {

/// What a worker leaves behind besides its snapshots. Read after its thread has ended.
struct WorkerReport {
    std::string failure;        ///< why it never started; empty when it did
    bool environment = false;   ///< and the machine is to blame, not the link
    std::size_t hot_bytes = 0;  ///< of its arena: records, wheel, credentials, neighbours
    bool huge_pages = false;
    stats::Breakdown breakdown{};  ///< delays by group and outcome
};

struct Driven {
    Outcome outcome{};
    std::vector<WorkerReport> reports{};
    std::string failure{};                                       ///< of the first worker that never started
    std::vector<std::unique_ptr<engine::Recorder>> recorders{};  ///< per worker; of runs with taps
    std::string registrar_said{};                                ///< what the rules of a registrar of our own did
    std::vector<cluster::RankFacts> ranks{};                     ///< of a run of several; workers are in their order
};

struct Watch {
    Controller::Observer observer;
    Controller::Interruptions interruptions;
    Controller::Encore encore{};
    Controller::Steer steer{};
    cluster::Head* head = nullptr;  ///< on rank 0 of several
    cluster::Hand* hand = nullptr;  ///< on any other rank
};

/// Blocks. Throws port::PortError when a port cannot be opened.
[[nodiscard]] Driven drive(const RunPlan& plan, const Watch& watch);

}  // namespace regstorm::app
