// SPDX-License-Identifier: Apache-2.0
// The phones of one worker: answers, deadlines and slots become events of the state machine, its actions become
// requests, deadlines and counts. The only place that sees registration, sip, timer and stats together.
#pragma once

#include <array>
#include <cstdint>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/check.hpp"
#include "regstorm/engine/beside.hpp"
#include "regstorm/engine/challenges.hpp"
#include "regstorm/engine/credential_store.hpp"
#include "regstorm/engine/endpoint_table.hpp"
#include "regstorm/engine/grant.hpp"
#include "regstorm/engine/happening.hpp"
#include "regstorm/engine/ledger.hpp"
#include "regstorm/engine/mailbox.hpp"
#include "regstorm/engine/phones_wheel.hpp"
#include "regstorm/engine/plan.hpp"
#include "regstorm/engine/sender.hpp"
#include "regstorm/engine/servers.hpp"
#include "regstorm/registration/answer.hpp"
#include "regstorm/registration/profile.hpp"
#include "regstorm/registration/schedule.hpp"
#include "regstorm/registration/state_machine.hpp"
#include "regstorm/registration/transaction.hpp"
#include "regstorm/stats/counters.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::engine {

template <port::PacketPort Port>
class Phones {
    using Record = registration::Record;
    using State = registration::State;
    using Event = registration::Event;
    using Action = registration::Action;
    using Counter = stats::Counter;
    using Authorization = registration::Authorization;
    using FailureClass = registration::FailureClass;

  public:
    Phones(const WorkerPlan& plan, Port& port, base::Arena& arena, base::Nanoseconds now_ns)
        : plan_(plan),
          port_(port),
          table_(arena, plan.endpoints),
          wheel_(arena, table_, plan.endpoints, timer::tick_at(now_ns)),
          credentials_(arena, plan.credential_rows),
          challenges_(credentials_, realms_),
          ledger_(plan.endpoints, plan.missed_after_ns, plan.groups.size()),
          sender_(plan, port, table_, credentials_, realms_, counters()),
          beside_(plan, table_, port, sender_, credentials_, challenges_, counters(), arena, timer::tick_at(now_ns)) {}

    [[nodiscard]] static std::size_t bytes_for(const WorkerPlan& plan) {
        return EndpointTable::bytes_for(plan.endpoints) + PhonesWheel<Port>::bytes_for(plan.endpoints) +
               CredentialStore::bytes_for(plan.credential_rows) + Beside<Port>::bytes_for(plan);
    }

    /// The port is ready: every phone gets its address and its first CSeq. Before the run, so it may take its time.
    void place() {
        sender_.learn_sources();
        for (base::EndpointIndex index = 0; index < table_.size(); ++index) {
            table_[index].group = plan_.group_of(sender_.number_of(index));
            const base::Source planned = plan_.sources.of(sender_.number_of(index));
            table_[index].source = {planned.address, port_.address_of(planned).udp_port};
            table_[index].cseq = sip::cseq_first - 1;
        }
    }

    /// The pacer's slot for an endpoint that has not started: it gets power.
    void start(base::EndpointIndex index, base::Nanoseconds now_ns, base::Nanoseconds intended_ns) {
        const registration::Profile& profile = profile_of(table_[index]);
        const bool later = profile.boot_delay_ms != 0 || profile.boot_delay_spread_ms != 0;
        step(index, later ? Event::start_later : registration::first_event(profile),
             {.now_ns = now_ns, .intended_ns = intended_ns});
    }

    /// A registration now, of a phone that is not at it already. True when that took a request.
    bool renew(base::EndpointIndex index, base::Nanoseconds now_ns, base::Nanoseconds intended_ns) {
        const State before = table_[index].state;
        if (before == State::idle) {
            return false;
        }
        step(index, Event::renew, {.now_ns = now_ns, .intended_ns = intended_ns});
        return before == State::registered;
    }

    /// The phone is gone, without a word; start() gives it power again.
    void power_off(base::EndpointIndex index, base::Nanoseconds now_ns) {
        step(index, Event::power_off, {.now_ns = now_ns});
    }

