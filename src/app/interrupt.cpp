// SPDX-License-Identifier: Apache-2.0
#include "app/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace regstorm::app {
namespace {

std::atomic<int> count{0};
std::atomic<int> pauses{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch nothing else");

void on_signal(int) { count.fetch_add(1, std::memory_order_relaxed); }
void on_final_signal(int) { count.fetch_add(2, std::memory_order_relaxed); }

void on_pause(int) { pauses.fetch_add(1, std::memory_order_relaxed); }

void catch_signal(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(signal, &action, nullptr);
}

}  // namespace

void watch_interruptions() {
    catch_signal(SIGINT, on_signal);
    catch_signal(SIGTERM, on_signal);
}

void watch_interruptions_of_ranks() {
    catch_signal(SIGINT, on_signal);
    catch_signal(SIGUSR2, on_signal);
    catch_signal(SIGTERM, on_final_signal);
}

int interruptions() { return count.load(std::memory_order_relaxed); }

void watch_pauses() { catch_signal(SIGUSR1, on_pause); }

int new_pauses() { return pauses.exchange(0, std::memory_order_relaxed); }

}  // namespace regstorm::app
