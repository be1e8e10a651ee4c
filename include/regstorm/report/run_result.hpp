// SPDX-License-Identifier: Apache-2.0
// Everything a run found out, as plain data: what result.json, the summary and every later report are made from.
// src/report/RESULT.md says what each field means; a test holds the two together. The controller fills it in once,
// when the workers have stopped.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regstorm/report/recovery.hpp"

namespace regstorm::report {

enum class Status : std::uint8_t { valid, generator_limited, aborted };

struct Verdict {
    Status status = Status::valid;
    std::vector<std::string> reasons{};  ///< sentences; empty when valid
};

/// One of report.fail_if, held against the run.
struct Criterion {
    std::string text{};  ///< "rrd_p99 > 50ms"
    std::optional<double>
        value{};             ///< in the figure's unit (config/criteria.hpp); nothing: there was nothing to measure
    std::string measured{};  ///< the value for people: "61.2 ms"
    bool passed = false;
};

/// Where the phones stand at the end. total = registered + pending + failed.
struct Endpoints {
    std::uint64_t total = 0;
    std::uint64_t registered = 0;
    std::uint64_t pending = 0;  ///< no outcome yet, or none any more: waiting, in flight, removed
    std::uint64_t failed = 0;   ///< last attempt failed
};

/// Initial registrations and refreshes, each counted once whatever its challenges.
/// attempted = succeeded + failed + abandoned; failed = sum of failed_by.
struct Registrations {
    std::uint64_t attempted = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t abandoned = 0;                       ///< still without outcome when the run ended
    std::uint64_t redirected = 0;                      ///< 3xx that were followed
    std::uint64_t failed_over = 0;                     ///< failures that made a phone turn to its other registrar
    double per_second = 0;                             ///< succeeded per second of the run
    std::map<std::string, std::uint64_t> failed_by{};  ///< "404", "timeout", "transport", ...
};

/// attempted = succeeded + failed.
struct Removals {
    std::uint64_t attempted = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
};

/// Transactions beside the registrations: un-registrations before the first one of a boot, or subscriptions.
/// attempted = succeeded + failed + abandoned.
struct Attempts {
    std::uint64_t attempted = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t abandoned = 0;
};

/// OPTIONS keep-alives. sent = answered + lost + abandoned.
struct Options {
    std::uint64_t sent = 0;  ///< retransmissions not included
    std::uint64_t answered = 0;
    std::uint64_t lost = 0;
    std::uint64_t abandoned = 0;
    std::uint64_t lines_lost = 0;  ///< new registrations because of too many lost in a row
};

/// Datagrams. Everything received is in exactly one of the counters below `retransmitted`.
struct Messages {
    std::uint64_t sent = 0;  ///< retransmissions included
    std::uint64_t received = 0;
    std::uint64_t retransmitted = 0;
    /// Of them, those that were the first of their request, the second, ...; up to the last that happened.
    std::vector<std::uint64_t> retransmissions{};

