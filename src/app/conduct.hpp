// SPDX-License-Identifier: Apache-2.0
// Who leads the workers of this process: its own controller, which in a run of several ranks leads those of the others
// as well, or rank 0.
#pragma once

#include <span>
#include <vector>

#include "app/drive.hpp"

namespace regstorm::app {

/// Blocks until the workers have ended. What a rank other than 0 returns is rank 0's to know, and empty.
[[nodiscard]] Outcome conduct(std::span<engine::Mailbox* const> mailboxes, const Schedule& schedule,
                              const Watch& watch);

/// What the workers left behind, with that of the other ranks' workers behind it; or handed to rank 0.
[[nodiscard]] std::vector<WorkerReport> gather(const std::vector<WorkerReport>& own, const Watch& watch);

/// For the network. The breakdown is most of it.
[[nodiscard]] std::string to_bytes(const WorkerReport& report);
/// False when they are none.
[[nodiscard]] bool from_bytes(std::string_view bytes, WorkerReport& report);

}  // namespace regstorm::app
