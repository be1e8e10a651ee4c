// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM while a load runs: the first asks for an orderly stop, the second for a stop at once. Both still
// write the result.
#pragma once

namespace regstorm::app {

/// Counts the signals from now on instead of dying of them.
void watch_interruptions();

/// How many there were.
[[nodiscard]] int interruptions();

}  // namespace regstorm::app
