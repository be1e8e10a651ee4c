// SPDX-License-Identifier: Apache-2.0
// One worker: the phones of its share, their port and their clock, driven by one thread that only polls. It owns
// everything it touches, waits for nobody, and after its construction allocates nothing.
//
// A burst is handled in two passes: all datagrams are parsed and their records prefetched, then all are acted upon.
// The memory misses of a burst then overlap instead of following one another.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/engine/churn.hpp"
#include "regstorm/engine/incoming.hpp"
#include "regstorm/engine/mailbox.hpp"
#include "regstorm/engine/match.hpp"
#include "regstorm/engine/meter.hpp"
#include "regstorm/engine/phones.hpp"
#include "regstorm/engine/plan.hpp"
#include "regstorm/port/packet_port.hpp"
#include "regstorm/sip/answer_shapes.hpp"
#include "regstorm/sip/branch.hpp"
#include "regstorm/sip/message.hpp"
#include "regstorm/stats/counters.hpp"
#include "regstorm/timer/clock.hpp"
#include "regstorm/timer/pacer.hpp"

namespace regstorm::engine {

template <port::PacketPort Port, timer::Clock Clock>
class Worker {
    using Counter = stats::Counter;

  public:
    /// Deadlines fired in one poll; the rest waits for the next one, behind the next burst of answers.
    static constexpr std::uint32_t fires_per_poll_max = 256;
    /// Slots of the pacer served in one poll.
    static constexpr std::uint32_t slots_per_poll_max = port::burst_max;
    /// Phones that a poll may skip over because they leave without a request.
    static constexpr std::uint32_t leaves_per_poll_max = 4096;
    /// A rest ends this long before something is due: the kernel may wake us 50 us late (PR_SET_TIMERSLACK).
    static constexpr base::Nanoseconds wake_margin_ns = 150 * base::ns_per_us;

    /// All arguments outlive the worker. Takes bytes_for(plan) from the arena.
    Worker(const WorkerPlan& plan, Port& port, const Clock& clock, base::Arena& arena, Mailbox& mailbox)
        : plan_(plan),
          port_(port),
          clock_(clock),
          mailbox_(mailbox),
          phones_(plan, port, arena, clock.now_ns()),
          incoming_(plan, port, phones_.counters()),
          churn_(plan, phones_) {}

    [[nodiscard]] static std::size_t bytes_for(const WorkerPlan& plan) { return Phones<Port>::bytes_for(plan); }

    /// One turn of the loop. False when there is nothing left to do, ever.
    bool poll() {
        const base::Nanoseconds now_ns = clock_.now_ns();
        meter_.poll(now_ns, worked_);
        obey(now_ns);
        if (phase_ == Phase::done) [[unlikely]] {
            publish(now_ns);  // what comes now would get a second outcome
            return false;
        }
        port_.tick(now_ns);
        std::uint32_t work = receive(now_ns);
        work += phones_.advance(now_ns, fires_per_poll_max, phase_ == Phase::running);
        work += pace(now_ns);
        work += churning() ? churn_.advance(now_ns, slots_per_poll_max) : 0;
        phones_.flush();
        port_.flush();  // also what the link layer answered by itself
        worked_ = work != 0;
        follow_link();
        publish(now_ns);
        rest(now_ns);
        return phase_ != Phase::done && phase_ != Phase::failed;
    }

    /// After poll() has returned false: the last snapshot, which must arrive.
    void publish_last() {
        const base::Nanoseconds now_ns = clock_.now_ns();
        while (!mailbox_.publish([&](Snapshot& snapshot) { fill(snapshot, now_ns); })) {
        }
    }

    /// Everything known at this moment; for the controller once the thread has ended, and for tests.
    void fill(Snapshot& snapshot, base::Nanoseconds now_ns) const {
        phones_.fill(snapshot);
        snapshot.census_at_stop = stopped_ ? census_at_stop_ : snapshot.census;
        snapshot.at_ns = now_ns;
        snapshot.phase = phase_;
        snapshot.idle = phones_.idle() && (phase_ != Phase::leaving || next_ == plan_.endpoints);
        snapshot.port = port_.health();
        snapshot.busy_ns = meter_.busy_ns();
        snapshot.polling_ns = meter_.polling_ns();
        snapshot.longest_gap_ns = meter_.longest_gap_ns();
    }

