// SPDX-License-Identifier: Apache-2.0
// The threads of a run. Each worker builds its own memory, port and phones on its own thread and core, so that they
// are local to it; from then on only its mailbox connects it to anybody.
#pragma once

#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "app/drive.hpp"
#include "app/plan.hpp"
#include "app/registrar_table.hpp"
#include "app/timer_recording.hpp"
#include "regstorm/base/arena.hpp"
#include "regstorm/engine/mailbox.hpp"
#include "regstorm/engine/meter.hpp"
#include "regstorm/engine/worker.hpp"
#include "regstorm/registrar/registrar.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::app {

/// The cores this process may use, last first: the first ones tend to serve interrupts.
[[nodiscard]] inline std::vector<int> usable_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<int> cores;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        for (int core = CPU_SETSIZE - 1; core >= 0; --core) {
            if (CPU_ISSET(core, &set)) {
                cores.push_back(core);
            }
        }
    }
    return cores;
}

/// Binds the calling thread to the `place`th usable core; without a core to itself it stays free to move.
inline void take_core(std::size_t place, const std::vector<int>& cores) {
    if (place >= cores.size()) {
        return;
    }
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cores[place], &set);
    // Refused only where cores were taken away in between; then the scheduler decides, and `doctor` shows it.
    static_cast<void>(pthread_setaffinity_np(pthread_self(), sizeof set, &set));
}

template <class Rig>
class Crew {
  public:
    /// Starts one thread per worker. `plan` and `setup` outlive the crew.
    Crew(const RunPlan& plan, const typename Rig::Setup& setup) : reports_(plan.workers.size()) {
        const std::vector<int> cores = usable_cores();
        for (std::size_t i = 0; i < plan.workers.size(); ++i) {
            mailboxes_.push_back(std::make_unique<engine::Mailbox>());
            threads_.emplace_back([&plan = plan.workers[i], &setup, &mailbox = *mailboxes_[i], &report = reports_[i], i,
                                   cores, recording = recording_path(plan.record_timers, i)] {
                take_core(i, cores);
                work(plan, static_cast<std::uint32_t>(i), setup, mailbox, report, recording);
            });
        }
    }

    [[nodiscard]] std::vector<engine::Mailbox*> mailboxes() const {
        std::vector<engine::Mailbox*> pointers;
        for (const std::unique_ptr<engine::Mailbox>& mailbox : mailboxes_) {
            pointers.push_back(mailbox.get());
        }
        return pointers;
    }

    /// Waits for the threads; they end once they were told to quit, or failed.
    const std::vector<WorkerReport>& join() {
        for (std::jthread& thread : threads_) {
            if (thread.joinable()) {
                thread.join();
            }
        }
        return reports_;
    }

  private:
    using Worker = engine::Worker<typename Rig::Port, timer::SystemClock>;

    /// `place`: among the workers of this process, and its queue of the device.
    static void work(const engine::WorkerPlan& plan, std::uint32_t place, const typename Rig::Setup& setup,
                     engine::Mailbox& mailbox, WorkerReport& report, const std::string& recording) {
        try {
            base::Arena arena(Rig::bytes_for(setup) + Worker::bytes_for(plan));
            const auto rig = std::make_unique<Rig>(setup, place, arena);
            const timer::SystemClock clock;
            const auto worker = std::make_unique<Worker>(plan, rig->port, clock, arena, mailbox);
            arena.seal();
            report.hot_bytes = arena.bytes_used();
            report.huge_pages = arena.on_huge_pages();
            while (worker->poll()) {
            }
            worker->publish_last();
            report.breakdown = worker->phones().ledger().breakdown();
            report.failure = rig->link_failure();
            if constexpr (requires { worker->phones().wheel().entries(); }) {
                const auto& wheel = worker->phones().wheel();
                report.failure += write_recording(recording, wheel.header(), wheel.entries());
            }
        } catch (const std::exception& error) {
            report.failure = error.what();
            report.environment = true;
            while (!mailbox.publish([](engine::Snapshot& snapshot) { snapshot.phase = engine::Phase::failed; })) {
                std::this_thread::yield();
            }
        }
    }

    std::vector<std::unique_ptr<engine::Mailbox>> mailboxes_;
    std::vector<WorkerReport> reports_;
    std::vector<std::jthread> threads_;
};

