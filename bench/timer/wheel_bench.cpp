// SPDX-License-Identifier: Apache-2.0
// What a timer costs, with the truth in 64-byte records as in the endpoint table, beside the yardsticks: a binary heap
// doing the same work, and the bare touch of as many random records. The argument is the number of timers; ns_each is
// nanoseconds for each timer fired, armed or moved. The virtual clock runs as fast as the work allows.
#include <algorithm>
#include <benchmark/benchmark.h>
#include <memory>
#include <queue>
#include <vector>

#include "regstorm/base/prng.hpp"
#include "regstorm/timer/wheel.hpp"

namespace regstorm::timer {
namespace {

struct alignas(64) Record {
    std::uint64_t intended_ns;
    base::Tick deadline;
    base::Tick armed;
    std::uint8_t rest[48];
};
static_assert(sizeof(Record) == 64);

class Table {
  public:
    Table(base::Arena& arena, std::uint32_t timers) : records_(arena.make<Record>(timers)) {}
    base::Tick& deadline(std::uint32_t id) { return records_[id].deadline; }
    base::Tick& armed(std::uint32_t id) { return records_[id].armed; }
    [[gnu::always_inline]] void prefetch(std::uint32_t id) { __builtin_prefetch(&records_[id], 1); }
    Record& operator[](std::uint32_t id) { return records_[id]; }

  private:
    std::span<Record> records_;
};

constexpr base::Tick refresh_ms = 3'240'000;
constexpr base::Tick timer_e_ms = 500;
constexpr base::Tick answer_ms = 10;
constexpr std::uint32_t burst = 32;

base::Tick jittered_refresh(base::Prng& prng) {
    return refresh_ms - refresh_ms / 10 + static_cast<base::Tick>(prng.below(refresh_ms / 5));
}

struct Population {
    explicit Population(std::uint32_t count)
        : timers(count),
          arena(base::Arena::bytes_for<Record>(count) + Wheel<Table>::bytes_for(count)),
          table(arena, count),
          wheel(arena, table, count, now) {}

    /// The steady state: every timer has its refresh somewhere in the hour ahead.
    void arm_all() {
        for (std::uint32_t id = 0; id < timers; ++id) {
            wheel.arm(id, now + 1 + static_cast<base::Tick>(prng.below(refresh_ms)));
        }
    }
    /// Ticks in which about `count` timers come due.
    [[nodiscard]] base::Tick step_for(std::uint64_t count) const {
        return static_cast<base::Tick>(std::max<std::uint64_t>(1, count * refresh_ms / timers));
    }

