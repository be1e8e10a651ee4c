// SPDX-License-Identifier: Apache-2.0
#include "app/steering.hpp"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <poll.h>

#include "app/interrupt.hpp"
#include "regstorm/config/option.hpp"

namespace regstorm::app {

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
                const config::Option& rate = *config::find_option("run.rate");
                chosen_ = std::clamp(key == '+' ? now * step : now / step, rate.min, rate.max);
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

void read_presses(Keyboard& keyboard, Steering& steering, double t_s) {
    while (const std::optional<char> key = keyboard.next()) {
        steering.press(*key, t_s);
    }
    for (int count = new_pauses(); count > 0; --count) {
        steering.press('p', t_s);
    }
}

}  // namespace regstorm::app
