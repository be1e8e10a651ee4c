// SPDX-License-Identifier: Apache-2.0
// A crew and its controller, on one kind of rig. Whoever includes this compiles the whole poll loop for it.
#pragma once

#include "app/conduct.hpp"
#include "app/crew.hpp"
#include "app/drive.hpp"

namespace regstorm::app {

/// Returns when all workers have ended.
template <class Rig>
Driven drive_on(const RunPlan& plan, const Watch& watch, const typename Rig::Setup& setup) {
    Driven driven;
    Crew<Rig> crew(plan, setup);
    const std::vector<engine::Mailbox*> mailboxes = crew.mailboxes();
    driven.outcome = conduct(mailboxes, plan.schedule, watch);
    driven.reports = gather(crew.join(), watch);
    return driven;
}

}  // namespace regstorm::app
