// SPDX-License-Identifier: Apache-2.0
// The facilities that the lab compares: a line for each. The first one is the yardstick of the tables.
#include "measure.hpp"
#include "rivals.hpp"
#include "rte_rival.hpp"

namespace regstorm::timer_lab {

std::vector<Facility> facilities() {
    return {
        facility<RegstormWheel>(),    facility<HashedWheel>(), facility<PriorityQueue>(), facility<BoostDaryHeap>(),
        facility<BoostPairingHeap>(), facility<Multimap>(),    facility<RteTimer>(),
    };
}

}  // namespace regstorm::timer_lab
