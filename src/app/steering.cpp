// SPDX-License-Identifier: Apache-2.0
#include "app/steering.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <poll.h>

namespace regstorm::app {
namespace {

/// As run.rate has it (src/config/options_load.cpp).
constexpr double rate_min_per_s = 0.001;
constexpr double rate_max_per_s = 100e6;

std::atomic<int> pauses{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch nothing else");

void on_signal(int) { pauses.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

void Steering::press(char key, double t_s) {
    switch (key) {
        case 'p':
        case 'P':
        case ' ':
            paused_ = !paused_;
            changed_ = true;
            break;
        case '+':
        case '-': {
            const double now = chosen_.value_or(planned_at_(t_s));
            if (std::isfinite(now)) {  // there is nothing above "as fast as it goes", and no step below it
                chosen_ = std::clamp(key == '+' ? now * step : now / step, rate_min_per_s, rate_max_per_s);
                changed_ = true;
            }
            break;
        }
        case 'q':
        case 'Q':
            stop_wanted_ = true;
            break;
        default:
            break;
    }
}

std::optional<double> Steering::wish(double t_s) {
    if (!changed_) {
        return {};
    }
    changed_ = false;
    if (!chosen_) {
        chosen_ = planned_at_(t_s);
    }
    changes_.push_back({.t_s = t_s, .rate_per_s = paused_ ? 0 : *chosen_});
    return changes_.back().rate_per_s;
}

Keyboard::Keyboard(bool wanted) {
    // A process in the background would be stopped for touching the terminal.
    if (!wanted || isatty(STDIN_FILENO) != 1 || tcgetpgrp(STDIN_FILENO) != getpgrp() ||
        tcgetattr(STDIN_FILENO, &before_) != 0) {
        return;
    }
    termios each_key = before_;
    each_key.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    each_key.c_cc[VMIN] = 0;
    each_key.c_cc[VTIME] = 0;
    present_ = tcsetattr(STDIN_FILENO, TCSANOW, &each_key) == 0;
}

Keyboard::~Keyboard() {
    if (present_) {
        tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
}

std::optional<char> Keyboard::next() {
    pollfd ready{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    char key = 0;
    if (!present_ || poll(&ready, 1, 0) != 1 || read(STDIN_FILENO, &key, 1) != 1) {
        return {};
    }
    return key;
}

void watch_pause_signals() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
}

void read_presses(Keyboard& keyboard, Steering& steering, double t_s) {
    while (const std::optional<char> key = keyboard.next()) {
        steering.press(*key, t_s);
    }
    for (int count = pauses.exchange(0, std::memory_order_relaxed); count > 0; --count) {
        steering.press('p', t_s);
    }
}

}  // namespace regstorm::app
