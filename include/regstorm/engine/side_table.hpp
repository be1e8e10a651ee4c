// SPDX-License-Identifier: Apache-2.0
// Transactions that run beside a phone's registration: OPTIONS keep-alives, subscriptions. Each has half a cache line
// per phone and a wheel of its own, set aside only when a profile asks for it: a phone without keep-alives costs
// nothing, and the registration keeps its one line and its one deadline. What they have in common is SideClient.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/engine/endpoint_table.hpp"
#include "regstorm/engine/plan.hpp"
#include "regstorm/engine/sender.hpp"
#include "regstorm/registration/record.hpp"
#include "regstorm/registration/transaction.hpp"
#include "regstorm/stats/counters.hpp"
#include "regstorm/timer/clock.hpp"
#include "regstorm/timer/wheel.hpp"

namespace regstorm::engine {

/// How far a phone that leaves has come with saying so (engine/subscriptions.hpp).
enum class Farewell : std::uint8_t {
    none,
    wanted,  ///< once what is outstanding has its answer
    said,    ///< what is outstanding says it
};

struct alignas(32) SideRecord {
    base::Tick deadline = 0;  ///< the next thing it does; 0: nothing. The wheel's truth
    base::Tick armed = 0;     ///< owned by the wheel
    base::Tick first_sent = 0;
    std::uint32_t sent_us = 0;  ///< the same moment for round trips; wraps after 71 minutes, Timer F is shorter
    std::uint32_t cseq = 0;
    std::uint32_t credentials = 0;
    std::uint16_t generation = 0;
    registration::Transaction transaction : 4 = registration::Transaction::none;
    registration::Authorization authorization : 4 = registration::Authorization::bare;
    std::uint8_t retransmits = 0;
    std::uint8_t challenges : 4 = 0;
    std::uint8_t stale_answers : 4 = 0;
    std::uint8_t lost = 0;        ///< without an answer in a row
    bool active : 1 = false;      ///< goes on when nothing is outstanding
    std::uint8_t server : 4 = 0;  ///< where the attempt goes, also if its phone turns elsewhere meanwhile
    Farewell farewell = Farewell::none;
};
static_assert(sizeof(SideRecord) == 32, "two phones to a cache line");

/// What the wheel may see of them (timer/timer_table.hpp).
class SideRecords {
  public:
    SideRecords(base::Arena& arena, std::uint32_t endpoints) : records_(arena.make<SideRecord>(endpoints)) {}

    [[nodiscard]] SideRecord& operator[](base::EndpointIndex index) { return records_[index]; }
    [[nodiscard]] const SideRecord& operator[](base::EndpointIndex index) const { return records_[index]; }
    [[nodiscard]] base::Tick& deadline(base::EndpointIndex index) { return records_[index].deadline; }
    [[nodiscard]] base::Tick& armed(base::EndpointIndex index) { return records_[index].armed; }
    // always_inline: g++ 12 takes a call that only prefetches for one without effect, and drops it.
    [[gnu::always_inline]] void prefetch(base::EndpointIndex index) const { __builtin_prefetch(&records_[index], 1); }

  private:
    std::span<SideRecord> records_;
};

/// Records and wheel; with 0 endpoints there are no such transactions in this run.
class SideTable {
  public:
    SideTable(base::Arena& arena, std::uint32_t endpoints, base::Tick now) {
        if (endpoints != 0) {
            parts_.emplace(arena, endpoints, now);
        }
    }

    [[nodiscard]] static std::size_t bytes_for(std::uint32_t endpoints) {
        return endpoints == 0
                   ? 0
                   : base::Arena::bytes_for<SideRecord>(endpoints) + timer::Wheel<SideRecords>::bytes_for(endpoints);
    }

