// SPDX-License-Identifier: Apache-2.0
// Options: what is written and shown, and what the verdict tolerates.
#include "config/rows.hpp"

namespace regstorm::config {
namespace {

using enum FlagOf;

constexpr Option rows[] = {
    {.key = "report.result",
     .flag = "--result",
     .flag_of = run,
     .help = "write the result to this file, as JSON",
     .member = at<&Scenario::report, &Report::result>(),
     .max = 4096,
     .check = check_printable,
     .shape = "FILE"},
    {.key = "report.interval",
     .flag = "--interval",
     .flag_of = both,
     .help = "time between rows of the series and lines of progress",
     .member = at<&Scenario::report, &Report::interval>(),
     .min = of(100ms),
     .max = of(1h),
     .step = 1ms},
    {.key = "report.quiet",
     .flag = "--quiet",
     .flag_of = both,
     .help = "print nothing but errors",
     .member = at<&Scenario::report, &Report::quiet>()},
    {.key = "report.progress",
     .flag = "--no-progress",
     .flag_of = both,
     .help = "show the run as it goes",
     .member = at<&Scenario::report, &Report::progress>()},
    {.key = "limits.send_lag_p99",
     .help = "valid while 99% of the requests leave no later than this after their time",
     .member = at<&Scenario::limits, &Limits::send_lag_p99>(),
     .min = of(10us),
     .max = of(60s),
     .step = 1us},
    {.key = "limits.missed_slots",
     .help = "valid up to this share of slots missed",
     .member = at<&Scenario::limits, &Limits::missed_slots>(),
     .max = 1},
    {.key = "limits.tx_dropped",
     .help = "valid up to this share of datagrams lost here on their way out",
     .member = at<&Scenario::limits, &Limits::tx_dropped>(),
     .max = 1},
    {.key = "limits.rx_dropped",
     .help = "valid up to this share of datagrams lost here on their way in",
     .member = at<&Scenario::limits, &Limits::rx_dropped>(),
     .max = 1},
};

}  // namespace

std::span<const Option> report_rows() { return rows; }

}  // namespace regstorm::config