    /// A phone without power gets it again after the time that the churn keeps it away.
    void start_away(base::EndpointIndex index, base::Nanoseconds now_ns) {
        step(index, Event::start_later, {.now_ns = now_ns, .away = true});
    }

    /// Off duty: what is under way ends, and nothing begins beside it.
    void set_on_duty(bool on_duty) { on_duty_ = on_duty; }

    /// Leaving will take no request: there is nothing to remove, and nothing under way that will have to be.
    [[nodiscard]] bool leaves_silently(base::EndpointIndex index) {
        const Record& record = table_[index];
        return !registration::in_flight(record.state) && record.state != State::registered &&
               !(record.state == State::waiting && record.bound) && !beside_.subscriptions().alive(index);
    }

    /// The run ends for this endpoint. True when that took a request.
    bool leave(base::EndpointIndex index, base::Nanoseconds now_ns) {
        step(index, registration::leave_event(table_[index]), {.now_ns = now_ns});
        return table_[index].state == State::removing;
    }

    /// A provisional answer that matches the outstanding request.
    void on_provisional(base::EndpointIndex index) { registration::on_provisional(table_[index]); }

    /// A final answer that matches the outstanding request.
    void on_final(base::EndpointIndex index, const sip::Response& response, base::Nanoseconds now_ns) {
        Record& record = table_[index];
        ledger_.answered(record, response.status, now_ns);
        registration::complete_transaction(record);
        Happening happening{.now_ns = now_ns, .response = &response};
        const bool accepted = registration::accepts(response.status);
        step(index, accepted ? Event::accepted : refused(record, response, happening), happening);
    }

    /// An ICMP unreachable that quotes the outstanding request.
    void on_unreachable(base::EndpointIndex index, base::Nanoseconds now_ns) {
        Record& record = table_[index];
        registration::terminate_transaction(record);
        step(index, failure_event(record, FailureClass::transport),
             {.now_ns = now_ns, .cause = {.counter = Counter::failed_transport, .failure = FailureClass::transport}});
    }

    /// Fires what is due, at most `fires_max` deadlines. `new_attempts`: whether refreshes and reattempts still start.
    std::uint32_t advance(base::Nanoseconds now_ns, std::uint32_t fires_max, bool new_attempts) {
        const auto fire = [&](base::EndpointIndex index, base::Tick deadline) {
            on_deadline(index, deadline, now_ns, new_attempts);
        };
        const auto lost = [&](base::EndpointIndex index) { on_line_lost(index, now_ns, new_attempts); };
        const std::uint32_t fired = wheel_.advance(timer::tick_at(now_ns), fires_max, fire);
        return fired + beside_.advance(now_ns, fires_max, new_attempts, lost);
    }

    /// Too many keep-alives of a phone were lost in a row: it registers anew, if it is not at it already.
    void on_line_lost(base::EndpointIndex index, base::Nanoseconds now_ns, bool new_attempts) {
        if (new_attempts) {
            step(index, Event::renew, {.now_ns = now_ns, .intended_ns = now_ns});
        }
    }

    /// The tick at which something is due if nothing arrives.
    [[nodiscard]] base::Tick next_due(base::Tick now) { return beside_.next_due(now, wheel_.next_due(now)); }

    /// Writes what waited for its digest.
    void flush() { sender_.flush(); }

    /// Requests outstanding now.
    [[nodiscard]] std::uint32_t outstanding() const { return ledger_.outstanding(); }
    /// Nothing is on its way that a phone which leaves waits for.
    [[nodiscard]] bool idle() const { return outstanding() == 0 && beside_.subscriptions().farewells() == 0; }

    /// The run is over: what is still outstanding is abandoned, so that every attempt has its outcome.
    void abandon() {
        ledger_.abandon_all();
        beside_.abandon();
    }

    void fill(Snapshot& snapshot) const {
        ledger_.fill(snapshot);
        snapshot.keep_alive_rtt = beside_.keep_alives().rtt();
    }

