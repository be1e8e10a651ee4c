// SPDX-License-Identifier: Apache-2.0
#include "app/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace regstorm::app {
namespace {

std::atomic<int> count{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch nothing else");

void on_signal(int) { count.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

void watch_interruptions() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

int interruptions() { return count.load(std::memory_order_relaxed); }

}  // namespace regstorm::app
