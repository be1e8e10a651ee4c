// SPDX-License-Identifier: Apache-2.0
#include "app/drive_recording.hpp"

#include "app/drive_on.hpp"

namespace regstorm::app {

Driven drive_recording(const RunPlan& plan, const Watch& watch, const UdpRig::Setup& setup) {
    return drive_on<RecordingUdpRig>(plan, watch, setup);
}

Driven drive_recording(const RunPlan& plan, const Watch& watch, const EthRig::Setup& setup) {
    return drive_on<RecordingEthRig>(plan, watch, {setup.device, setup.link});
}

}  // namespace regstorm::app
