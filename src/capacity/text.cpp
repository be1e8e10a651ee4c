// SPDX-License-Identifier: Apache-2.0
// The search for people: one line per trial while it goes, and the finding with its reasons at the end.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "regstorm/capacity/result.hpp"
#include "regstorm/report/summary.hpp"
#include "regstorm/report/terminal.hpp"

namespace regstorm::capacity {
namespace {

std::string rate_text(double rate) { return report::with_separators(static_cast<std::uint64_t>(rate)) + " per second"; }

std::string row(std::string_view name, std::string_view text) { return fmt::format("  {:<15} {}\n", name, text); }

std::string limit_text(const Finding& finding) {
    switch (finding.limit) {
        case Limit::registrar:
            return "the registrar";
        case Limit::generator:
            return "the generator: the registrar may well hold more";
        case Limit::rate_max:
            return "capacity.rate_max: nothing broke up to there";
        case Limit::aors:
            return "capacity.aors: a trial at a higher rate needs more of them; nothing broke up to there";
        case Limit::nothing:
            return "not even the lowest rate held";
        case Limit::unfinished:
            break;
    }
    return "the search was cut short: what it found is a lower bound";
}

std::string trials_text(const CapacityResult& result) {
    return fmt::format("{} in {}", result.trials.size(), report::span_text(result.seconds));
}

/// Why nothing held: what most registrations of the last trial ended in. A search that finds no rate at all has met a
/// wrong address or password more often than a slow registrar.
std::string reason_text(const CapacityResult& result) {
    if (result.trials.empty()) {
        return {};
    }
    const report::Registrations& last = result.trials.back().registrations;
    if (last.failed_by.empty()) {
        return last.abandoned == 0 ? std::string()
                                   : fmt::format("{} without an answer: is a registrar listening at {}?",
                                                 report::with_separators(last.abandoned), result.registrar);
    }
    const auto& [cause, count] =
        *std::ranges::max_element(last.failed_by, {}, [](const auto& by) { return by.second; });
    return fmt::format("{} by {}: {}", report::with_separators(count), cause,
                       report::explain_failure(cause, result.registrar, "Timer F"));
}

std::string rate_or_none(const std::optional<double>& rate) {
    return rate ? fmt::format("{} registrations/s", report::with_separators(static_cast<std::uint64_t>(*rate)))
                : "not measured";
}

/// The form of section 5, as far as it is about registrations.
std::string form_text(const Rfc7502Form& form) {
    return "\nRFC 7502 report\n" + row("transport", form.transport) +
           row("attempts", report::with_separators(form.attempts) + " per trial, zero failures") +
           row("threshold", fmt::format("{:g} s (establishment threshold time)", form.establishment_threshold_s)) +
           row("security", form.security) + row("test bed", rate_or_none(form.baseline) + " without the device (6.1)") +
           row("registration", rate_or_none(form.registration_rate) + " (6.7)") +
           row("re-registration", rate_or_none(form.re_registration_rate) + " (6.8)") + row("notes", form.notes);
}

}  // namespace

std::string trial_text(const Trial& trial) {
    const report::Registrations& registrations = trial.registrations;
    const std::uint64_t lost = registrations.failed + registrations.abandoned;
    std::string text =
        fmt::format("{:<15} {:>22}  {}", to_text(trial.stage), rate_text(trial.rate), to_text(trial.fate));
    if (trial.fate == Fate::broke && !trial.broke.empty()) {
        return text + ": " + trial.broke;
    }
    if (trial.fate == Fate::generator_limited) {
        return text + ": " + trial.limited;
    }
    return text + fmt::format(": {} of {} lost, p99 {}", report::with_separators(lost),
                              report::with_separators(registrations.attempted), report::delay_text(trial.rrd_us.p99));
}

std::string summary(const CapacityResult& result, const std::string& result_path) {
    const Finding& finding = result.finding;
    std::string out = finding.held.rate > 0
                          ? fmt::format("CAPACITY: {} registrations per second\n\n",
                                        report::with_separators(static_cast<std::uint64_t>(finding.held.rate)))
                          : std::string("CAPACITY: none found\n\n");
    if (!result.rfc7502) {
        out += row("goal", result.goal);
    }
    if (finding.held.rate > 0) {
        out += row("held", fmt::format("{} of {} trials; one more would with a chance of {:.0f}%", finding.held.held,
                                       finding.held.trials(), finding.confidence * 100));
    }
    if (finding.next.rate > 0) {
        out += row("next step", fmt::format("{}: {} of {} trials did not hold", rate_text(finding.next.rate),
                                            finding.next.against(), finding.next.trials()));
    }
    if (!result.broke_first.empty()) {
        out += row("broke first", result.broke_first);
    }
    out += row("limit", limit_text(finding));
    if (const std::string reason = reason_text(result); finding.limit == Limit::nothing && !reason.empty()) {
        out += row("failed", reason);
    }
    out += row("registrar", fmt::format("{} over {}", result.registrar, result.port));
    out += row("trials", trials_text(result));
    if (result.rfc7502) {
        out += form_text(*result.rfc7502);
    }
    if (!result_path.empty()) {
        out += row("result", result_path);
    }
    return out;
}

}  // namespace regstorm::capacity
