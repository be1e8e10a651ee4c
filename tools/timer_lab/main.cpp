// SPDX-License-Identifier: Apache-2.0
// timer-lab: what timers cost under the loads that registrations make, facility beside facility.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>

#include "output.hpp"

namespace regstorm::timer_lab {
namespace {

struct Wish {
    std::vector<std::string> workloads;
    std::vector<std::string> facilities;
    std::vector<std::uint64_t> timers{1000, 100'000, 1'000'000};
    std::uint64_t operations = 200'000;
    std::uint64_t seed = 1;
    std::string replay;
    std::string json;
    std::string csv;
    std::string html;
    bool list = false;
};

bool wanted(const std::vector<std::string>& names, const std::string& name) {
    return names.empty() || std::ranges::find(names, name) != names.end();
}

void list() {
    fmt::print("workloads\n");
    for (const Workload& workload : workloads()) {
        fmt::print("  {:<16}{}\n", workload.name, workload.note);
    }
    fmt::print("facilities\n");
    for (const Facility& facility : facilities()) {
        fmt::print("  {:<16}{}\n", facility.name, facility.note);
    }
}

void measure_all(const std::string& workload, const Script& script, const Wish& wish,
                 std::vector<Measurement>& measurements) {
    for (const Facility& facility : facilities()) {
        if (!wanted(wish.facilities, facility.name)) {
            continue;
        }
        fmt::print(stderr, "{}, {} timers: {}\n", workload, script.timers, facility.name);
        measurements.push_back(facility.measure(script));
        measurements.back().workload = workload;
        measurements.back().seed = wish.seed;
    }
}

void write(const std::string& path, const std::string& text) {
    if (path.empty()) {
        return;
    }
    std::ofstream file(path);
    if (!(file << text).flush()) {
        throw std::runtime_error(fmt::format("cannot write {}", path));
    }
}

int run(const Wish& wish) {
    std::vector<Measurement> measurements;
    if (!wish.replay.empty()) {
        measure_all("replay", read_trace(wish.replay), wish, measurements);
    }
    for (const Workload& workload : workloads()) {
        if (wish.replay.empty() ? !wanted(wish.workloads, workload.name)
                                : wish.workloads.empty() || !wanted(wish.workloads, workload.name)) {
            continue;
        }
        for (const std::uint64_t timers : wish.timers) {
            measure_all(workload.name, workload.make({static_cast<std::uint32_t>(timers), wish.operations, wish.seed}),
                        wish, measurements);
        }
    }
    fmt::print("{}", text_table(measurements));
    write(wish.json, to_json(measurements));
    write(wish.csv, to_csv(measurements));
    write(wish.html, to_html(measurements));
    return 0;
}

std::vector<std::string> names(auto&& items) {
    std::vector<std::string> found;
    found.reserve(std::size(items));
    for (const auto& item : items) {
        found.emplace_back(item.name);
    }
    return found;
}

}  // namespace
}  // namespace regstorm::timer_lab

int main(int argc, char** argv) {
    using namespace regstorm::timer_lab;
    Wish wish;
    CLI::App app{"What timers cost under the loads that registrations make, facility beside facility.", "timer-lab"};
    app.add_option("--workload", wish.workloads, "only these; all when none is named")
        ->check(CLI::IsMember(names(workloads())));
    app.add_option("--facility", wish.facilities, "only these; all when none is named")
        ->check(CLI::IsMember(names(facilities())));
    app.add_option("--timers", wish.timers, "how many, as in 1k,1M; several are compared")
        ->delimiter(',')
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, std::uint64_t>{{"k", 1000}, {"M", 1'000'000}}))
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{100'000'000}));
    app.add_option("--operations", wish.operations, "timers set, unset and fired in a run, about")
        ->transform(CLI::AsNumberWithUnit(std::map<std::string, std::uint64_t>{{"k", 1000}, {"M", 1'000'000}}));
    app.add_option("--seed", wish.seed, "of everything random");
    app.add_option("--replay", wish.replay, "a recording of regstorm run --record-timers, in place of the workloads")
        ->check(CLI::ExistingFile);
    app.add_option("--json", wish.json, "write the figures there");
    app.add_option("--csv", wish.csv, "write the figures there");
    app.add_option("--html", wish.html, "write a page with charts there");
    app.add_flag("--list", wish.list, "workloads and facilities, each in a line");
    CLI11_PARSE(app, argc, argv);
    try {
        if (wish.list) {
            list();
            return 0;
        }
        return run(wish);
    } catch (const std::exception& error) {
        fmt::print(stderr, "timer-lab: {}\n", error.what());
        return 4;
    }
}