    std::uint32_t timers;
    base::Tick now = 1'000;
    base::Prng prng{1};
    base::Arena arena;
    Table table;
    Wheel<Table> wheel;
};

std::vector<std::uint32_t> shuffled_ids(std::uint32_t count, base::Prng& prng) {
    std::vector<std::uint32_t> ids(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        ids[i] = i;
    }
    for (std::uint32_t i = count; i > 1; --i) {
        std::swap(ids[i - 1], ids[prng.below(i)]);
    }
    return ids;
}

/// Calls f(id) for all ids, each record prefetched with its burst, as the worker does with what it receives.
template <class F>
void in_bursts(Table& table, const std::vector<std::uint32_t>& ids, F&& f) {
    for (std::size_t first = 0; first < ids.size(); first += burst) {
        const std::size_t end = std::min<std::size_t>(first + burst, ids.size());
        for (std::size_t i = first; i < end; ++i) {
            table.prefetch(ids[i]);
        }
        for (std::size_t i = first; i < end; ++i) {
            f(ids[i]);
        }
    }
}

void report(benchmark::State& state, std::uint64_t count) {
    using benchmark::Counter;
    state.counters["ns_each"] = Counter(static_cast<double>(count) * 1e-9, Counter::kIsRate | Counter::kInvert);
}

// The hour of a registered phone: the refresh fires and is armed again, and is brought down a level on its way.
void refresh_cycle(benchmark::State& state, std::uint64_t timers_a_call) {
    Population phones(static_cast<std::uint32_t>(state.range(0)));
    phones.arm_all();
    const base::Tick step = timers_a_call == 0 ? 1 : phones.step_for(timers_a_call);
    // One turn, so that the pool is as mixed as in the steady state. Millions of ticks are cheap in large steps.
    for (const base::Tick end = phones.now + refresh_ms + refresh_ms / 5; phones.now < end;) {
        phones.now += phones.step_for(64);
        while (phones.wheel.advance(phones.now, 256, [&](std::uint32_t id, base::Tick) {
            phones.wheel.arm(id, phones.now + jittered_refresh(phones.prng));
        }) != 0) {
        }
    }
    std::uint64_t fired = 0;
    for (auto _ : state) {
        phones.now += step;
        fired += phones.wheel.advance(phones.now, 256, [&](std::uint32_t id, base::Tick) {
            phones.wheel.arm(id, phones.now + jittered_refresh(phones.prng));
        });
    }
    report(state, fired);
    state.counters["bytes_each"] = static_cast<double>(Wheel<Table>::bytes_for(phones.timers)) / phones.timers;
}
void BM_RefreshCycle(benchmark::State& state) { refresh_cycle(state, 64); }
void BM_RefreshCycleEachTick(benchmark::State& state) { refresh_cycle(state, 0); }

// The same with the transaction: the refresh fires, timer E is armed, the answer moves it to the next refresh 10 ms
// later, and the entry of timer E comes due 500 ms later and is filed again.
void BM_RegisterCycle(benchmark::State& state) {
    struct Sent {
        std::uint32_t id;
        base::Tick answered_at;
    };
    Population phones(static_cast<std::uint32_t>(state.range(0)));
    phones.arm_all();
    const base::Tick step = std::min<base::Tick>(phones.step_for(64), timer_e_ms / 2);
    std::queue<Sent> in_flight;
    std::vector<std::uint32_t> answers;
    std::uint64_t registered = 0;
    for (auto _ : state) {
        phones.now += step;
        while (phones.wheel.advance(phones.now, 256, [&](std::uint32_t id, base::Tick) {
            phones.wheel.arm(id, phones.now + timer_e_ms);
            in_flight.push({id, phones.now + answer_ms});
        }) == 256) {
        }
        answers.clear();
        for (; !in_flight.empty() && in_flight.front().answered_at <= phones.now; in_flight.pop()) {
            answers.push_back(in_flight.front().id);
        }
        in_bursts(phones.table, answers,
                  [&](std::uint32_t id) { phones.wheel.arm(id, phones.now + jittered_refresh(phones.prng)); });
        registered += answers.size();
    }
    report(state, registered);
}

void BM_Arm(benchmark::State& state) {
    const auto timers = static_cast<std::uint32_t>(state.range(0));
    base::Prng prng(2);
    const std::vector<std::uint32_t> ids = shuffled_ids(timers, prng);
    for (auto _ : state) {
        state.PauseTiming();
        auto phones = std::make_unique<Population>(timers);
        state.ResumeTiming();
        in_bursts(phones->table, ids,
                  [&](std::uint32_t id) { phones->wheel.arm(id, phones->now + jittered_refresh(prng)); });
        state.PauseTiming();
        phones.reset();
        state.ResumeTiming();
    }
    report(state, state.iterations() * timers);
}

// After a power cut every phone that waited for its refresh starts a transaction: a stale entry each.
void BM_MoveEarlier(benchmark::State& state) {
    const auto timers = static_cast<std::uint32_t>(state.range(0));
    base::Prng prng(3);
    const std::vector<std::uint32_t> ids = shuffled_ids(timers, prng);
    std::uint64_t compactions = 0;
    for (auto _ : state) {
        state.PauseTiming();
        auto phones = std::make_unique<Population>(timers);
        phones->arm_all();
        state.ResumeTiming();
        in_bursts(phones->table, ids, [&](std::uint32_t id) { phones->wheel.arm(id, phones->now + timer_e_ms); });
        state.PauseTiming();
        compactions += phones->wheel.stats().compactions;
        phones.reset();
        state.ResumeTiming();
    }
    report(state, state.iterations() * timers);
    state.counters["compactions"] = static_cast<double>(compactions) / static_cast<double>(state.iterations());
}

// Everything due in the same millisecond, brought down first.
void BM_BulkExpiry(benchmark::State& state) {
    const auto timers = static_cast<std::uint32_t>(state.range(0));
    base::Prng prng(4);
    const std::vector<std::uint32_t> ids = shuffled_ids(timers, prng);
    std::uint64_t fired = 0;
    for (auto _ : state) {
        state.PauseTiming();
        auto phones = std::make_unique<Population>(timers);
        const base::Tick due = phones->now + 60'000;
        for (const std::uint32_t id : ids) {
            phones->wheel.arm(id, due);
        }
        state.ResumeTiming();
        while (phones->wheel.next_due(due) == due) {
            fired +=
                phones->wheel.advance(due, 256, [&](std::uint32_t id, base::Tick) { ++phones->table[id].intended_ns; });
        }
        state.PauseTiming();
        phones.reset();
        state.ResumeTiming();
    }
    report(state, fired);
}

void BM_Cancel(benchmark::State& state) {
    Population phones(static_cast<std::uint32_t>(state.range(0)));
    phones.arm_all();
    const std::vector<std::uint32_t> ids = shuffled_ids(phones.timers, phones.prng);
    for (auto _ : state) {
        in_bursts(phones.table, ids, [&](std::uint32_t id) { phones.wheel.cancel(id); });
    }
    report(state, state.iterations() * phones.timers);
}

// Yardstick: a binary heap of {deadline, id}, pop and push, and the record touched.
void BM_PriorityQueue(benchmark::State& state) {
    using Item = std::pair<std::uint64_t, std::uint32_t>;
    const auto timers = static_cast<std::uint32_t>(state.range(0));
    base::Prng prng(5);
    base::Arena arena(base::Arena::bytes_for<Record>(timers));
    Table table(arena, timers);
    std::vector<Item> items;
    for (std::uint32_t id = 0; id < timers; ++id) {
        items.emplace_back(prng.below(refresh_ms), id);
    }
    std::priority_queue<Item, std::vector<Item>, std::greater<>> heap(std::greater<>(), std::move(items));
    for (auto _ : state) {
        const auto [deadline, id] = heap.top();
        heap.pop();
        table.deadline(id) = static_cast<base::Tick>(deadline);
        heap.emplace(deadline + jittered_refresh(prng), id);
    }
    report(state, state.iterations());
}

// Yardstick: the records alone, in random order.
void BM_TouchRecord(benchmark::State& state) {
    Population phones(static_cast<std::uint32_t>(state.range(0)));
    const std::vector<std::uint32_t> ids = shuffled_ids(phones.timers, phones.prng);
    for (auto _ : state) {
        in_bursts(phones.table, ids, [&](std::uint32_t id) { phones.table.deadline(id) += id; });
    }
    report(state, state.iterations() * phones.timers);
}

void sizes(benchmark::internal::Benchmark* benchmark) { benchmark->Arg(10'000)->Arg(1'000'000)->Arg(10'000'000); }

BENCHMARK(BM_TouchRecord)->Apply(sizes);
BENCHMARK(BM_PriorityQueue)->Apply(sizes);
BENCHMARK(BM_RefreshCycle)->Apply(sizes);
BENCHMARK(BM_RefreshCycleEachTick)->Apply(sizes);
BENCHMARK(BM_RegisterCycle)->Apply(sizes);
BENCHMARK(BM_Arm)->Apply(sizes);
BENCHMARK(BM_Cancel)->Apply(sizes);
BENCHMARK(BM_MoveEarlier)->Apply(sizes);
BENCHMARK(BM_BulkExpiry)->Apply(sizes);

}  // namespace
}  // namespace regstorm::timer

BENCHMARK_MAIN();
