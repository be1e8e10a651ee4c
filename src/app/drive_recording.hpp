// SPDX-License-Identifier: Apache-2.0
// Runs that write down what phones do to their timers (--record-timers): the poll loop compiled once more, on a wheel
// that records.
#pragma once

#include "app/drive.hpp"
#include "app/rigs.hpp"

namespace regstorm::app {

[[nodiscard]] Driven drive_recording(const RunPlan& plan, const Watch& watch, const UdpRig::Setup& setup);
[[nodiscard]] Driven drive_recording(const RunPlan& plan, const Watch& watch, const EthRig::Setup& setup);

}  // namespace regstorm::app
