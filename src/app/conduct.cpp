// SPDX-License-Identifier: Apache-2.0
#include "app/conduct.hpp"

#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "regstorm/cluster/hand.hpp"
#include "regstorm/cluster/head.hpp"
#include "regstorm/cluster/words.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::app {
namespace {

/// Takes the text off that stands behind its length.
bool cut(std::string_view& bytes, std::string_view& text) {
    std::uint32_t length = 0;
    if (bytes.size() < sizeof length) {
        return false;
    }
    std::memcpy(&length, bytes.data(), sizeof length);
    if (bytes.size() < sizeof length + length) {
        return false;
    }
    text = bytes.substr(sizeof length, length);
    bytes.remove_prefix(sizeof length + length);
    return true;
}

void append(std::string& bytes, std::string_view text) {
    const auto length = static_cast<std::uint32_t>(text.size());
    bytes.append(reinterpret_cast<const char*>(&length), sizeof length).append(text);
}

}  // namespace

Outcome conduct(std::span<engine::Mailbox* const> mailboxes, const Schedule& schedule, const Watch& watch) {
    if (watch.hand != nullptr) {
        watch.hand->run(mailboxes, watch.interruptions);
        return {};
    }
    std::vector<engine::Mailbox*> all(mailboxes.begin(), mailboxes.end());
    Controller::Carry carry;
    if (watch.head != nullptr) {
        const std::vector<engine::Mailbox*> others = watch.head->mailboxes();
        all.insert(all.end(), others.begin(), others.end());
        carry = [&head = *watch.head] { head.carry(timer::SystemClock{}.now_ns()); };
    }
    return Controller(all, schedule, watch.observer, watch.interruptions, watch.encore, watch.steer, carry).run();
}

std::vector<WorkerReport> gather(const std::vector<WorkerReport>& own, const Watch& watch) {
    std::vector<WorkerReport> reports = own;
    for (std::uint32_t worker = 0; watch.hand != nullptr && worker < own.size(); ++worker) {
        watch.hand->report(worker, to_bytes(own[worker]));
    }
    if (watch.head == nullptr) {
        return reports;
    }
    for (const cluster::Head::Report& sent : watch.head->collect()) {
        // Of one that is lost nothing is known, also not that it lacked huge pages.
        WorkerReport report{.failure = sent.failure, .environment = !sent.failure.empty(), .huge_pages = true};
        static_cast<void>(from_bytes(sent.bytes, report));
        if (!report.failure.empty()) {
            report.failure = fmt::format("rank {} on {}: {}", sent.of.rank, sent.of.host, report.failure);
        }
        reports.push_back(std::move(report));
    }
    return reports;
}

std::string to_bytes(const WorkerReport& report) {
    std::string bytes;
    append(bytes, nlohmann::json{{"failure", report.failure},
                                 {"environment", report.environment},
                                 {"hot_bytes", report.hot_bytes},
                                 {"huge_pages", report.huge_pages},
                                 {"groups", report.breakdown.groups()}}
                      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    for (std::uint32_t group = 0; group < report.breakdown.groups(); ++group) {
        for (std::uint32_t outcome = 0; outcome < stats::outcome_count; ++outcome) {
            append(bytes, cluster::pack(report.breakdown.of(group, static_cast<stats::Outcome>(outcome))));
        }
    }
    return bytes;
}

bool from_bytes(std::string_view bytes, WorkerReport& report) {
    std::string_view text;
    if (!cut(bytes, text)) {
        return false;
    }
    const nlohmann::json read = nlohmann::json::parse(text, nullptr, false);
    if (!read.is_object()) {
        return false;
    }
    report.failure = read.value("failure", "");
    report.environment = read.value("environment", false);
    report.hot_bytes = read.value("hot_bytes", std::size_t{0});
    report.huge_pages = read.value("huge_pages", false);
    report.breakdown = stats::Breakdown(read.value("groups", std::uint32_t{1}));
    for (std::uint32_t group = 0; group < report.breakdown.groups(); ++group) {
        for (std::uint32_t outcome = 0; outcome < stats::outcome_count; ++outcome) {
            stats::Histogram delays;
            if (!cut(bytes, text) || !cluster::unpack(text, delays)) {
                return false;
            }
            report.breakdown.merge(group, static_cast<stats::Outcome>(outcome), delays);
        }
    }
    return true;
}

}  // namespace regstorm::app