    /// When something will be due if nothing arrives: lets a virtual clock jump.
    [[nodiscard]] base::Nanoseconds next_event_ns() {
        const base::Nanoseconds now_ns = clock_.now_ns();
        const base::Tick now = timer::tick_at(now_ns);
        const base::Nanoseconds wheel_ns =
            now_ns - now_ns % base::ns_per_ms + base::Nanoseconds{phones_.next_due(now) - now} * base::ns_per_ms;
        base::Nanoseconds next_ns = wheel_ns;
        if (pacing()) {
            next_ns = std::min({next_ns, pacer_.next_due_ns(), next_step_ns_});
        }
        if (churning()) {
            next_ns = std::min(next_ns, churn_.next_due_ns());
        }
        return next_ns;
    }

    [[nodiscard]] Phones<Port>& phones() { return phones_; }
    [[nodiscard]] Phase phase() const { return phase_; }

  private:
    /// What the first pass learns of a datagram.
    struct Look {
        Counter counter{};  ///< where it is counted, unless the second pass finds better
        bool ours = false;  ///< a response with a branch of ours, in `id`
        sip::BranchId id{};
    };

    [[nodiscard]] bool pacing() const {
        return (phase_ == Phase::running || phase_ == Phase::leaving) && next_ < plan_.endpoints;
    }
    [[nodiscard]] bool churning() const { return phase_ == Phase::running && churn_.wanted(); }

    std::uint32_t receive(base::Nanoseconds now_ns) {
        const std::uint32_t count = port_.rx_burst(burst_);
        if (meter_.gap_ns() > plan_.missed_after_ns || now_ns < behind_until_ns_) [[unlikely]] {
            count_late(count, now_ns);
        }
        if (count == 0) {
            port_.release_rx();  // frames that held no datagram for us
            return 0;
        }
        phones_.counters().add(Counter::received, count);
        for (std::uint32_t i = 0; i < count; ++i) {
            look(burst_[i], responses_[i], looks_[i]);
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            handle(burst_[i], responses_[i], looks_[i], now_ns);
        }
        port_.release_rx();
        return count;
    }

    /// After a gap, what is read may have waited for as long as the gap: its delay is partly ours. All that piled up is
    /// read when a burst is not full; a loop whose bursts are always full has made up for a gap in as much time again.
    [[gnu::cold]] void count_late(std::uint32_t count, base::Nanoseconds now_ns) {
        phones_.counters().add(Counter::read_late, count);
        const bool gap = meter_.gap_ns() > plan_.missed_after_ns;
        behind_until_ns_ = count < port::burst_max ? 0 : gap ? now_ns + meter_.gap_ns() : behind_until_ns_;
    }

    /// Written in place: a Look that is returned is copied in wider steps than it was stored, which waits.
    void look(const port::RxDatagram& datagram, sip::Response& response, Look& look) {
        const std::string_view bytes(datagram.data, datagram.size);
        look.ours = false;
        if (datagram.kind != port::RxKind::payload) [[unlikely]] {
            const bool unreachable = datagram.kind == port::RxKind::unreachable;
            look.counter = unreachable ? Counter::unreachable : Counter::oversized;
            look.ours = unreachable && find_branch(bytes, look.id);
        } else if (!sip::looks_like_response(bytes)) [[unlikely]] {
            look.counter = Counter::requests;
        } else if (shapes_.parse(bytes, response) != sip::ParseError::none) [[unlikely]] {
            look.counter = Counter::malformed;
        } else if (response.via_count != 1) [[unlikely]] {
            look.counter = Counter::multiple_via;  // MAT-3
        } else {
            look.counter = Counter::stray;
            look.ours = is_ours(response.text(response.branch), look.id);
            if (look.ours) [[likely]] {
                phones_.table().prefetch(look.id.endpoint);
            }
        }
    }

    [[nodiscard]] bool is_ours(std::string_view branch, sip::BranchId& id) const {
        return sip::decode_branch(branch, plan_.salt, id) && id.worker == plan_.worker &&
               id.endpoint < plan_.endpoints && runs(id.kind);
    }

    [[nodiscard]] bool runs(sip::TransactionKind kind) const {
        return kind == sip::TransactionKind::register_ ||
               (kind == sip::TransactionKind::options ? plan_.keep_alives : plan_.subscriptions);
    }

    /// The branch in the start of a datagram that ICMP quotes; there is no whole message to parse.
    [[nodiscard]] bool find_branch(std::string_view quoted, sip::BranchId& id) const {
        const std::size_t at = quoted.find("z9hG4bK");
        return at != std::string_view::npos && is_ours(quoted.substr(at, sip::branch_chars), id);
    }

