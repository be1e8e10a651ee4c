// SPDX-License-Identifier: Apache-2.0
// What people read: numbers, the summary, the progress line.
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>

#include "example.hpp"
#include "regstorm/report/progress.hpp"
#include "regstorm/report/summary.hpp"
#include "regstorm/report/terminal.hpp"

namespace regstorm::report {
namespace {

TEST(Numbers, HaveSeparators) {
    EXPECT_EQ(with_separators(0), "0");
    EXPECT_EQ(with_separators(999), "999");
    EXPECT_EQ(with_separators(1'000), "1,000");
    EXPECT_EQ(with_separators(1'234'567), "1,234,567");
}

TEST(Delays, HaveTheUnitThatFits) {
    EXPECT_EQ(delay_text(0), "0 ns");
    EXPECT_EQ(delay_text(0.87), "870 ns");
    EXPECT_EQ(delay_text(42), "42 us");
    EXPECT_EQ(delay_text(999.6), "1 ms");
    EXPECT_EQ(delay_text(1'250), "1.25 ms");
    EXPECT_EQ(delay_text(3.1e6), "3.1 s");
    EXPECT_EQ(delay_text(4e9), "4000 s");
    EXPECT_EQ(delay_text(0.0 / 0.0), "-");
}

TEST(Spans, HaveTheUnitThatFits) {
    EXPECT_EQ(span_text(2.5), "2.5 s");
    EXPECT_EQ(span_text(42.4), "42 s");
    EXPECT_EQ(span_text(200), "3 min 20 s");
    EXPECT_EQ(span_text(7'500), "2 h 5 min");
}

TEST(Summary, IsThisPage) {
    EXPECT_EQ(summary(example_run(), {.result_path = "r.json"}),
              R"(VALID: the figures describe the registrar

  passed  fails if rrd_p99 > 50ms: 950 us
  FAILED  fails if ira > 0.1%: 0.6%

  registrar       192.0.2.10:5060 over udp, 2.5 s
  endpoints       9,900 of 10,000 registered, pending 40, failed 60
  registrations   9,900 succeeded, 3,960 per second, failed 60, abandoned 40
  removals        99 of 100 succeeded
  by hand         rate changed 1 time, last at 0.5 s to 1,000/s
  delay           p50 120 us, p90 180 us, p99 950 us, p99.9 12.3 ms, max 3.1 s
  recovery        away from 1.0 s to 4.0 s; back: 50% in 1.0 s, 90% in 2.0 s, 99% in 3.5 s, 100% not in this run
  messages        20,110 sent, 19,913 received, 110 retransmitted
  responses       200: 9,900   401: 9,950   403: 50
  set aside       stray 3, duplicate 10
  failed          50 by 403: the registrar refuses the credentials: check auth.user and auth.password
  failed          10 by timeout: no answer within 32s: is a registrar listening at 192.0.2.10:5060?
  generator       send lag p99 12 us, busiest of 2 workers 43%, 0 dropped out, 0 in, 0 slots missed
  ranks           0 on near: 5,000 endpoints, 4,950 succeeded, send lag p99 12 us, busiest 43%
                  1 on far: 5,000 endpoints, 4,950 succeeded, send lag p99 12 us, busiest 43%
  memory          64 bytes per endpoint, without huge pages
  result          r.json
)");
}

TEST(Summary, StartsWithTheVerdictAndItsReasons) {
    RunResult result = example_run();
    result.verdict = {.status = Status::generator_limited, .reasons = {"one", "two"}};
    EXPECT_TRUE(
        summary(result, {})
            .starts_with(
                "GENERATOR-LIMITED: the figures describe this machine, not the registrar\n  - one\n  - two\n\n"));
}

TEST(Summary, IsColouredOnlyWhenAsked) {
    EXPECT_EQ(summary(example_run(), {}).find('\x1b'), std::string::npos);
    EXPECT_TRUE(summary(example_run(), {.colour = true}).starts_with("\x1b[1;32mVALID\x1b[0m: "));
}

TEST(Summary, OfARunWithoutAScenarioStillReads) {
    const std::string text = summary(RunResult{}, {});
    EXPECT_NE(text.find("the embedded registrar"), std::string::npos);
    EXPECT_EQ(text.find("failed "), std::string::npos);
}

TEST(Failures, AreExplained) {
    EXPECT_EQ(explain_failure("timeout", "192.0.2.1:5060", "32s"),
              "no answer within 32s: is a registrar listening at 192.0.2.1:5060?");
    EXPECT_EQ(explain_failure("transport", "192.0.2.1:5060", "32s"),
              "ICMP port unreachable: nobody listens at 192.0.2.1:5060");
    EXPECT_EQ(explain_failure("401", "", ""),
              "the registrar refuses the credentials: check auth.user and auth.password");
    EXPECT_EQ(explain_failure("423", "", ""),
              "the lifetime is too short for the registrar: raise device.register_expiration");
    EXPECT_EQ(explain_failure("302", "", ""),
              "the registrar sends the phones elsewhere, once more or without a place to go to");
    EXPECT_NE(explain_failure("redirect", "", "").find("device.secondary_registrar"), std::string::npos);
    EXPECT_EQ(explain_failure("499", "", ""), "the registrar refuses the request");
    EXPECT_EQ(explain_failure("599", "", ""), "the registrar has a problem of its own");
    EXPECT_EQ(explain_failure("603", "", ""), "the registrar refuses the users everywhere");
    EXPECT_EQ(explain_failure("something_new", "", ""), "");
}

ProgressSample half_way() {
    return {.elapsed_s = 12,
            .endpoints = 10'000,
            .registered = 5'000,
            .per_second = 1'234.6,
            .in_flight = 12,
            .failed = 3,
            .retransmitted = 7,
            .left_s = 8,
            .rrd_p50_us = 120,
            .rrd_p90_us = 300,
            .rrd_p99_us = 1'250,
            .rrd_p999_us = 2'000,
            .rrd_max_us = 2'500,
            .codes = {{200, 5'000}, {401, 5'100}, {503, 3}},
            .lag_p99_us = 4.5,
            .lost = 1,
            .missed_slots = 2,
            .keys = true};
}

TEST(ProgressScreen, SaysEverythingWhereThereIsRoom) {
    const std::vector<std::string> expected{
        "[####################....................]  5,000/10,000 registered  12 s, 8.0 s left",
        "  rate      1,234/s   in flight 12   failed 3   sent again 7",
        "  delay     p50 120 us   p90 300 us   p99 1.25 ms   p99.9 2 ms   max 2.5 ms",
        "  answers   401 5,100   200 5,000   503 3",
        "  generator send lag p99 4.5 us   lost here 1   slots missed 2",
        "  keys      p pause or go on   + faster   - slower   q stop"};
    EXPECT_EQ(progress_screen(half_way(), 86), expected);
}

TEST(ProgressScreen, NeverReachesTheLastColumn) {
    for (std::uint32_t columns = 20; columns < 200; ++columns) {
        for (const std::string& line : progress_screen(half_way(), columns)) {
            EXPECT_LT(line.size(), columns) << line;
        }
    }
    EXPECT_EQ(progress_screen(half_way(), 40)[0], "5,000/10,000 registered");
    EXPECT_EQ(progress_screen(half_way(), 40)[2], "  delay     p50 120 us   p90 300 us");
}

TEST(ProgressScreen, TakesAnySample) {
    EXPECT_TRUE(progress_screen({}, 80)[0].starts_with("[......"));
    EXPECT_TRUE(progress_screen({.endpoints = 10, .registered = 50, .per_second = -1}, 80)[0].starts_with("[########"));
    EXPECT_EQ(progress_screen({.rrd_p50_us = std::nan("")}, 80)[2].substr(0, 17), "  delay     p50 -");
}

TEST(ProgressRow, IsOneLineForLogs) {
    EXPECT_EQ(progress_row(half_way()),
              "    12 s  5,000/10,000 registered  1,234/s  failed 3  in flight 12  p99 1.25 ms  8.0 s left");
    ProgressSample paused = half_way();
    paused.phase = "paused";
    EXPECT_TRUE(progress_row(paused).ends_with("  paused"));
}

TEST(ProgressMode, FollowsTerminalAndOptions) {
    const Terminal tty{.interactive = true};
    EXPECT_EQ(Progress::mode_for({}, tty), Progress::Mode::redraw);
    EXPECT_EQ(Progress::mode_for({}, {}), Progress::Mode::rows);
    EXPECT_EQ(Progress::mode_for({.quiet = true}, tty), Progress::Mode::none);
    EXPECT_EQ(Progress::mode_for({.progress = false}, tty), Progress::Mode::none);
}

std::string shown(Progress::Mode mode) {
    std::FILE* file = std::tmpfile();
    {
        Progress progress(file, mode, 40);
        progress.show(half_way());
        progress.show(half_way());
    }
    std::rewind(file);
    char text[4096];
    const std::size_t size = std::fread(text, 1, sizeof text, file);
    std::fclose(file);
    return {text, size};
}

TEST(Progress, IsRedrawnOnATerminalAndClearedAtTheEnd) {
    const std::string drawn = shown(Progress::Mode::redraw);
    EXPECT_TRUE(drawn.starts_with("\r5,000/10,000 registered\x1b[K\n  rate      1,234/s")) << drawn;
    const std::size_t again = drawn.find("\r\x1b[5A5,000/10,000");
    EXPECT_NE(again, std::string::npos) << "six lines: five up, and the first one again";
    EXPECT_TRUE(drawn.ends_with("\r\x1b[5A\x1b[J")) << "then cleared";
}

TEST(Progress, IsOneRowPerIntervalElsewhere) {
    const std::string row =
        "    12 s  5,000/10,000 registered  1,234/s  failed 3  in flight 12  p99 1.25 ms  8.0 s left\n";
    EXPECT_EQ(shown(Progress::Mode::rows), row + row);
}

TEST(Progress, IsNothingWhenQuiet) { EXPECT_EQ(shown(Progress::Mode::none), ""); }

TEST(Terminals, AreNotColouredWhenTheyAreFiles) {
    std::FILE* file = std::tmpfile();
    const Terminal terminal = describe_terminal(fileno(file));
    EXPECT_FALSE(terminal.interactive);
    EXPECT_FALSE(terminal.colour);
    EXPECT_EQ(terminal.columns, 80U);
    std::fclose(file);
}

/// A pseudo-terminal, which is one as far as isatty() can tell.
class Pseudo {
  public:
    Pseudo() : fd_(posix_openpt(O_RDWR | O_NOCTTY)) {}
    ~Pseudo() { close(fd_); }
    [[nodiscard]] int fd() const { return fd_; }

  private:
    int fd_;
};

TEST(Terminals, HonourNoColorAndDumbOnes) {
    const Pseudo pseudo;
    ASSERT_GE(pseudo.fd(), 0);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    EXPECT_TRUE(describe_terminal(pseudo.fd()).colour);
    setenv("NO_COLOR", "", 1);  // set but empty does not count (no-color.org)
    EXPECT_TRUE(describe_terminal(pseudo.fd()).colour);
    setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(describe_terminal(pseudo.fd()).colour);
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    EXPECT_FALSE(describe_terminal(pseudo.fd()).colour);
}

}  // namespace
}  // namespace regstorm::report
