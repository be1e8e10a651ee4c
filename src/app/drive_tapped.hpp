// SPDX-License-Identifier: Apache-2.0
// Runs whose datagrams are kept (--capture, --trace-endpoint): the poll loop compiled once more, around ports with
// taps.
#pragma once

#include "app/drive.hpp"
#include "app/rigs.hpp"

namespace regstorm::app {

[[nodiscard]] Driven drive_tapped(const RunPlan& plan, const Watch& watch, const UdpRig::Setup& setup);
[[nodiscard]] Driven drive_tapped(const RunPlan& plan, const Watch& watch, const EthRig::Setup& setup);

}  // namespace regstorm::app