    std::uint64_t final = 0;         ///< final responses that ended a transaction
    std::uint64_t provisional = 0;   ///< 1xx of a transaction in progress
    std::uint64_t stray = 0;         ///< responses with a branch that no transaction of this run has
    std::uint64_t late = 0;          ///< responses to a transaction that had timed out
    std::uint64_t duplicate = 0;     ///< repeated final responses
    std::uint64_t mismatched = 0;    ///< our branch, but CSeq, Call-ID or tag of something else
    std::uint64_t multiple_via = 0;  ///< responses with more than one Via: not for us (RFC 3261 8.1.3.3)
    std::uint64_t malformed = 0;
    std::uint64_t oversized = 0;
    std::uint64_t requests = 0;          ///< requests that the registrar sent us
    std::uint64_t keep_alive_bytes = 0;  ///< datagrams of CRLF, NUL or STUN
    std::uint64_t unreachable = 0;       ///< ICMP errors
};

/// Of one histogram, in microseconds.
struct DelaySummary {
    std::uint64_t count = 0;
    double mean = 0;
    double p50 = 0;
    double p90 = 0;
    double p99 = 0;
    double p999 = 0;
    double p9999 = 0;
    double max = 0;
};

/// Delays of the attempts that ended one way: `rrd_us` again for those that succeeded, then the others'.
struct Outcomes {
    DelaySummary succeeded{};
    DelaySummary rejected{};    ///< until the final answer that was no 2xx
    DelaySummary unanswered{};  ///< until Timer F, an ICMP error, or a fault of our own
};

/// Service delays: one REGISTER from its first send to its final answer, as a tool without a schedule would see it. A
/// challenged registration has two.
struct ServiceDelays {
    DelaySummary all{};
    DelaySummary accepted{};    ///< 2xx
    DelaySummary challenged{};  ///< 401, 407
    DelaySummary refused{};     ///< any other
};

struct GroupResult {
    std::string name{};
    std::uint64_t endpoints = 0;
    Outcomes outcomes{};
    ServiceDelays service{};
};

/// The user changed the rate of new attempts while the load ran.
struct RateChange {
    double t_s = 0;         ///< since the first intended registration
    double rate_per_s = 0;  ///< infinite: as fast as it goes
};

/// The generator's own health.
struct Generator {
    DelaySummary send_lag_us{};  ///< actual minus intended time of sending
    std::uint64_t tx_dropped = 0;
    std::uint64_t rx_dropped = 0;
    std::uint64_t rx_other = 0;    ///< frames and datagrams for others
    std::uint64_t rx_bad = 0;      ///< with a wrong checksum or length
    std::uint64_t rx_crossed = 0;  ///< arrived at another worker's queue and were handed over
    std::uint64_t missed_slots = 0;
    std::uint64_t read_late = 0;      ///< datagrams that may have waited here for longer than the same limit
    std::uint64_t skipped_slots = 0;  ///< of load.cycle: the phone was busy or waited after a failure
    std::vector<double> busy{};       ///< per worker, 0 to 1
    double longest_gap_us = 0;        ///< longest time between two polls of one worker
    bool huge_pages = false;
    std::uint64_t memory_bytes = 0;  ///< hot memory of all workers
};

/// One process of a run on several machines.
struct Rank {
    std::uint32_t rank = 0;
    std::string host{};
    bool lost = false;  ///< it went away; its figures are the last that were known
    Verdict verdict{};  ///< of it alone: of a rank that is lost, aborted
    std::uint64_t endpoints = 0;
    Registrations registrations{};
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    Generator generator{};
};

/// One interval. `registered` and the delays are levels; the counts are of this interval alone.
struct SeriesRow {
    double t_s = 0;  ///< end of the interval
    std::uint64_t registered = 0;
    std::uint64_t clearings = 0;  ///< un-registrations before the first registration of a boot, started
    std::uint64_t attempted = 0;
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t retransmitted = 0;
    double rrd_p50_us = 0;
    double rrd_p99_us = 0;
    bool stopping = false;  ///< the load is over; not in the JSON
};

struct Machine {
    std::string cpu{};
    std::uint32_t cores = 0;
    std::string kernel{};
};

struct RunResult {
    std::string version{};
    Verdict verdict{};
    std::vector<Criterion> criteria{};
    nlohmann::ordered_json scenario{};  ///< config::to_json()
    double duration_s = 0;
    Endpoints endpoints{};
    Registrations registrations{};
    Attempts clearings{};
    Removals removals{};
    std::uint64_t binding_lost = 0;  ///< 2xx answers that listed bindings, none of them ours
    Options options{};
    Attempts subscriptions{};
    Messages messages{};
    std::map<unsigned, std::uint64_t> responses{};  ///< final responses by status; sums to messages.final
    DelaySummary options_rtt_us{};
    Outcomes outcomes_us{};
    ServiceDelays service_us{};
    std::vector<GroupResult> groups{};  ///< in the order of the scenario; of a run without groups none
    DelaySummary rrd_us{};              ///< registration request delay from the intended time (RFC 6076 4.1)
    Generator generator{};
    std::vector<Rank> ranks{};  ///< of a run in one process none
    std::vector<SeriesRow> series{};
    std::vector<RateChange> rate_changes{};
    std::vector<Recovery> recoveries{};  ///< of every outage that the series shows
    double bytes_per_endpoint = 0;
    Machine machine{};
};

inline constexpr std::string_view result_schema = "regstorm.result/1";

[[nodiscard]] std::string_view to_text(Status status);
[[nodiscard]] nlohmann::ordered_json to_json(const RunResult& result);
/// Writes it to `path`, or to standard output for "-". Returns what went wrong, or nothing.
[[nodiscard]] std::string write_result(const RunResult& result, const std::string& path);
/// The same for any text.
[[nodiscard]] std::string write_text(std::string_view text, const std::string& path);

/// The sums that do not hold, one sentence each. A run that has any has a bug.
[[nodiscard]] std::vector<std::string> check_sums(const RunResult& result);

/// This machine, from /proc and uname.
[[nodiscard]] Machine this_machine();

}  // namespace regstorm::report