    [[nodiscard]] EndpointTable& table() { return table_; }
    [[nodiscard]] PhonesWheel<Port>& wheel() { return wheel_; }
    [[nodiscard]] stats::Counters& counters() { return ledger_.counters(); }
    [[nodiscard]] Sender<Port>& sender() { return sender_; }
    [[nodiscard]] bool idle_beside(base::EndpointIndex index) { return beside_.idle(index); }
    [[nodiscard]] KeepAlives<Port>& keep_alives() { return beside_.keep_alives(); }
    [[nodiscard]] Subscriptions<Port>& subscriptions() { return beside_.subscriptions(); }
    [[nodiscard]] const Ledger& ledger() const { return ledger_; }

  private:
    [[nodiscard]] const Group& group_of(const Record& record) const { return plan_.groups[record.group]; }
    [[nodiscard]] const auto& profile_of(const Record& record) const { return group_of(record).profile; }
    [[nodiscard]] Event failure_event(const Record& record, FailureClass failure) const {
        return registration::failure_event(profile_of(record), failure);
    }

    /// The event that a final answer above 299 is, and what it brings.
    [[nodiscard]] Event refused(Record& record, const sip::Response& response, Happening& happening) {
        registration::Answer answer = challenges_.read_answer(response, record, group_of(record).has_password);
        happening.cause.status = response.status;
        happening.cause.failure = registration::failure_class(response.status);
        if (answer.retry_after_s) [[unlikely]] {  // copied only then: it is read in another width than it was written
            happening.cause.retry_after_s = answer.retry_after_s;
        }
        if (response.status / 100 == 3) [[unlikely]] {
            happening.server = look_elsewhere(group_of(record), record, response, happening.cause);
            answer.leads_elsewhere = happening.server != server_own;
        }
        const Event event = registration::classify(answer, record, profile_of(record));
        if (event != Event::challenged) {
            return event;
        }
        const Challenges::Kept kept = challenges_.keep(record);
        if (kept == Challenges::Kept::yes && sender_.fits(record.group, record.credentials)) {
            return event;
        }
        const bool full = kept == Challenges::Kept::store_full;
        happening.cause = {.counter = full ? Counter::failed_store : Counter::failed_local,
                           .failure = FailureClass::credentials};
        return failure_event(record, FailureClass::credentials);
    }

    void on_deadline(base::EndpointIndex index, base::Tick deadline, base::Nanoseconds now_ns, bool new_attempts) {
        Record& record = table_[index];
        const base::Tick now = timer::tick_at(now_ns);
        if (!registration::outstanding(record)) {
            if (new_attempts) {
                // When that tick began: the attempt was meant for then.
                const base::Nanoseconds late_ns = base::Nanoseconds{now - deadline} * base::ns_per_ms;
                const Event event =
                    record.state == State::delayed ? registration::first_event(profile_of(record)) : Event::due;
                step(index, event, {.now_ns = now_ns, .intended_ns = now_ns - now_ns % base::ns_per_ms - late_ns});
            }
            return;
        }
        record.deadline = deadline;  // the wheel has cleared it; the schedule continues from it
        if (registration::on_transaction_deadline(record, profile_of(record).timers, now) ==
            registration::TimerOutcome::retransmit) {
            wheel_.arm(index, record.deadline);
            counters().add_retransmission(record.retransmits);
            sender_.send(index);
            return;
        }
        step(index, failure_event(record, FailureClass::timeout), {.now_ns = now_ns});
    }

    void step(base::EndpointIndex index, Event event, const Happening& happening) {
        Record& record = table_[index];
        const State from = record.state;
        const registration::Transition transition = registration::transition(from, event);
        ledger_.moved(from, transition.next);
        record.state = transition.next;
        if (transition.action == Action::drop) [[unlikely]] {
            drop(index, from);
        } else {
            act(transition.action, index, happening);
        }
        if (record.stop_requested && !registration::in_flight(record.state)) {
            record.stop_requested = false;
            step(index, registration::leave_event(record), {.now_ns = happening.now_ns});
        }
    }

