// SPDX-License-Identifier: Apache-2.0
// Which wheel the phones of a worker stand on, decided by the type of its port: the plain one, or for a port that says
// so one that records (timer/recording_wheel.hpp).
#pragma once

#include "regstorm/engine/endpoint_table.hpp"
#include "regstorm/timer/recording_wheel.hpp"
#include "regstorm/timer/wheel.hpp"

namespace regstorm::engine {

template <class Port>
struct PhonesWheelOf {
    using Type = timer::Wheel<EndpointTable>;
};
template <class Port>
requires Port::records_timers struct PhonesWheelOf<Port> {
    using Type = timer::RecordingWheel<EndpointTable>;
};
template <class Port>
using PhonesWheel = typename PhonesWheelOf<Port>::Type;

/// The same port, for a worker that records.
template <class Port>
struct Recorded : Port {
    using Port::Port;
    static constexpr bool records_timers = true;
};

}  // namespace regstorm::engine