    [[nodiscard]] bool present() const { return parts_.has_value(); }
    [[nodiscard]] SideRecord& operator[](base::EndpointIndex index) { return parts_->records[index]; }
    [[nodiscard]] const SideRecord& operator[](base::EndpointIndex index) const { return parts_->records[index]; }
    [[nodiscard]] bool idle(base::EndpointIndex index) const {
        return !present() || !registration::outstanding((*this)[index]);
    }
    void arm(base::EndpointIndex index, base::Tick deadline) { parts_->wheel.arm(index, deadline); }
    void cancel(base::EndpointIndex index) { parts_->wheel.cancel(index); }
    template <class F>
    std::uint32_t advance(base::Tick now, std::uint32_t fires_max, F&& fire) {
        return present() ? parts_->wheel.advance(now, fires_max, fire) : 0;
    }
    /// When something is due; `otherwise` when nothing ever is.
    [[nodiscard]] base::Tick next_due(base::Tick now, base::Tick otherwise) {
        return present() ? parts_->wheel.next_due(now) : otherwise;
    }

  private:
    struct Parts {
        Parts(base::Arena& arena, std::uint32_t endpoints, base::Tick now)
            : records(arena, endpoints), wheel(arena, records, endpoints, now) {}
        Parts(const Parts&) = delete;
        Parts& operator=(const Parts&) = delete;

        SideRecords records;
        timer::Wheel<SideRecords> wheel;
    };
    std::optional<Parts> parts_;
};

/// What all that runs beside a registration has in common: its table, the phone it is about, and what becomes of a
/// request that nobody answers.
template <port::PacketPort Port>
class SideClient {
  public:
    [[nodiscard]] SideTable& table() { return table_; }
    void on_provisional(base::EndpointIndex index) { registration::on_provisional(table_[index]); }

  protected:
    /// With 0 endpoints it does not exist in this run.
    SideClient(const WorkerPlan& plan, EndpointTable& phones, Sender<Port>& sender, stats::Counters& counters,
               base::Arena& arena, std::uint32_t endpoints, base::Tick now)
        : plan_(plan), phones_(phones), sender_(sender), counters_(counters), table_(arena, endpoints, now) {}

    [[nodiscard]] const Group& group_of(base::EndpointIndex index) const { return plan_.groups[phones_[index].group]; }
    [[nodiscard]] const registration::Profile& profile_of(base::EndpointIndex index) const {
        return group_of(index).profile;
    }

    /// Fires what is due: `begin(index)` when nothing is outstanding, `request_of(index)` once more when Timer E says
    /// so, `timed_out(index)` when Timer F does.
    template <class Begin, class RequestOf, class TimedOut>
    std::uint32_t advance_transactions(base::Nanoseconds now_ns, std::uint32_t fires_max, Begin&& begin,
                                       RequestOf&& request_of, TimedOut&& timed_out) {
        const base::Tick now = timer::tick_at(now_ns);
        return table_.advance(now, fires_max, [&](base::EndpointIndex index, base::Tick deadline) {
            SideRecord& record = table_[index];
            if (!registration::outstanding(record)) {
                begin(index);
                return;
            }
            record.deadline = deadline;  // the wheel has cleared it; the schedule continues from it
            if (registration::on_transaction_deadline(record, profile_of(index).timers, now) ==
                registration::TimerOutcome::timed_out) {
                timed_out(index);
                return;
            }
            table_.arm(index, record.deadline);
            counters_.add_retransmission(record.retransmits);
            sender_.send(request_of(index));
        });
    }

    /// A new transaction; its request is the caller's to send.
    void begin_transaction(base::EndpointIndex index, base::Nanoseconds now_ns) {
        SideRecord& record = table_[index];
        registration::begin_transaction(record, profile_of(index).timers, timer::tick_after(now_ns, 0));
        table_.arm(index, record.deadline);
    }

    /// What is outstanding, if anything, is given up and counted as that; nothing is due any more.
    void cut_short(base::EndpointIndex index, stats::Counter abandoned) {
        SideRecord& record = table_[index];
        record.active = false;
        if (registration::outstanding(record)) {
            registration::terminate_transaction(record);
            counters_.add(abandoned);
            --outstanding_;
        }
        table_.cancel(index);
    }

    const WorkerPlan& plan_;
    EndpointTable& phones_;
    Sender<Port>& sender_;
    stats::Counters& counters_;
    SideTable table_;
    std::uint32_t outstanding_ = 0;  ///< attempts without outcome
};

}  // namespace regstorm::engine
