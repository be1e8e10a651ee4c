// SPDX-License-Identifier: Apache-2.0
// Allocate, seal, run: a worker and a registrar that refresh 1,000 phones every second, by the real clock, allocate
// nothing and make no system call once they have started. A program of its own, because it replaces malloc.
#include <unistd.h>

#include <gtest/gtest.h>

#include "memory_port.hpp"
#include "regstorm/timer/clock.hpp"
#include "simulation.hpp"
#include "watch.hpp"

namespace regstorm::engine {
namespace {

using stats::Counter;

TEST(SteadyState, TheWatchersSeeEveryAllocation) {
    const Watched watched = watch([] {
        return [] {
            void* volatile memory = std::malloc(100);
            memory = std::realloc(memory, 200);
            std::free(memory);
            int* volatile number = new int(1);
            delete number;
            return std::uint64_t{7};
        };
    });
    EXPECT_EQ(watched.status, 0);
    EXPECT_EQ(watched.result, 7U);
    EXPECT_EQ(watched.allocations, 5U);
    EXPECT_EQ(watched.system_calls, 0U);
}

TEST(SteadyState, TheWatchersSeeEverySystemCall) {
    const Watched watched = watch([] { return [] { return static_cast<std::uint64_t>(getppid() + getppid()); }; });
    EXPECT_EQ(watched.status, 0);
    EXPECT_EQ(watched.system_calls, 2U);
    EXPECT_EQ(watched.allocations, 0U);
}

/// Whether this machine reads its clock without the kernel; `doctor` says so too.
bool clock_needs_no_kernel() {
    const Watched watched = watch([] { return [] { return timer::SystemClock().now_ns(); }; });
    return watched.system_calls == 0;
}

/// A worker and the embedded registrar in one thread, ready to start.
class Rig {
  public:
    using RigWorker = Worker<MemoryPort, timer::SystemClock>;

    explicit Rig(const WorkerPlan& plan)
        : plan_(plan),
          registrar_plan_{.aors = plan.endpoints,
                          .bindings = plan.endpoints,
                          .realm = "example.test",
                          .password = "secret",
                          .min_expires_s = 1,
                          .max_expires_s = 1,
                          .nonce_lifetime_s = 2,
                          .secret = 5},
          arena_(RigWorker::bytes_for(plan) + registrar::Registrar::bytes_for(registrar_plan_)),
          worker_(std::make_unique<RigWorker>(plan_, phones_, clock_, arena_, mailbox_)),
          registrar_(std::make_unique<registrar::Registrar>(registrar_plan_, arena_)) {
        arena_.seal();
        phones_.connect(registrar_port_);
        registrar_port_.connect(phones_);
        worker_->poll();
        CHECK(worker_->phase() == Phase::ready);
        CHECK(mailbox_.command({CommandKind::start, clock_.now_ns()}));
    }

    /// Polls until `successes` attempts have succeeded, or `limit_ns` have passed.
    std::uint64_t run(std::uint64_t successes, base::Nanoseconds limit_ns) {
        const base::Nanoseconds end_ns = clock_.now_ns() + limit_ns;
        const auto succeeded = [&] { return worker_->phones().counters().of(Counter::succeeded); };
        while (succeeded() < successes && clock_.now_ns() < end_ns) {
            worker_->poll();
            registrar_->serve(registrar_port_, clock_.now_ns());
            if (mailbox_.read(snapshot_)) {  // what the controller does
                published_ = snapshot_.at_ns;
            }
        }
        return succeeded();
    }

  private:
    WorkerPlan plan_;
    registrar::RegistrarPlan registrar_plan_;
    MemoryPort phones_{phone_address};
    MemoryPort registrar_port_{registrar_address};
    timer::SystemClock clock_;
    base::Arena arena_;
    Mailbox mailbox_;
    Snapshot snapshot_;
    base::Nanoseconds published_ = 0;
    std::unique_ptr<RigWorker> worker_;
    std::unique_ptr<registrar::Registrar> registrar_;
};

TEST(SteadyState, ThousandsOfRefreshesAllocateNothingAndCallNoKernel) {
    if (!clock_needs_no_kernel()) {
        GTEST_SKIP() << "the clock source of this machine is behind a system call";
    }
    constexpr std::uint64_t successes = 5000;
    WorkerPlan plan = make_plan(1000, 10'000);
    plan.groups[0].profile.expires_s = 1;
    const Watched watched = watch([&] {
        // The process ends without destructors: what is prepared here outlives the watch.
        Rig* const rig = new Rig(plan);
        return [rig] { return rig->run(successes, 100 * second); };
    });
    EXPECT_EQ(watched.status, 0);
    EXPECT_GE(watched.result, successes);
    EXPECT_EQ(watched.allocations, 0U);
    EXPECT_EQ(watched.system_calls, 0U) << "the last was number " << watched.last_system_call;
}

}  // namespace
}  // namespace regstorm::engine
