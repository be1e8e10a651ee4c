// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/verdict.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "regstorm/report/terminal.hpp"

namespace regstorm::report {
namespace {

double us(config::Duration duration) { return static_cast<double>(duration.count()) / 1000; }

/// A share as percent, with as many digits as it takes to not look like zero.
std::string percent(double share) { return fmt::format("{:.3g}%", share * 100); }

/// The sentence when `part` of `whole` is more than allowed, or nothing.
std::string beyond(std::uint64_t part, std::uint64_t whole, double allowed, std::string_view what) {
    const double share = whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
    if (part == 0 || share <= allowed) {
        return {};
    }
    return fmt::format("{} of {} {} ({}; allowed {})", with_separators(part), with_separators(whole), what,
                       percent(share), percent(allowed));
}

/// Failures that are the generator's own.
std::uint64_t failed_here(const Registrations& registrations) {
    const auto found = registrations.failed_by.find("store");
    return found == registrations.failed_by.end() ? 0 : found->second;
}

/// What a generator did, the whole run's or one rank's.
struct Work {
    const Generator& generator;
    const Registrations& registrations;
    std::uint64_t sent;
    std::uint64_t received;
};

std::vector<std::string> generator_limits(const Work& work, const config::Limits& limits) {
    std::vector<std::string> reasons;
    const Generator& generator = work.generator;
    if (generator.send_lag_us.p99 > us(limits.send_lag_p99)) {
        reasons.push_back(fmt::format("requests left too late: 99% within {} of their time (allowed {})",
                                      delay_text(generator.send_lag_us.p99), delay_text(us(limits.send_lag_p99))));
    }
    const std::string shares[] = {beyond(generator.missed_slots, work.registrations.attempted, limits.missed_slots,
                                         "planned registrations could not be started in time"),
                                  beyond(generator.read_late, work.received, limits.read_late,
                                         "datagrams may have waited here for more than 10 ms before they were read"),
                                  beyond(generator.tx_dropped, work.sent, limits.tx_dropped,
                                         "datagrams were lost on their way out of this machine"),
                                  beyond(generator.rx_dropped, work.received + generator.rx_dropped, limits.rx_dropped,
                                         "datagrams arrived and were lost in this machine"),
                                  beyond(failed_here(work.registrations), work.registrations.attempted, 0,
                                         "registrations failed because the generator could not keep their challenge")};
    for (const std::string& share : shares) {
        if (!share.empty()) {
            reasons.push_back(share);
        }
    }
    return reasons;
}

}  // namespace

Verdict judge(const Rank& rank, const config::Limits& limits) {
    const Work work{rank.generator, rank.registrations, rank.sent, rank.received};
    Verdict verdict{.reasons = generator_limits(work, limits)};
    if (!verdict.reasons.empty()) {
        verdict.status = Status::generator_limited;
    }
    if (rank.lost) {
        verdict.status = Status::aborted;
        verdict.reasons.insert(verdict.reasons.begin(), fmt::format("rank {} on {} was lost", rank.rank, rank.host));
    }
    return verdict;
}

Verdict judge(const RunResult& result, const config::Limits& limits, std::string_view aborted_by) {
    Verdict verdict;
    // Each rank for itself: one machine that lags is hidden in the sum of many. What ended the run comes first.
    for (const Rank& rank : result.ranks) {
        verdict.status = std::max(verdict.status, rank.verdict.status);
        for (const std::string& reason : rank.verdict.reasons) {
            const bool loss = rank.lost && &reason == rank.verdict.reasons.data();
            verdict.reasons.insert(loss ? verdict.reasons.begin() : verdict.reasons.end(),
                                   loss ? reason : fmt::format("rank {} on {}: {}", rank.rank, rank.host, reason));
        }
    }
    const Work work{result.generator, result.registrations, result.messages.sent, result.messages.received};
    if (const std::vector<std::string> limits_of_all = generator_limits(work, limits);
        verdict.reasons.empty() && !limits_of_all.empty()) {
        verdict = {.status = Status::generator_limited, .reasons = limits_of_all};
    }
    const bool nothing = result.registrations.attempted == 0;
    if (!aborted_by.empty() || nothing) {
        verdict.status = Status::aborted;
        verdict.reasons.insert(verdict.reasons.begin(), aborted_by.empty()
                                                            ? "no registration was attempted"
                                                            : fmt::format("stopped early by {}", aborted_by));
    }
    return verdict;
}

}  // namespace regstorm::report
