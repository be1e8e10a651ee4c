// SPDX-License-Identifier: Apache-2.0
// DPDK's timers: a skip list for each lcore. They read the time stamp counter themselves, so virtual time is laid over
// it: the script's span is stretched to `run_s_min`, and advance() is preceded by a wait.
#pragma once

#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_timer.h>

#include <algorithm>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "facility.hpp"
#include "regstorm/port/eal.hpp"

namespace regstorm::timer_lab {

class RteTimer {
  public:
    static constexpr const char* name = "rte_timer";
    static constexpr const char* note = "DPDK's skip list; on the real clock, which the others do not read";

    RteTimer(std::span<Record> records, Tick now, Tick span_ms)
        : timers_(records.size()), rows_(records.size()), start_(now) {
        port::start_eal({.memory_bytes = 0, .pci_addresses = {}, .ordinary_pages = true, .verbose = false});
        static const int subsystem = rte_timer_subsystem_init();
        if (subsystem != 0) {
            throw std::runtime_error("DPDK refuses to set up its timers");
        }
        for (std::size_t id = 0; id < timers_.size(); ++id) {
            rte_timer_init(&timers_[id]);
            rows_[id] = {this, static_cast<std::uint32_t>(id), 0};
        }
        const double cycles = run_s_min * static_cast<double>(rte_get_timer_hz());
        cycles_per_ms_ = std::max(1.0, cycles / static_cast<double>(std::max<Tick>(span_ms, 1)));
        origin_ = rte_get_timer_cycles();
    }
    ~RteTimer() {
        for (rte_timer& timer : timers_) {
            rte_timer_stop(&timer);
        }
    }
    RteTimer(const RteTimer&) = delete;
    RteTimer& operator=(const RteTimer&) = delete;

    void arm(std::uint32_t id, Tick when) {
        rows_[id].deadline = when;
        const std::uint64_t now = rte_get_timer_cycles();
        const std::uint64_t due = cycles_at(when);
        rte_timer_reset(&timers_[id], due > now ? due - now : 0, SINGLE, rte_lcore_id(), on_expiry, &rows_[id]);
    }
    void cancel(std::uint32_t id) { rte_timer_stop(&timers_[id]); }
    void await(Tick now) const {
        while (rte_get_timer_cycles() < cycles_at(now)) {
            rte_pause();
        }
    }
    template <class Fire>
    bool advance(Tick /*now*/, Fire&& fire) {
        fire_ = [](void* context, std::uint32_t id, Tick deadline) {
            (*static_cast<std::remove_reference_t<Fire>*>(context))(id, deadline);
        };
        context_ = const_cast<void*>(static_cast<const void*>(&fire));
        rte_timer_manage();
        return true;
    }
    [[nodiscard]] std::size_t bytes() const { return timers_.size() * sizeof(rte_timer) + rows_.size() * sizeof(Row); }

  private:
    static constexpr double run_s_min = 0.2;
    struct Row {
        RteTimer* self;
        std::uint32_t id;
        Tick deadline;
    };

    static void on_expiry(rte_timer*, void* argument) {
        const Row& row = *static_cast<const Row*>(argument);
        row.self->fire_(row.self->context_, row.id, row.deadline);
    }
    [[nodiscard]] std::uint64_t cycles_at(Tick when) const {
        return origin_ + static_cast<std::uint64_t>(static_cast<double>(when - start_) * cycles_per_ms_);
    }

    std::vector<rte_timer> timers_;
    std::vector<Row> rows_;
    Tick start_;
    double cycles_per_ms_ = 1;
    std::uint64_t origin_ = 0;
    void (*fire_)(void*, std::uint32_t, Tick) = nullptr;
    void* context_ = nullptr;
};

static_assert(TimerFacility<RteTimer> && HasOwnClock<RteTimer>);

}  // namespace regstorm::timer_lab
