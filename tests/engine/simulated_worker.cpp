// SPDX-License-Identifier: Apache-2.0
// The poll loop on the simulated network, compiled once for all tests of this program (pch/engine.h).
#include "simulation.hpp"

namespace regstorm::engine {

template class Phones<port::SimPort>;
template class Worker<port::SimPort, timer::VirtualClock>;

}  // namespace regstorm::engine
