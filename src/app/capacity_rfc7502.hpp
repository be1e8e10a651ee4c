// SPDX-License-Identifier: Apache-2.0
// RFC 7502: the test bed by itself (6.1), the registration rate (6.7), and minutes later the re-registration rate of
// the same users (6.8), each by the search of section 4.10; and the form of section 5.
#pragma once

#include "app/trials.hpp"
#include "regstorm/capacity/result.hpp"

namespace regstorm::app {

void measure_rfc7502(Trials& trials, const config::Scenario& scenario, capacity::CapacityResult& result);

}  // namespace regstorm::app