/// The embedded registrar on its own thread, behind the other end of a memory port.
template <class Rig>
class RegistrarThread {
  public:
    RegistrarThread(const registrar::RegistrarPlan& plan, const typename Rig::Setup& setup, std::uint32_t queues,
                    std::size_t core_place)
        : thread_([this, &plan, &setup, queues, core_place] {
              take_core(core_place, usable_cores());
              try {
                  work(plan, setup, queues);
              } catch (const std::exception& error) {
                  failure_ = error.what();
              }
              ended_.store(true, std::memory_order_release);
          }) {}

    /// Tells it to end and waits for it. Empty, or why it never ran.
    const std::string& stop() {
        stopping_.store(true, std::memory_order_relaxed);
        if (thread_.joinable()) {
            thread_.join();
        }
        return failure_;
    }
    ~RegistrarThread() { stop(); }
    RegistrarThread(const RegistrarThread&) = delete;
    RegistrarThread& operator=(const RegistrarThread&) = delete;

    /// Waits until it takes datagrams, or has failed.
    void wait_until_serving() const {
        while (!serving_.load(std::memory_order_acquire) && !ended()) {
            std::this_thread::yield();
        }
    }
    /// Its thread is over, because it was stopped or because it failed.
    [[nodiscard]] bool ended() const { return ended_.load(std::memory_order_acquire); }

    // After stop().
    [[nodiscard]] const registrar::RegistrarCounters& counters() const { return counters_; }
    [[nodiscard]] std::uint64_t live_bindings() const { return live_bindings_; }
    [[nodiscard]] std::uint64_t held_at_end() const { return held_at_end_; }
    [[nodiscard]] const RegistrarLoad& load() const { return load_; }

  private:
    void work(const registrar::RegistrarPlan& plan, const typename Rig::Setup& setup, std::uint32_t queues) {
        base::Arena arena(registrar::Registrar::bytes_for(plan) + queues * Rig::bytes_for(setup));
        std::vector<std::unique_ptr<Rig>> rigs;
        for (std::uint32_t queue = 0; queue < queues; ++queue) {
            rigs.push_back(std::make_unique<Rig>(setup, queue, arena));
        }
        const auto registrar = std::make_unique<registrar::Registrar>(plan, arena);
        arena.seal();
        const timer::SystemClock clock;
        serving_.store(true, std::memory_order_release);
        base::Nanoseconds first_ns = 0;  // when the first datagram came
        engine::Meter meter;             // started by it
        bool served = false;
        while (!stopping_.load(std::memory_order_relaxed)) {
            const base::Nanoseconds now_ns = clock.now_ns();
            meter.poll(now_ns, served);
            served = false;
            for (std::uint32_t queue = 0; queue < queues; ++queue) {
                served |= registrar->serve(rigs[queue]->port, now_ns, queue) != 0;
            }
            if (served && first_ns == 0) [[unlikely]] {
                first_ns = now_ns;
                meter.start(now_ns);
            }
            if constexpr (port::RestingPort<typename Rig::Port>) {
                if (!served && now_ns - meter.worked_at_ns() >= port::quiet_ns && queues == 1 &&
                    registrar->held_now() == 0) {
                    rigs[0]->port.wait(port::rest_max_ns);
                }
            }
        }
        load_ = {.busy_ns = meter.busy_ns(), .serving_ns = meter.worked_at_ns() - first_ns};
        for (const std::unique_ptr<Rig>& rig : rigs) {
            load_.rx_dropped += rig->port.health().rx_dropped;
            load_.tx_dropped += rig->port.health().tx_dropped;
        }
        counters_ = registrar->counters();
        live_bindings_ = registrar->bindings().count_live(clock.now_ns());
        held_at_end_ = registrar->held_now();
    }

    std::atomic<bool> stopping_ = false;
    std::atomic<bool> serving_ = false;
    std::atomic<bool> ended_ = false;
    std::string failure_;
    registrar::RegistrarCounters counters_;
    std::uint64_t live_bindings_ = 0;
    std::uint64_t held_at_end_ = 0;
    RegistrarLoad load_;
    std::jthread thread_;
};

}  // namespace regstorm::app