    void act(Action action, base::EndpointIndex index, const Happening& happening) {
        Record& record = table_[index];
        switch (action) {
            case Action::none:
                return;
            case Action::attempt:
                ledger_.served(happening.intended_ns, happening.now_ns);
                begin_attempt(index, happening);
                return;
            case Action::clear_again:
            case Action::authorize:
            case Action::remove_again:
                count(Counter::challenged);
                record.authorization = Authorization::fresh;
                request(index, happening.now_ns);
                return;
            case Action::raise:
                record.raised = record.raised_now = true;
                registration::ask_for(record, happening.response->min_expires_s);
                record.authorization = registration::kept_authorization(record);
                request(index, happening.now_ns);
                return;
            case Action::redirect:
                count(Counter::redirected);
                record.server = happening.server & 0xf;
                forget_credentials(record);
                record.authorization = Authorization::bare;
                request(index, happening.now_ns);
                return;
            case Action::hold:
                accept(index, happening);
                return;
            case Action::wait:
                fail(record, happening);
                wait(index, happening);
                return;
            case Action::end_failed:
                fail(record, happening);
                beside_.stop(index);
                end(index);
                return;
            case Action::defer:
                record.stop_requested = true;
                return;
            case Action::forbidden:
                CHECK(action != Action::forbidden);
                return;
            default:
                act_at_either_end(action, index, happening);
        }
    }

    /// The actions of a boot, and those of leaving.
    void act_at_either_end(Action action, base::EndpointIndex index, const Happening& happening) {
        Record& record = table_[index];
        switch (action) {
            case Action::exist:
                ledger_.had_outcome(record);
                beside_.start(index, happening.now_ns);
                return;
            case Action::delay:
                wheel_.arm(index, timer::tick_after(happening.now_ns, delay_ms(index, happening.away)));
                return;
            case Action::clear:
                ledger_.served(happening.intended_ns, happening.now_ns);
                count(Counter::clearings_attempted);
                begin_removal(index, Authorization::bare, happening.now_ns);
                return;
            case Action::attempt_cleared:
                count(Counter::clearings_succeeded);
                begin_attempt(index, {.now_ns = happening.now_ns, .intended_ns = happening.now_ns});
                return;
            case Action::wait_uncleared:
                count(Counter::clearings_failed);
                forget_credentials(record);
                wait(index, happening);
                return;
            case Action::end_uncleared:
                count(Counter::clearings_failed);
                ledger_.had_outcome(record);
                beside_.stop(index);
                end(index);
                return;
            case Action::remove:
                count(Counter::removals_attempted);
                beside_.leave(index, happening.now_ns);
                begin_removal(index, registration::kept_authorization(record), happening.now_ns);
                return;
            case Action::end_removed:
                end_removal(index, Counter::removals_succeeded, happening.now_ns);
                return;
            case Action::end_unremoved:
                end_removal(index, Counter::removals_failed, happening.now_ns);
                return;
            default:
                CHECK(action == Action::end);
                beside_.leave(index, happening.now_ns);
                end(index);
        }
    }

    void count(Counter counter) { ledger_.counters().add(counter); }

    void begin_removal(base::EndpointIndex index, Authorization authorization, base::Nanoseconds now_ns) {
        Record& record = table_[index];
        registration::begin_request(record);
        record.expires_s = 0;
        record.authorization = authorization;
        request(index, now_ns);
    }

    void begin_attempt(base::EndpointIndex index, const Happening& happening) {
        Record& record = table_[index];
        const registration::Profile& profile = profile_of(record);
        count(Counter::attempted);
        record.intended_ns = happening.intended_ns;
        record.server = server_to_begin_with(profile, record) & 0xf;
        registration::begin_request(record);
        if (!record.raised) {
            registration::ask_for(record, registration::asked_expires_s(profile, draw(index, 1)));
        }
        const bool authorize =
            record.state == State::refreshing ? profile.authorize_refresh : profile.authorize_register;
        record.authorization = authorize ? registration::kept_authorization(record) : Authorization::bare;
        request(index, happening.now_ns);
    }

    /// Chance for one of the things that an endpoint decides at a moment; each has a `purpose` of its own.
    [[nodiscard]] auto draw(base::EndpointIndex index, std::uint64_t purpose) const {
        return [this, index, purpose] { return base::mix64(sender_.draw_of(index) ^ purpose); };
    }

