// SPDX-License-Identifier: Apache-2.0
// Options: the shape of the load, and the phones that go and come back under it.
#include <array>

#include "config/rows.hpp"
#include "regstorm/config/rate_steps.hpp"

namespace regstorm::config {
namespace {

using enum FlagOf;

constexpr std::array<std::string_view, 2> arrival_names{"even", "poisson"};
constexpr double churn_rate_max = 1e6;

constexpr Option shape_options[] = {
    {.key = "load.arrivals",
     .help = "phones start at even intervals of the rate, or at random ones around it",
     .member = choice<&Scenario::load, &Load::arrivals>(arrival_names)},
    {.key = "load.ramp_up",
     .flag = "--ramp-up",
     .flag_of = run,
     .help = "the rate grows from nothing to run.rate over this",
     .member = at<&Scenario::load, &Load::ramp_up>(),
     .max = of(24h),
     .step = 1ms},
    {.key = "load.steps",
     .flag = "--steps",
     .flag_of = run,
     .help = "later rates and when they begin, after the start: 10s 2k, 20s 5k",
     .member = at<&Scenario::load, &Load::steps>(),
     .max = 4096,
     .check = check_rate_steps,
     .shape = "\"WHEN RATE, ...\"",
     .thorough = true},
    {.key = "load.avalanche",
     .flag = "--avalanche",
     .flag_of = run,
     .help =
         "power comes back: all phones boot within this, each with its own start delay; takes the place of run.rate",
     .member = at<&Scenario::load, &Load::avalanche>(),
     .max = of(1h),
     .step = 1ms},
    {.key = "load.spread_refresh",
     .help = "the first refresh of each phone comes anywhere in its interval: the steady state from the start",
     .member = at<&Scenario::load, &Load::spread_refresh>()},
    {.key = "load.cycle",
     .help = "after the last phone the first one registers again: a constant rate of attempts",
     .member = at<&Scenario::load, &Load::cycle>()},
    {.key = "churn.rate",
     .flag = "--churn",
     .flag_of = run,
     .help = "phones per second that leave, at random, and boot again after churn.away",
     .member = at<&Scenario::churn, &Churn::rate>(),
     .max = churn_rate_max},
    {.key = "churn.vanish",
     .help = "share of them that leave without un-REGISTER, as in a power cut",
     .member = at<&Scenario::churn, &Churn::vanish>(),
     .max = 1},
    {.key = "churn.away",
     .help = "how long they stay away",
     .member = at<&Scenario::churn, &Churn::away>(),
     .max = of(24h),
     .step = 1ms},
    {.key = "churn.rebind_rate",
     .help = "phones per second whose NAT gives them another port; they register again with that contact",
     .member = at<&Scenario::churn, &Churn::rebind_rate>(),
     .max = churn_rate_max},
};

}  // namespace

std::span<const Option> shape_rows() { return shape_options; }

}  // namespace regstorm::config
