// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM while a load runs: the first asks for an orderly stop, the second for a stop at once. Both still
// write the result. SIGUSR1 pauses the load, or lets it go on.
#pragma once

namespace regstorm::app {

/// Counts the signals from now on instead of dying of them.
void watch_interruptions();

/// The same for one of several ranks. mpirun says SIGTERM, kills a second later and keeps SIGINT to itself, so the
/// first SIGTERM counts as the second; what it forwards is SIGUSR2, which here asks for an orderly stop.
void watch_interruptions_of_ranks();

/// How many there were.
[[nodiscard]] int interruptions();

/// SIGUSR1 counts from now on instead of ending the process.
void watch_pauses();

/// How many of those came since the last call.
[[nodiscard]] int new_pauses();

}  // namespace regstorm::app
