// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/summary.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "regstorm/config/values.hpp"
#include "regstorm/report/terminal.hpp"

namespace regstorm::report {
namespace {

constexpr std::size_t failures_shown_max = 10;

std::string colour_of(Status status) {
    switch (status) {
        case Status::valid:
            return "\x1b[1;32m";
        case Status::generator_limited:
            return "\x1b[1;33m";
        case Status::aborted:
            return "\x1b[1;31m";
    }
    return {};
}

std::string_view verdict_word(Status status) {
    switch (status) {
        case Status::valid:
            return "VALID";
        case Status::generator_limited:
            return "GENERATOR-LIMITED";
        case Status::aborted:
            return "ABORTED";
    }
    return {};
}

std::string_view verdict_meaning(Status status) {
    switch (status) {
        case Status::valid:
            return "the figures describe the registrar";
        case Status::generator_limited:
            return "the figures describe this machine, not the registrar";
        case Status::aborted:
            return "the run did not come to its end";
    }
    return {};
}

/// "a 1   b 2", leaving out what is zero.
std::string nonzero(std::initializer_list<std::pair<std::string_view, std::uint64_t>> counts) {
    std::vector<std::string> parts;
    for (const auto& [name, count] : counts) {
        if (count != 0) {
            parts.push_back(fmt::format("{} {}", name, with_separators(count)));
        }
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string rate_text(double per_second) {
    if (!std::isfinite(per_second)) {
        return "max";
    }
    return per_second < 100 ? fmt::format("{:.3g}", per_second)
                            : with_separators(static_cast<std::uint64_t>(std::llround(per_second)));
}

class Page {
  public:
    Page(const RunResult& result, const SummaryStyle& style) : result_(result), style_(style) {}

    std::string write() {
        verdict();
        criteria();
        population();
        traffic();
        failures();
        generator();
        if (!style_.result_path.empty()) {
            row("result", style_.result_path);
        }
        return std::move(text_);
    }

  private:
    void line(std::string_view text) { text_ += fmt::format("{}\n", text); }
    void row(std::string_view name, std::string_view text) {
        if (!text.empty()) {
            line(fmt::format("  {:<15} {}", name, text));
        }
    }

    /// A value of the resolved scenario, or `otherwise` when the result was made without one.
    std::string setting(const char* group, const char* key, std::string_view otherwise) const {
        const auto found = result_.scenario.find(group);
        const bool there = found != result_.scenario.end() && found->contains(key) && (*found)[key].is_string();
        return there ? (*found)[key].get<std::string>() : std::string(otherwise);
    }

    std::string target() const {
        const std::string named = setting("run", "target", "none");
        return named == "none" ? "the embedded registrar" : named;
    }

    void verdict() {
        const Status status = result_.verdict.status;
        const std::string word(verdict_word(status));
        line((style_.colour ? colour_of(status) + word + "\x1b[0m" : word) + ": " +
             std::string(verdict_meaning(status)));
        for (const std::string& reason : result_.verdict.reasons) {
            line("  - " + reason);
        }
        line("");
    }

    void criteria() {
        for (const Criterion& criterion : result_.criteria) {
            const std::string_view word = criterion.passed ? "passed" : "FAILED";
            const std::string_view colour = criterion.passed ? "32" : "1;31";
            const std::string shown =
                style_.colour ? fmt::format("\x1b[{}m{}\x1b[0m", colour, word) : std::string(word);
            line(fmt::format("  {}  fails if {}: {}", shown, criterion.text, criterion.measured));
        }
        if (!result_.criteria.empty()) {
            line("");
        }
    }

    void population() {
        const Endpoints& endpoints = result_.endpoints;
        const Registrations& registrations = result_.registrations;
        const Removals& removals = result_.removals;
        row("registrar",
            fmt::format("{} over {}, {}", target(), setting("run", "port", "?"), span_text(result_.duration_s)));
        row("endpoints", fmt::format("{} of {} registered{}", with_separators(endpoints.registered),
                                     with_separators(endpoints.total),
                                     suffix(nonzero({{"pending", endpoints.pending}, {"failed", endpoints.failed}}))));
        row("registrations", fmt::format("{} succeeded, {} per second{}", with_separators(registrations.succeeded),
                                         rate_text(registrations.per_second),
                                         suffix(nonzero({{"failed", registrations.failed},
                                                         {"abandoned", registrations.abandoned},
                                                         {"redirected", registrations.redirected},
                                                         {"failed over", registrations.failed_over}}))));
        if (removals.attempted != 0) {
            row("removals", fmt::format("{} of {} succeeded", with_separators(removals.succeeded),
                                        with_separators(removals.attempted)));
        }
        if (const auto& changes = result_.rate_changes; !changes.empty()) {
            row("by hand", fmt::format("rate changed {} time{}, last at {} to {}/s", changes.size(),
                                       changes.size() == 1 ? "" : "s", span_text(changes.back().t_s),
                                       rate_text(changes.back().rate_per_s)));
        }
        delays("delay", result_.rrd_us);
        delays("service", result_.service_us.all);
        for (const Recovery& recovery : result_.recoveries) {
            row("recovery", recovery_text(recovery));
        }
        beside("cleared first", result_.clearings);
        beside("subscriptions", result_.subscriptions);
        const Options& options = result_.options;
        if (options.sent != 0) {
            row("keep-alives",
                fmt::format("{} of {} answered{}", with_separators(options.answered), with_separators(options.sent),
                            suffix(nonzero({{"lost", options.lost}, {"lines lost", options.lines_lost}}))));
            delays("", result_.options_rtt_us);
        }
    }

    /// "away from 10 s to 40 s; back: 50% in 1.2 s, 90% in 20 s, 99% not in this run"
    static std::string recovery_text(const Recovery& recovery) {
        std::string text =
            fmt::format("away from {} to {}; back:", span_text(recovery.from_s), span_text(recovery.until_s));
        for (std::size_t i = 0; i < recovery_shares.size(); ++i) {
            const std::optional<double>& after_s = recovery.registered_after_s[i];
            text += fmt::format("{} {}% {}", i == 0 ? "" : ",", recovery_shares[i],
                                after_s ? "in " + span_text(*after_s) : "not in this run");
        }
        return text;
    }

    void beside(std::string_view name, const Attempts& attempts) {
        if (attempts.attempted != 0) {
            row(name, fmt::format("{} of {} succeeded{}", with_separators(attempts.succeeded),
                                  with_separators(attempts.attempted), suffix(nonzero({{"failed", attempts.failed}}))));
        }
    }

    static std::string suffix(const std::string& text) { return text.empty() ? text : ", " + text; }

    void delays(std::string_view name, const DelaySummary& delay) {
        if (delay.count != 0) {
            row(name,
                fmt::format("p50 {}, p90 {}, p99 {}, p99.9 {}, max {}", delay_text(delay.p50), delay_text(delay.p90),
                            delay_text(delay.p99), delay_text(delay.p999), delay_text(delay.max)));
        }
    }

    void traffic() {
        const Messages& messages = result_.messages;
        row("messages", fmt::format("{} sent, {} received, {} retransmitted", with_separators(messages.sent),
                                    with_separators(messages.received), with_separators(messages.retransmitted)));
        std::vector<std::string> responses;
        for (const auto& [status, count] : result_.responses) {
            responses.push_back(fmt::format("{}: {}", status, with_separators(count)));
        }
        row("responses", fmt::format("{}", fmt::join(responses, "   ")));
        row("set aside", nonzero({{"stray", messages.stray},
                                  {"late", messages.late},
                                  {"duplicate", messages.duplicate},
                                  {"mismatched", messages.mismatched},
                                  {"multiple Via", messages.multiple_via},
                                  {"malformed", messages.malformed},
                                  {"oversized", messages.oversized},
                                  {"ICMP", messages.unreachable},
                                  {"requests", messages.requests}}));
    }

    void failures() {
        std::vector<std::pair<std::string, std::uint64_t>> causes(result_.registrations.failed_by.begin(),
                                                                  result_.registrations.failed_by.end());
        std::ranges::stable_sort(causes, std::ranges::greater{}, [](const auto& cause) { return cause.second; });
        if (causes.size() > failures_shown_max) {
            causes.resize(failures_shown_max);
        }
        const config::Parsed<config::Duration> t1 = config::parse_duration(setting("device", "t1", "500ms"), {});
        const std::string own = setting("device", "timer_f", "auto");
        const std::string timeout = own == "auto" ? config::to_text(64 * t1.value) : own;
        for (const auto& [cause, count] : causes) {
            const std::string sentence = explain_failure(cause, target(), timeout);
            row("failed",
                fmt::format("{} by {}{}{}", with_separators(count), cause, sentence.empty() ? "" : ": ", sentence));
        }
    }

    void generator() {
        const Generator& generator = result_.generator;
        std::string health = fmt::format("send lag p99 {}", delay_text(generator.send_lag_us.p99));
        if (!generator.busy.empty()) {
            health += fmt::format(", busiest of {} workers {:.0f}%", generator.busy.size(),
                                  *std::ranges::max_element(generator.busy) * 100);
        }
        health += fmt::format(", {} dropped out, {} in, {} slots missed", with_separators(generator.tx_dropped),
                              with_separators(generator.rx_dropped), with_separators(generator.missed_slots));
        if (generator.read_late != 0) {
            health += fmt::format(", {} answers read late", with_separators(generator.read_late));
        }
        row("generator", health);
        if (generator.rx_crossed != 0 && result_.messages.received != 0) {
            row("steering", fmt::format("{:.1f}% of {} datagrams arrived at the queue of their worker",
                                        100.0 - 100.0 * static_cast<double>(generator.rx_crossed) /
                                                    static_cast<double>(result_.messages.received),
                                        with_separators(result_.messages.received)));
        }
        for (const Rank& rank : result_.ranks) {
            row(&rank == result_.ranks.data() ? "ranks" : "", rank_text(rank));
        }
        row("memory", fmt::format("{:.0f} bytes per endpoint, {} huge pages", result_.bytes_per_endpoint,
                                  generator.huge_pages ? "on" : "without"));
    }

    static std::string rank_text(const Rank& rank) {
        const Generator& generator = rank.generator;
        const double busiest = generator.busy.empty() ? 0 : *std::ranges::max_element(generator.busy);
        return fmt::format("{} on {}: {} endpoints, {} succeeded, send lag p99 {}, busiest {:.0f}%{}", rank.rank,
                           rank.host, with_separators(rank.endpoints), with_separators(rank.registrations.succeeded),
                           delay_text(generator.send_lag_us.p99), busiest * 100, rank.lost ? ", LOST" : "");
    }

    const RunResult& result_;
    const SummaryStyle& style_;
    std::string text_;
};

}  // namespace

std::string summary(const RunResult& result, const SummaryStyle& style) { return Page(result, style).write(); }

}  // namespace regstorm::report
