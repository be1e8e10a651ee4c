// SPDX-License-Identifier: Apache-2.0
#include "app/evidence.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "app/commands.hpp"
#include "regstorm/report/evidence.hpp"

namespace regstorm::app {
namespace {

/// So many datagrams are looked at for each failure wanted, within 52 MB per worker.
constexpr std::uint32_t searched_per_failure = 32;
constexpr std::uint32_t searched_max = 32'768;

/// The phone with this number, counted from 1, if it is this worker's.
base::EndpointIndex index_on(const engine::WorkerPlan& worker, std::uint32_t number) {
    const bool here = number > worker.first_number && number <= worker.first_number + worker.endpoints;
    return here ? number - 1 - worker.first_number : engine::no_phone;
}

report::Packet packet_of(const engine::Tapped& tapped) {
    return {.at_ns = tapped.at_ns,
            .size = tapped.size,
            .out = tapped.out,
            .frame = tapped.local == base::SocketAddress{},
            .local = tapped.local,
            .remote = tapped.remote,
            .bytes = tapped.bytes()};
}

}  // namespace

std::vector<engine::TapPlan> make_taps(const config::Evidence& evidence,
                                       const std::vector<engine::WorkerPlan>& workers) {
    std::vector<engine::TapPlan> taps;
    if (evidence.capture.empty() && evidence.trace == 0) {
        return taps;
    }
    for (const engine::WorkerPlan& worker : workers) {
        engine::TapPlan tap{.slots = evidence.first,
                            .keep_last = evidence.failures,
                            .only = index_on(worker, evidence.endpoint),
                            .trace = index_on(worker, evidence.trace),
                            .salt = worker.salt};
        if (evidence.failures) {
            tap.slots = std::max(evidence.first, std::min(searched_per_failure * evidence.first, searched_max));
        }
        if (evidence.capture.empty() || (evidence.endpoint != 0 && tap.only == engine::no_phone)) {
            tap.slots = 0;
        }
        taps.push_back(tap);
    }
    return taps;
}

std::string capture_of(const config::Evidence& evidence, const Driven& driven) {
    std::vector<report::Packet> packets;
    for (const auto& recorder : driven.recorders) {
        std::ranges::transform(recorder->sample(), std::back_inserter(packets),
                               [](const engine::Tapped* tapped) { return packet_of(*tapped); });
    }
    std::ranges::stable_sort(packets, {}, &report::Packet::at_ns);
    if (evidence.failures) {
        packets = report::failures_of(packets);
        packets.erase(packets.begin(), packets.end() - std::min<std::ptrdiff_t>(evidence.first, std::ssize(packets)));
    }
    packets.resize(std::min<std::size_t>(packets.size(), evidence.first));
    return report::pcapng(packets, fmt::format("regstorm {}", version()));
}

std::string trace_of(const config::Evidence& evidence, const Driven& driven) {
    if (evidence.trace == 0) {
        return {};
    }
    std::vector<report::Packet> packets;
    for (const auto& recorder : driven.recorders) {
        std::ranges::transform(recorder->trace(), std::back_inserter(packets), packet_of);
    }
    return report::ladder(packets, fmt::format("phone {} of the run", evidence.trace));
}

}  // namespace regstorm::app
