// SPDX-License-Identifier: Apache-2.0
// The timer lab: every facility does the same work under the same script, so that their costs can be compared; scripts
// are what they say; recordings are read or refused; figures come out in every form.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "measure.hpp"
#include "output.hpp"
#include "regstorm/timer/recording_wheel.hpp"
#include "script.hpp"

namespace regstorm::timer_lab {
namespace {

/// The plainest facility there is: what the others are held against, and what a user's own looks like.
class Model {
  public:
    static constexpr const char* name = "model";
    static constexpr const char* note = "a map from id to deadline, searched whole";

    Model(std::span<Record>, Tick, Tick) {}
    void arm(std::uint32_t id, Tick when) { deadline_[id] = when; }
    void cancel(std::uint32_t id) { deadline_.erase(id); }
    template <class Fire>
    bool advance(Tick now, Fire&& fire) {
        for (;;) {
            const auto least = std::ranges::min_element(
                deadline_, [](const auto& left, const auto& right) { return left.second < right.second; });
            if (least == deadline_.end() || least->second > now) {
                return true;
            }
            const auto [id, when] = *least;
            deadline_.erase(least);
            fire(id, when);
        }
    }
    [[nodiscard]] std::size_t bytes() const { return deadline_.size(); }

  private:
    std::map<std::uint32_t, Tick> deadline_;
};
static_assert(TimerFacility<Model> && !HasOwnClock<Model>);

class Scratch {
  public:
    explicit Scratch(const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }
    ~Scratch() { std::filesystem::remove(path); }
    const std::string path = testing::TempDir() + "timers-" + std::to_string(getpid());
};

std::string recording(std::vector<timer::TraceEntry> entries, timer::TraceHeader header) {
    header.entries = entries.size();
    std::string bytes(sizeof header + entries.size() * sizeof entries[0], '\0');
    std::memcpy(bytes.data(), &header, sizeof header);
    std::memcpy(bytes.data() + sizeof header, entries.data(), entries.size() * sizeof entries[0]);
    return bytes;
}

timer::TraceEntry entry(timer::TraceKind kind, std::uint32_t id, Tick tick) {
    return {static_cast<std::uint32_t>(kind) << timer::TraceEntry::id_bits | id, tick};
}

TEST(TimerLab, EveryFacilityFiresWhatTheModelFiresAndNothingEarly) {
    for (const Workload& workload : workloads()) {
        const Script script = workload.make({.timers = 300, .operations = 2000, .seed = 7});
        const Measurement expected = measure<Model>(script);
        EXPECT_GT(expected.fired, 0U) << workload.name;
        for (const Facility& facility : facilities()) {
            const Measurement found = facility.measure(script);
            SCOPED_TRACE(std::string(workload.name) + ", " + facility.name);
            EXPECT_EQ(found.count, expected.count);
            EXPECT_EQ(found.lateness_ms.count(), found.fired);
            EXPECT_GT(found.bytes, 0U);
            if (std::string(facility.name) == "rte_timer") {
                continue;  // it fires when the machine's clock says so
            }
            EXPECT_EQ(found.fired, expected.fired);
            EXPECT_EQ(found.early, 0U);
            EXPECT_EQ(found.lateness_ms.max(), expected.lateness_ms.max());
        }
    }
}

TEST(TimerLab, WorkloadsAreWhatTheySay) {
    std::map<std::string, Script> made;
    for (const Workload& workload : workloads()) {
        made[workload.name] = workload.make({.timers = 1000, .operations = 20'000, .seed = 1});
    }
    const auto count = [](const Script& script, Kind kind) {
        return std::ranges::count_if(script.run, [kind](const Operation& done) { return done.kind == kind; });
    };
    EXPECT_EQ(made["refresh"].setup.size(), 1000U);
    EXPECT_TRUE(made["refresh"].again.jitter);
    const Script& storm = made["retransmit"];
    EXPECT_NEAR(static_cast<double>(count(storm, Kind::cancel)) / static_cast<double>(count(storm, Kind::arm)), 0.99,
                0.01);
    std::set<Tick> deadlines;
    for (const Operation& operation : made["bulk"].run) {
        if (operation.kind == Kind::arm) {
            deadlines.insert(operation.tick);
        }
    }
    EXPECT_EQ(deadlines.size(), 1U);
    EXPECT_EQ(made["keep_alive"].again.period_ms, 30'000U);
    EXPECT_GT(count(made["uniform"], Kind::cancel), 1000);
    for (const auto& [name, script] : made) {
        EXPECT_EQ(measure<Model>(script).timers, 1000U) << name;
    }
}

TEST(TimerLab, TheSameSeedMakesTheSameScript) {
    for (const Workload& workload : workloads()) {
        const auto ids = [&](std::uint64_t seed) {
            std::vector<std::uint64_t> found;
            for (const Operation& done : workload.make({.timers = 100, .operations = 1000, .seed = seed}).run) {
                found.push_back(std::uint64_t{done.id} << 32 | done.tick);
            }
            return found;
        };
        EXPECT_EQ(ids(3), ids(3)) << workload.name;
    }
}

TEST(TimerLab, ARecordingIsReplayed) {
    using timer::TraceKind;
    const Scratch file(recording(
        {entry(TraceKind::arm, 0, 1500), entry(TraceKind::arm, 4, 1200), entry(TraceKind::cancel, 0, 0),
         entry(TraceKind::advance, 0, 1300), entry(TraceKind::arm, 4, 1300), entry(TraceKind::advance, 0, 2000)},
        {.timers = 5, .start = 1000}));
    const Script script = read_trace(file.path);
    EXPECT_EQ(script.end, 2000U);
    for (const Facility& facility : facilities()) {
        EXPECT_EQ(facility.measure(script).fired, 2U) << facility.name << ": what was due when it was set fires next";
    }
}

TEST(TimerLab, WhatIsNoRecordingIsRefusedWithItsReason) {
    using timer::TraceKind;
    const auto refusal = [](const std::string& bytes) {
        const Scratch file(bytes);
        try {
            static_cast<void>(read_trace(file.path));
        } catch (const std::runtime_error& error) {
            return std::string(error.what()).substr(file.path.size() + 2);
        }
        return std::string("nothing");
    };
    const timer::TraceHeader header{.timers = 5, .start = 1000};
    const std::string whole = recording({entry(TraceKind::arm, 1, 1100)}, header);
    EXPECT_EQ(refusal(""), "is no recording of timers");
    EXPECT_EQ(refusal("SIP/2.0 200 OK\r\n" + whole), "is no recording of timers");
    EXPECT_EQ(refusal(whole.substr(0, whole.size() - 3)), "is cut: 0 of 1 operations");
    EXPECT_EQ(refusal(recording({entry(TraceKind::arm, 5, 1100)}, header)), "names timer 5 of 5");
    EXPECT_EQ(refusal(recording({entry(TraceKind::advance, 0, 900)}, header)), "goes back in time");
    EXPECT_EQ(refusal(recording({{~0U, 1}}, header)), "holds an operation that is none");
    EXPECT_EQ(refusal(whole), "nothing");
}

TEST(TimerLab, FiguresComeOutInEveryForm) {
    Measurement found = measure<Model>(workloads().front().make({.timers = 10, .operations = 100, .seed = 1}));
    found.workload = "refresh <b>";
    const std::string table = text_table({found});
    EXPECT_NE(table.find("refresh <b>, 10 timers"), std::string::npos);
    EXPECT_NE(table.find("model"), std::string::npos);
    const nlohmann::json json = nlohmann::json::parse(to_json({found}));
    EXPECT_EQ(json["measurements"][0]["fired"], found.fired);
    EXPECT_GT(json["measurements"][0]["ns_per_operation"], 0);
    const std::string csv = to_csv({found, found});
    EXPECT_EQ(std::ranges::count(csv, '\n'), 3);
    EXPECT_EQ(std::ranges::count(csv.substr(0, csv.find('\n')), ','), std::ranges::count(csv, ',') / 3);
    const std::string page = to_html({found});
    EXPECT_NE(page.find("<svg"), std::string::npos);
    EXPECT_NE(page.find("refresh &lt;b&gt;"), std::string::npos);
    EXPECT_EQ(page.find("http"), std::string::npos) << "needs nothing but itself";
}

TEST(TimerLab, CountersThatTheMachineDoesNotGiveAreSaidToBeMissing) {
    PerfCounters counters;
    counters.start();
    counters.stop();
    if (counters.refusal().empty()) {
        EXPECT_GT(counters.value(Event::instructions).value_or(1), 0U);
    } else {
        EXPECT_TRUE(counters.refusal().starts_with("not permitted")) << counters.refusal();
        Measurement found;
        found.events_refusal = counters.refusal();
        EXPECT_NE(text_table({found}).find("n/p: not permitted"), std::string::npos);
    }
}

TEST(TimerLab, WhatARecordingWheelWritesDownIsWhatTheLabReplays) {
    struct Table {
        std::vector<std::array<Tick, 2>> rows;
        Tick& deadline(std::uint32_t id) { return rows[id][0]; }
        Tick& armed(std::uint32_t id) { return rows[id][1]; }
        void prefetch(std::uint32_t) {}
    };
    using Wheel = timer::RecordingWheel<Table>;
    Table table{std::vector<std::array<Tick, 2>>(3)};
    base::Arena arena(Wheel::bytes_for(3));
    Wheel wheel(arena, table, 3, 1000);
    std::uint64_t fired = 0;
    wheel.arm(0, 1500);
    wheel.arm(1, 1600);
    wheel.arm(2, 1700);
    wheel.cancel(2);
    for (Tick now = 1001; now <= 3000; ++now) {
        fired += wheel.advance(now, 256, [&](std::uint32_t id, Tick) {
            if (id == 1 && now < 2000) {
                wheel.arm(1, 2500);
            }
        });
        EXPECT_EQ(wheel.advance(now, 256, [](std::uint32_t, Tick) {}), 0U) << "a poll of the same tick";
    }
    EXPECT_EQ(fired, 3U);
    const std::span<const timer::TraceEntry> entries = wheel.entries();
    EXPECT_EQ(wheel.header().left_out, 0U);
    const Scratch file(recording({entries.begin(), entries.end()}, wheel.header()));
    EXPECT_EQ(measure<Model>(read_trace(file.path)).fired, fired);
}

}  // namespace
}  // namespace regstorm::timer_lab
