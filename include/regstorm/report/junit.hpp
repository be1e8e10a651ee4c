// SPDX-License-Identifier: Apache-2.0
// The outcome as JUnit XML, which every CI server shows: one test case for the verdict, one for each criterion.
#pragma once

#include <string>

#include "regstorm/report/run_result.hpp"

namespace regstorm::report {

[[nodiscard]] std::string junit_xml(const RunResult& result);

}  // namespace regstorm::report
