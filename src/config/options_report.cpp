// SPDX-License-Identifier: Apache-2.0
// Options: what is written and shown, and what the verdict tolerates.
#include "config/rows.hpp"
#include "regstorm/config/criteria.hpp"

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
    {.key = "report.junit",
     .flag = "--junit",
     .flag_of = run,
     .help = "write verdict and criteria to this file, as JUnit XML",
     .member = at<&Scenario::report, &Report::junit>(),
     .max = 4096,
     .check = check_printable,
     .shape = "FILE"},
    {.key = "report.fail_if",
     .flag = "--fail-if",
     .flag_of = run,
     .help = "the run has failed (exit code 1) when one of these holds at its end: FIGURE > VALUE with ; between them, "
             "or the flag given often; the figures are in GUIDE.md",
     .member = at<&Scenario::report, &Report::fail_if>(),
     .max = 4096,
     .check = check_criteria,
     .shape = "CRITERIA",
     .thorough = true,
     .list = true},
    {.key = "report.abort_if",
     .help = "the same for the last interval: end the run in order as soon as one holds",
     .member = at<&Scenario::report, &Report::abort_if>(),
     .max = 4096,
     .check = check_interval_criteria,
     .shape = "CRITERIA",
     .thorough = true},
    {.key = "report.abort_grace",
     .help = "abort_if does not look before this",
     .member = at<&Scenario::report, &Report::abort_grace>(),
     .max = of(24h),
     .step = 1ms},
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