    void handle(const port::RxDatagram& datagram, const sip::Response& response, const Look& look,
                base::Nanoseconds now_ns) {
        if (!look.ours) [[unlikely]] {
            phones_.counters().add(look.counter == Counter::requests ? incoming_.answer(datagram) : look.counter);
            return;
        }
        const base::EndpointIndex index = look.id.endpoint;
        const bool new_attempts = phase_ == Phase::running;
        switch (look.id.kind) {
            case sip::TransactionKind::register_:
                deliver(phones_, phones_.table()[index], sip::Method::register_, response, look, now_ns);
                break;
            case sip::TransactionKind::options:
                deliver(phones_.keep_alives(), phones_.keep_alives().table()[index], sip::Method::options, response,
                        look, now_ns,
                        [&](base::EndpointIndex lost) { phones_.on_line_lost(lost, now_ns, new_attempts); });
                break;
            case sip::TransactionKind::subscribe:
                deliver(phones_.subscriptions(), phones_.subscriptions().table()[index], sip::Method::subscribe,
                        response, look, now_ns);
                break;
        }
    }

    /// Hands an answer, or an ICMP error, to the transaction that its branch names, if it is about what is outstanding.
    /// A call: the three kinds in one function cost 2 % more (registration/plain, /digest).
    template <class Client, class Any, class... OnLost>
    [[gnu::noinline]] void deliver(Client& client, const Any& record, sip::Method method, const sip::Response& response,
                                   const Look& look, base::Nanoseconds now_ns, OnLost&&... on_lost) {
        const base::EndpointIndex index = look.id.endpoint;
        if (look.counter == Counter::unreachable) [[unlikely]] {
            phones_.counters().add(Counter::unreachable);
            if (look.id.generation == record.generation && registration::outstanding(record)) {
                client.on_unreachable(index, now_ns, on_lost...);
            }
            return;
        }
        const Counter verdict =
            match(response, look.id, record, phones_.table()[index].source, method, phones_.sender());
        phones_.counters().add(verdict);
        if (verdict == Counter::final_) [[likely]] {
            client.on_final(index, response, now_ns);
        } else if (verdict == Counter::provisional) {
            client.on_provisional(index);
        }
    }

    /// Starts, or sends away, the phones whose slots have come.
    std::uint32_t pace(base::Nanoseconds now_ns) {
        if (!pacing()) {
            return 0;
        }
        if (now_ns >= next_step_ns_ && phase_ == Phase::running) [[unlikely]] {
            pacer_.set_rate(plan_.rate_steps[next_step_++].rate_per_s, next_step_ns_);
            set_next_step();
        }
        if (phase_ == Phase::leaving) {
            pass_silent(now_ns);
        }
        std::uint32_t slots = slots_per_poll_max;
        if (plan_.unlimited) {
            const std::uint32_t outstanding = phones_.outstanding();
            slots = std::min(slots, plan_.window - std::min(plan_.window, outstanding));
        }
        slots = std::min(slots, plan_.endpoints - next_);
        return pacer_.due(now_ns, slots, [&](base::Nanoseconds intended_ns) {
            if (phase_ == Phase::running) {
                attempt_next(now_ns, intended_ns);
                return;
            }
            static_cast<void>(phones_.leave(next_++, now_ns));
        });
    }

    /// Phones that leave without a request take no slot.
    void pass_silent(base::Nanoseconds now_ns) {
        for (std::uint32_t passed = 0;
             passed < leaves_per_poll_max && next_ < plan_.endpoints && phones_.leaves_silently(next_); ++passed) {
            static_cast<void>(phones_.leave(next_++, now_ns));
        }
    }

    /// The slot's phone starts; once all have, in a cycle, the slot's phone registers again.
    void attempt_next(base::Nanoseconds now_ns, base::Nanoseconds intended_ns) {
        const auto index =
            static_cast<base::EndpointIndex>(std::uint64_t{next_++} * plan_.start_stride % plan_.endpoints);
        if (!renewing_) [[likely]] {
            phones_.start(index, now_ns, intended_ns);
        } else {
            const bool taken = phones_.renew(index, now_ns, intended_ns);
            phones_.counters().add(Counter::skipped_slots, taken ? 0 : 1);
        }
        if (plan_.cycle && next_ == plan_.endpoints) [[unlikely]] {
            renewing_ = true;
            next_ = 0;
        }
    }

