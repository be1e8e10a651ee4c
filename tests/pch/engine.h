// SPDX-License-Identifier: Apache-2.0
// As gtest.hpp, and the whole simulation: every test of the engine stands on it. The loop itself is compiled once,
// in simulated_worker.cpp, instead of in each of them.
#include "../engine/script.hpp"
#include "gtest.h"

namespace regstorm {
extern template class engine::Phones<port::SimPort>;
extern template class engine::Worker<port::SimPort, timer::VirtualClock>;
}  // namespace regstorm