    /// Starts the transaction that the record describes and sends its request.
    void request(base::EndpointIndex index, base::Nanoseconds now_ns) {
        Record& record = table_[index];
        if (record.authorization != Authorization::bare) {
            sender_.use_nonces(record.credentials);
        }
        registration::begin_transaction(record, profile_of(record).timers, timer::tick_after(now_ns, 0));
        registration::note_first_send(record, now_ns);
        wheel_.arm(index, record.deadline);
        sender_.send(index);
    }

    void accept(base::EndpointIndex index, const Happening& happening) {
        Record& record = table_[index];
        const bool spread = plan_.spread_first_refresh && !record.had_outcome;
        ledger_.succeeded(record, happening.now_ns);
        record.failures = 0;
        const std::uint32_t lifetime_s = granted_s(*happening.response, index, record.expires_s, sender_, counters());
        if (record.credentials != 0) {
            const bool keep = profile_of(record).authorize_refresh || profile_of(record).authorize_register;
            challenges_.keep_or_release(record, *happening.response, keep,
                                        [&] { return sender_.fits(record.group, record.credentials); });
        }
        base::Tick refresh_ms = registration::refresh_after_ms(profile_of(record), lifetime_s, draw(index, 2));
        if (spread) {
            refresh_ms = static_cast<base::Tick>(registration::uniform(draw(index, 4), 1, refresh_ms));
        }
        wheel_.arm(index, timer::tick_after(happening.now_ns, refresh_ms));
        record.bound = true;
        if (on_duty_ && !record.stop_requested) {
            beside_.start(index, happening.now_ns);
        }
    }

    void fail(Record& record, const Happening& happening) {
        ledger_.failed(record, happening.cause, happening.now_ns);
        forget_credentials(record);
    }

    /// Whatever was wrong, the next attempt starts without credentials: rejected ones are never sent again (AUT-12),
    /// and a phone that waits holds no row of the store.
    void forget_credentials(Record& record) { credentials_.release(record.credentials); }

    /// Arms the reattempt after a failure.
    void wait(base::EndpointIndex index, const Happening& happening) {
        Record& record = table_[index];
        record.failures = static_cast<std::uint8_t>(std::min(record.failures + 1, 255));
        const base::Tick wait_ms =
            registration::retry_after_ms(profile_of(record), happening.cause.failure, record.failures,
                                         happening.cause.retry_after_s, draw(index, 3)());
        wheel_.arm(index, timer::tick_after(happening.now_ns, wait_ms));
        beside_.pause(index);
        if (fails_over(group_of(record), record, happening.cause)) {
            record.server = (record.server == server_own ? server_secondary : server_own) & 0xf;
            count(Counter::failed_over);
        }
    }

    /// The un-REGISTER has ended; a phone that left only for a while boots anew after it.
    void end_removal(base::EndpointIndex index, Counter outcome, base::Nanoseconds now_ns) {
        Record& record = table_[index];
        count(outcome);
        record.bound = false;
        end(index);
        if (record.comes_back && !record.stop_requested) {
            power_off(index, now_ns);
            start_away(index, now_ns);
        }
    }

    [[nodiscard]] base::Tick delay_ms(base::EndpointIndex index, bool away) {
        const base::Tick boot_ms = registration::boot_delay_ms(profile_of(table_[index]), draw(index, 0));
        return boot_ms + (away ? plan_.churn.away_ms : 0);
    }

    void end(base::EndpointIndex index) {
        credentials_.release(table_[index].credentials);
        wheel_.cancel(index);
    }

    /// Power cut: whatever was outstanding never gets its answer, and the next boot knows nothing of this one.
    void drop(base::EndpointIndex index, State from) {
        Record& record = table_[index];
        count(Counter::power_offs);
        if (registration::outstanding(record)) {
            registration::terminate_transaction(record);
            ledger_.abandon(from);
        }
        beside_.stop(index);
        end(index);
        registration::begin_boot(record);
    }

    const WorkerPlan& plan_;
    Port& port_;
    EndpointTable table_;
    PhonesWheel<Port> wheel_;
    CredentialStore credentials_;
    RealmTable realms_;
    Challenges challenges_;
    Ledger ledger_;
    Sender<Port> sender_;
    Beside<Port> beside_;
    bool on_duty_ = true;
};

}  // namespace regstorm::engine