    void obey(base::Nanoseconds now_ns) {
        Command command;
        if (!mailbox_.next_command(command)) [[likely]] {
            return;
        }
        if (command.kind > CommandKind::renew && !stopped_) {
            stopped_ = true;
            census_at_stop_ = phones_.ledger().census();
        }
        next_publish_ns_ = now_ns;  // the controller waits to see the new phase
        switch (command.kind) {
            case CommandKind::start:
                phase_ = Phase::running;
                start(command.at_ns);
                meter_.start(now_ns);
                break;
            case CommandKind::pace:
                pacer_.set_rate(command.rate_per_s, now_ns);
                next_step_ns_ = timer::Pacer::never;
                break;
            case CommandKind::renew:
                renewing_ = true;
                next_ = 0;
                pacer_ = make_pacer(now_ns, command.rate_per_s);
                break;
            case CommandKind::drain:
                phase_ = Phase::draining;
                phones_.set_on_duty(false);
                break;
            case CommandKind::leave:
                phase_ = Phase::leaving;
                phones_.set_on_duty(false);
                pacer_ = make_pacer(now_ns, command.rate_per_s);
                next_ = 0;
                break;
            case CommandKind::quit:
                phones_.abandon();
                phase_ = Phase::done;
                break;
        }
    }

    void start(base::Nanoseconds start_ns) {
        start_ns_ = start_ns;
        pacer_ = make_pacer(start_ns);
        if (plan_.poisson) {
            pacer_.randomise(base::mix64(~plan_.salt + plan_.worker));
        }
        set_next_step();
        churn_.start(start_ns);
    }

    void set_next_step() {
        next_step_ns_ =
            next_step_ < plan_.rate_steps.size() ? start_ns_ + plan_.rate_steps[next_step_].at_ns : timer::Pacer::never;
    }

    [[nodiscard]] timer::Pacer make_pacer(base::Nanoseconds start_ns, double rate_per_s = 0) const {
        const double planned = plan_.unlimited ? timer::Pacer::unlimited : plan_.rate_per_s;
        return {rate_per_s != 0 ? rate_per_s : planned, start_ns, plan_.worker, plan_.workers};
    }

    void follow_link() {
        if (phase_ != Phase::linking) [[likely]] {
            return;
        }
        if (port_.link_state() == port::LinkState::failed) {
            phase_ = Phase::failed;
        } else if (port_.link_state() == port::LinkState::ready) {
            phones_.place();
            phase_ = Phase::ready;
        }
    }

    /// Lets others have the core while nothing happens, where the port can be waited for: often the registrar under
    /// test lives on the same machine.
    void rest(base::Nanoseconds now_ns) {
        if constexpr (port::RestingPort<Port>) {
            if (worked_ || now_ns - meter_.worked_at_ns() < port::quiet_ns || phase_ != Phase::running) [[likely]] {
                return;
            }
            const base::Nanoseconds until_ns =
                std::min({next_event_ns() - wake_margin_ns, next_publish_ns_, now_ns + port::rest_max_ns});
            if (until_ns > now_ns) {
                port_.wait(until_ns - now_ns);
                meter_.rested(std::min(until_ns, clock_.now_ns()));
            }
        }
    }

    void publish(base::Nanoseconds now_ns) {
        if (now_ns < next_publish_ns_) [[likely]] {
            return;
        }
        // When the controller is behind, the next poll tries again: snapshots are cumulative, nothing is lost.
        if (mailbox_.publish([&](Snapshot& snapshot) { fill(snapshot, now_ns); })) {
            next_publish_ns_ = now_ns + plan_.publish_every_ns;
        }
    }

    const WorkerPlan& plan_;
    Port& port_;
    const Clock& clock_;
    Mailbox& mailbox_;
    Phones<Port> phones_;
    Incoming<Port> incoming_;
    timer::Pacer pacer_{0, 0, 0, 1};  ///< paused until `start`
    Churn<Phones<Port>> churn_;
    base::Nanoseconds start_ns_ = 0;
    std::size_t next_step_ = 0;  ///< of plan_.rate_steps
    base::Nanoseconds next_step_ns_ = timer::Pacer::never;
    bool renewing_ = false;  ///< every phone has started, and the cycle goes on
    Meter meter_;
    Phase phase_ = Phase::linking;
    bool worked_ = false;
    base::Nanoseconds behind_until_ns_ = 0;  ///< what piled up in a gap may not all be read yet
    bool stopped_ = false;
    Census census_at_stop_{};
    base::EndpointIndex next_ = 0;  ///< the next phone that the pacer starts, or sends away
    base::Nanoseconds next_publish_ns_ = 0;

    sip::AnswerShapes shapes_;
    std::array<port::RxDatagram, port::burst_max> burst_;
    std::array<sip::Response, port::burst_max> responses_;
    std::array<Look, port::burst_max> looks_;
};

}  // namespace regstorm::engine
