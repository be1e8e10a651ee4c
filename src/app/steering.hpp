// SPDX-License-Identifier: Apache-2.0
// The user's hand on a load that runs: keys on a terminal, SIGUSR1 anywhere. The rate is that of the load's own
// attempts, first registrations or cycled ones; what phones do by themselves, refreshes above all, goes on.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <termios.h>
#include <vector>

#include "regstorm/report/run_result.hpp"

namespace regstorm::app {

/// What was pressed, made into a rate.
class Steering {
  public:
    /// One press of + or -; ten of them are a decade.
    static constexpr double step = 1.2589254117941673;

    /// `planned_at` gives the rate that the scenario wants so many seconds after the start, until the user wants
    /// another one.
    explicit Steering(std::function<double(double)> planned_at) : planned_at_(std::move(planned_at)) {}

    /// p pauses or goes on, + and - change the rate, q stops. Any other key is nothing.
    void press(char key, double t_s);
    [[nodiscard]] bool paused() const { return paused_; }
    [[nodiscard]] bool stop_wanted() const { return stop_wanted_; }
    /// The rate, per second, when it is another one than at the last call.
    [[nodiscard]] std::optional<double> wish(double t_s);
    /// Every wish so far.
    [[nodiscard]] const std::vector<report::RateChange>& changes() const { return changes_; }

  private:
    std::function<double(double)> planned_at_;
    std::vector<report::RateChange> changes_;
    std::optional<double> chosen_;  ///< instead of the planned one
    bool paused_ = false;
    bool changed_ = false;
    bool stop_wanted_ = false;
};

/// Standard input as a keyboard: each key at once and unseen, for as long as this lives. Only where this process has
/// the terminal to itself; otherwise there are no keys.
class Keyboard {
  public:
    explicit Keyboard(bool wanted);
    ~Keyboard();
    Keyboard(const Keyboard&) = delete;
    Keyboard& operator=(const Keyboard&) = delete;

    [[nodiscard]] bool present() const { return present_; }
    /// The next key that was pressed, if any. Never waits.
    [[nodiscard]] std::optional<char> next();

  private:
    bool present_ = false;
    termios before_{};
};

/// Hands over what was pressed since the last call; each SIGUSR1 is a press of p.
void read_presses(Keyboard& keyboard, Steering& steering, double t_s);

}  // namespace regstorm::app
