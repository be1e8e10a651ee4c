// SPDX-License-Identifier: Apache-2.0
// OPTIONS keep-alive (Grandstream "SIP OPTIONS Keep Alive"; protocol.md KA-1 to KA-4): while a phone is registered it
// asks its registrar for a sign of life every interval. Any final answer is one, a refusal too; only silence and ICMP
// count as lost, and after so many in a row the phone registers anew. At most one is outstanding per phone: with an
// interval below Timer F the next one waits for the last one's end (KA-4).
#pragma once

#include <algorithm>
#include <cstdint>

#include "regstorm/engine/plan.hpp"
#include "regstorm/engine/sender.hpp"
#include "regstorm/engine/side_table.hpp"
#include "regstorm/registration/transaction.hpp"
#include "regstorm/sip/message.hpp"
#include "regstorm/stats/counters.hpp"
#include "regstorm/stats/histogram.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::engine {

template <port::PacketPort Port>
class KeepAlives : public SideClient<Port> {
    using Counter = stats::Counter;
    using Client = SideClient<Port>;
    using Client::counters_;
    using Client::outstanding_;
    using Client::sender_;
    using Client::table_;

  public:
    KeepAlives(const WorkerPlan& plan, EndpointTable& phones, Sender<Port>& sender, stats::Counters& counters,
               base::Arena& arena, base::Tick now)
        : Client(plan, phones, sender, counters, arena, plan.keep_alives ? plan.endpoints : 0, now) {}

    [[nodiscard]] static std::size_t bytes_for(const WorkerPlan& plan) {
        return SideTable::bytes_for(plan.keep_alives ? plan.endpoints : 0);
    }

    /// The phone is on line: its first keep-alive leaves one interval from now. Nothing when it already has them.
    void start(base::EndpointIndex index, base::Nanoseconds now_ns) {
        const registration::KeepAliveRule& rule = rule_of(index);
        if (!table_.present() || !rule.enabled || table_[index].active) {
            return;
        }
        SideRecord& record = table_[index];
        record.active = true;
        record.lost = 0;
        record.cseq = std::max(record.cseq, sip::cseq_first - 1);
        table_.arm(index, timer::tick_after(now_ns, rule.interval_ms));
    }

    /// The phone is off line: what is outstanding is abandoned.
    void stop(base::EndpointIndex index) {
        if (table_.present() && table_[index].active) {
            Client::cut_short(index, Counter::keep_alives_abandoned);
        }
    }

    /// Fires what is due. `on_lost(index)`: the last one allowed to get lost is.
    template <class OnLost>
    std::uint32_t advance(base::Nanoseconds now_ns, std::uint32_t fires_max, bool new_attempts, OnLost&& on_lost) {
        return Client::advance_transactions(
            now_ns, fires_max,
            [&](base::EndpointIndex index) {
                if (new_attempts) {
                    send_first(index, now_ns);
                }
            },
            [&](base::EndpointIndex index) { return options_of(index); },
            [&](base::EndpointIndex index) { lose(index, now_ns, on_lost); });
    }

    /// A final answer to the outstanding OPTIONS: whatever it says, the line is alive (KA-2).
    void on_final(base::EndpointIndex index, const sip::Response& response, base::Nanoseconds now_ns) {
        SideRecord& record = table_[index];
        counters_.add_response(response.status);
        registration::complete_transaction(record);
        counters_.add(Counter::keep_alives_answered);
        --outstanding_;
        const std::uint32_t rtt_us = static_cast<std::uint32_t>(now_ns / base::ns_per_us) - record.sent_us;
        rtt_.record(base::Nanoseconds{rtt_us} * base::ns_per_us);
        record.lost = 0;
        arm_next(index, now_ns);
    }

    /// An ICMP unreachable that quotes the outstanding OPTIONS: as lost as one that timed out.
    template <class OnLost>
    void on_unreachable(base::EndpointIndex index, base::Nanoseconds now_ns, OnLost&& on_lost) {
        registration::terminate_transaction(table_[index]);
        lose(index, now_ns, on_lost);
    }

    /// The run is over.
    void abandon() { counters_.add(Counter::keep_alives_abandoned, outstanding_); }

    [[nodiscard]] const stats::Histogram& rtt() const { return rtt_; }

  private:
    [[nodiscard]] const registration::KeepAliveRule& rule_of(base::EndpointIndex index) const {
        return Client::profile_of(index).keep_alive;
    }

    [[nodiscard]] Outgoing options_of(base::EndpointIndex index) const {
        const SideRecord& record = table_[index];
        return {.form = &Client::group_of(index).options,
                .identity = sender_.identity_of(index, sip::TransactionKind::options),
                .endpoint = index,
                .cseq = record.cseq,
                .generation = record.generation,
                .server = record.server,
                .kind = sip::TransactionKind::options};
    }

    void send_first(base::EndpointIndex index, base::Nanoseconds now_ns) {
        table_[index].server = Client::phones_[index].server;
        Client::begin_transaction(index, now_ns);
        table_[index].sent_us = static_cast<std::uint32_t>(now_ns / base::ns_per_us);
        counters_.add(Counter::keep_alives_sent);
        ++outstanding_;
        sender_.send(options_of(index));
    }

    /// An interval after the last one left, or now, if it took longer than that.
    void arm_next(base::EndpointIndex index, base::Nanoseconds now_ns) {
        const SideRecord& record = table_[index];
        const base::Tick now = timer::tick_after(now_ns, 0);
        const base::Tick since = now - record.first_sent;
        const base::Tick interval = rule_of(index).interval_ms;
        table_.arm(index, since >= interval ? now + 1 : record.first_sent + interval);
    }

    template <class OnLost>
    void lose(base::EndpointIndex index, base::Nanoseconds now_ns, OnLost&& on_lost) {
        SideRecord& record = table_[index];
        counters_.add(Counter::keep_alives_lost);
        --outstanding_;
        const bool gone = ++record.lost >= rule_of(index).max_lost;
        record.lost = gone ? std::uint8_t{0} : record.lost;
        arm_next(index, now_ns);
        if (gone) {
            counters_.add(Counter::lines_lost);
            on_lost(index);
        }
    }

    stats::Histogram rtt_;
};

}  // namespace regstorm::engine
