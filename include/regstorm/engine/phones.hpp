// SPDX-License-Identifier: Apache-2.0
// The phones of one worker: answers, deadlines and slots become events of the state machine, its actions become
// requests, deadlines and counts. The only place that sees registration, sip, timer and stats together.
#pragma once

#include <array>
#include <cstdint>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/check.hpp"
#include "regstorm/engine/credential_store.hpp"
#include "regstorm/engine/endpoint_table.hpp"
#include "regstorm/engine/mailbox.hpp"
#include "regstorm/engine/plan.hpp"
#include "regstorm/engine/sender.hpp"
#include "regstorm/registration/answer.hpp"
#include "regstorm/registration/profile.hpp"
#include "regstorm/registration/state_machine.hpp"
#include "regstorm/registration/transaction.hpp"
#include "regstorm/sip/contact.hpp"
#include "regstorm/sip/digest.hpp"
#include "regstorm/stats/counters.hpp"
#include "regstorm/stats/histogram.hpp"
#include "regstorm/timer/clock.hpp"
#include "regstorm/timer/wheel.hpp"

namespace regstorm::engine {

template <port::PacketPort Port>
class Phones {
    using Record = registration::Record;
    using State = registration::State;
    using Event = registration::Event;
    using Action = registration::Action;
    using Counter = stats::Counter;

  public:
    Phones(const WorkerPlan& plan, Port& port, base::Arena& arena, base::Nanoseconds now_ns)
        : plan_(plan),
          port_(port),
          table_(arena, plan.endpoints),
          wheel_(arena, table_, plan.endpoints, timer::tick_at(now_ns)),
          credentials_(arena, plan.credential_rows),
          sender_(plan, port, table_, credentials_, realms_, counters_) {
        census_[static_cast<std::size_t>(State::idle)] = plan.endpoints;
    }

    [[nodiscard]] static std::size_t bytes_for(const WorkerPlan& plan) {
        return EndpointTable::bytes_for(plan.endpoints) + timer::Wheel<EndpointTable>::bytes_for(plan.endpoints) +
               CredentialStore::bytes_for(plan.credential_rows);
    }

    /// The port is ready: every phone gets its address and its first CSeq. Before the run, so it may take its time.
    void place() {
        sender_.learn_sources();
        for (base::EndpointIndex index = 0; index < table_.size(); ++index) {
            const base::Source planned = plan_.sources.of(sender_.number_of(index));
            table_[index].source = {planned.address, port_.address_of(planned).udp_port};
            table_[index].cseq = sip::cseq_first - 1;
        }
    }

    /// The pacer's slot for an endpoint that has not started.
    void start(base::EndpointIndex index, base::Nanoseconds now_ns, base::Nanoseconds intended_ns) {
        step(index, Event::start, {.now_ns = now_ns, .intended_ns = intended_ns});
    }

    /// The run ends for this endpoint. True when that took a request.
    bool leave(base::EndpointIndex index, base::Nanoseconds now_ns) {
        step(index, Event::leave, {.now_ns = now_ns});
        return table_[index].state == State::removing;
    }

    /// A provisional answer that matches the outstanding request.
    void on_provisional(base::EndpointIndex index) { registration::on_provisional(table_[index]); }

    /// A final answer that matches the outstanding request.
    void on_final(base::EndpointIndex index, const sip::Response& response, base::Nanoseconds now_ns) {
        Record& record = table_[index];
        counters_.add_response(response.status);
        registration::complete_transaction(record);
        Happening happening{.now_ns = now_ns, .response = &response, .cause = {.status = response.status}};
        const Event event = registration::classify(facts(response, record), record, profile_of(record));
        if (event == Event::challenged && !(keep_challenges(record) && sender_.fits(record))) {
            happening.cause = {.counter = Counter::failed_local};
            step(index, failure_event(record, registration::FailureClass::credentials), happening);
            return;
        }
        step(index, event, happening);
    }

    /// An ICMP unreachable that quotes the outstanding request.
    void on_unreachable(base::EndpointIndex index, base::Nanoseconds now_ns) {
        Record& record = table_[index];
        registration::terminate_transaction(record);
        step(index, failure_event(record, registration::FailureClass::transport),
             {.now_ns = now_ns, .cause = {.counter = Counter::failed_transport}});
    }

    /// Fires what is due, at most `fires_max` deadlines. `new_attempts`: whether refreshes and reattempts still start.
    std::uint32_t advance(base::Nanoseconds now_ns, std::uint32_t fires_max, bool new_attempts) {
        return wheel_.advance(timer::tick_at(now_ns), fires_max, [&](base::EndpointIndex index, base::Tick deadline) {
            on_deadline(index, deadline, now_ns, new_attempts);
        });
    }

    /// Writes what waited for its digest.
    void flush() { sender_.flush(); }

    /// Requests outstanding now.
    [[nodiscard]] std::uint32_t outstanding() const {
        return in_state(State::registering) + in_state(State::refreshing) + in_state(State::removing);
    }

    /// The run is over: what is still outstanding is abandoned, so that every attempt has its outcome.
    void abandon() {
        counters_.add(Counter::abandoned, in_state(State::registering) + in_state(State::refreshing));
        counters_.add(Counter::removals_abandoned, in_state(State::removing));
    }

    void fill(Snapshot& snapshot) const {
        snapshot.census = census_;
        snapshot.first_outcomes = first_outcomes_;
        snapshot.counters = counters_;
        snapshot.rrd = rrd_;
        snapshot.send_lag = send_lag_;
    }

    [[nodiscard]] EndpointTable& table() { return table_; }
    [[nodiscard]] timer::Wheel<EndpointTable>& wheel() { return wheel_; }
    [[nodiscard]] stats::Counters& counters() { return counters_; }
    [[nodiscard]] Sender<Port>& sender() { return sender_; }
    [[nodiscard]] const Census& census() const { return census_; }

  private:
    /// Why an attempt fails: a final status, or, with status 0, a counter.
    struct Cause {
        std::uint16_t status = 0;
        Counter counter = Counter::failed_timeout;
    };
    /// What an event brings with it.
    struct Happening {
        base::Nanoseconds now_ns = 0;
        base::Nanoseconds intended_ns = 0;
        const sip::Response* response = nullptr;
        Cause cause{};
    };

    [[nodiscard]] const Group& group_of(const Record& record) const { return plan_.groups[record.group]; }
    [[nodiscard]] const registration::Profile& profile_of(const Record& record) const {
        return group_of(record).profile;
    }
    [[nodiscard]] std::uint32_t in_state(State state) const { return census_[static_cast<std::size_t>(state)]; }
    [[nodiscard]] Event failure_event(const Record& record, registration::FailureClass failure) const {
        return registration::failure_event(profile_of(record), failure);
    }

    void on_deadline(base::EndpointIndex index, base::Tick deadline, base::Nanoseconds now_ns, bool new_attempts) {
        Record& record = table_[index];
        const base::Tick now = timer::tick_at(now_ns);
        if (!registration::outstanding(record)) {
            if (new_attempts) {
                // When that tick began: the attempt was meant for then.
                const base::Nanoseconds late_ns = base::Nanoseconds{now - deadline} * base::ns_per_ms;
                step(index, Event::due, {.now_ns = now_ns, .intended_ns = now_ns - now_ns % base::ns_per_ms - late_ns});
            }
            return;
        }
        record.deadline = deadline;  // the wheel has cleared it; the schedule continues from it
        if (registration::on_transaction_deadline(record, profile_of(record).timers, now) ==
            registration::TimerOutcome::retransmit) {
            wheel_.arm(index, record.deadline);
            counters_.add(Counter::retransmitted);
            sender_.send(index);
            return;
        }
        step(index, failure_event(record, registration::FailureClass::timeout),
             {.now_ns = now_ns, .cause = {.counter = Counter::failed_timeout}});
    }

    void step(base::EndpointIndex index, Event event, const Happening& happening) {
        Record& record = table_[index];
        const registration::Transition transition = registration::transition(record.state, event);
        --census_[static_cast<std::size_t>(record.state)];
        ++census_[static_cast<std::size_t>(transition.next)];
        record.state = transition.next;
        act(transition.action, index, happening);
        if (record.stop_requested && !registration::in_flight(record.state)) {
            record.stop_requested = false;
            step(index, Event::leave, {.now_ns = happening.now_ns});
        }
    }

    void act(Action action, base::EndpointIndex index, const Happening& happening) {
        Record& record = table_[index];
        switch (action) {
            case Action::none:
                break;
            case Action::attempt:
                begin_attempt(index, happening);
                break;
            case Action::authorize:
            case Action::remove_again:
                counters_.add(Counter::challenged);
                ++record.challenges;
                record.authorization = registration::Authorization::fresh;
                request(index, happening.now_ns);
                break;
            case Action::raise:
                record.raised = record.raised_now = true;
                record.expires_s = happening.response->min_expires_s;
                record.authorization = kept_authorization(record);
                request(index, happening.now_ns);
                break;
            case Action::hold:
                accept(index, happening);
                break;
            case Action::wait:
                fail(record, happening.cause);
                wheel_.arm(index, timer::tick_after(happening.now_ns, wait_after(record, happening.cause)));
                break;
            case Action::end_failed:
                fail(record, happening.cause);
                wheel_.cancel(index);
                break;
            case Action::remove:
                counters_.add(Counter::removals_attempted);
                begin_request(record);
                record.expires_s = 0;
                record.authorization = kept_authorization(record);
                request(index, happening.now_ns);
                break;
            case Action::end_removed:
                end_removal(index, Counter::removals_succeeded);
                break;
            case Action::end_unremoved:
                end_removal(index, Counter::removals_failed);
                break;
            case Action::end:
                wheel_.cancel(index);
                break;
            case Action::defer:
                record.stop_requested = true;
                break;
            case Action::forbidden:
                CHECK(action != Action::forbidden);
                break;
        }
    }

    static void begin_request(Record& record) {
        record.challenges = 0;
        record.stale_answers = 0;
        record.raised_now = false;
    }

    void begin_attempt(base::EndpointIndex index, const Happening& happening) {
        Record& record = table_[index];
        const base::Nanoseconds lag_ns = happening.now_ns - happening.intended_ns;
        counters_.add(Counter::attempted);
        counters_.add(Counter::missed_slots, lag_ns > plan_.missed_after_ns ? 1 : 0);
        send_lag_.record(lag_ns);
        record.intended_ns = happening.intended_ns;
        begin_request(record);
        record.expires_s = record.raised ? record.expires_s : profile_of(record).expires_s;
        record.authorization =
            profile_of(record).authorize_refresh ? kept_authorization(record) : registration::Authorization::bare;
        request(index, happening.now_ns);
    }

    [[nodiscard]] static registration::Authorization kept_authorization(const Record& record) {
        return record.credentials != 0 ? registration::Authorization::cached : registration::Authorization::bare;
    }

    /// Starts the transaction that the record describes and sends its request.
    void request(base::EndpointIndex index, base::Nanoseconds now_ns) {
        Record& record = table_[index];
        if (record.authorization != registration::Authorization::bare) {
            for (std::uint32_t row = record.credentials; row != 0; row = credentials_[row].next) {
                ++credentials_[row].nc;
            }
        }
        registration::begin_transaction(record, profile_of(record).timers, timer::tick_after(now_ns, 0));
        wheel_.arm(index, record.deadline);
        sender_.send(index);
    }

    void accept(base::EndpointIndex index, const Happening& happening) {
        Record& record = table_[index];
        counters_.add(Counter::succeeded);
        rrd_.record(happening.now_ns - record.intended_ns);
        first_outcome(record);
        const std::uint32_t granted_s = granted(index, *happening.response);
        if (record.credentials != 0) {
            keep_or_release(record, *happening.response);
        }
        wheel_.arm(index,
                   timer::tick_after(happening.now_ns, registration::refresh_after_ms(profile_of(record), granted_s)));
    }

    /// What the registrar granted to our own binding; what was asked for when it lists others only (REG-3).
    [[nodiscard]] std::uint32_t granted(base::EndpointIndex index, const sip::Response& response) {
        const Record& record = table_[index];
        std::array<char, contact_uri_chars_max> uri;
        const sip::GrantedExpiry grant =
            sip::granted_expiry(response, sender_.contact_uri(index, uri), {}, record.expires_s);
        if (grant.source == sip::Granted::binding_lost) {
            counters_.add(Counter::binding_lost);
            return record.expires_s;
        }
        return grant.expires_s;
    }

    void keep_or_release(Record& record, const sip::Response& response) {
        if (!profile_of(record).authorize_refresh) {
            credentials_.release(record.credentials);
            return;
        }
        const std::string_view next_nonce = sip::next_nonce(response.text(response.authentication_info));
        if (!next_nonce.empty() && !(credentials_[record.credentials].renew(next_nonce) && sender_.fits(record))) {
            credentials_.release(record.credentials);
        }
    }

    void fail(Record& record, const Cause& cause) {
        counters_.add(Counter::failed);
        if (cause.status != 0) {
            counters_.add_failure(cause.status);
        } else {
            counters_.add(cause.counter);
        }
        first_outcome(record);
        // Whatever was wrong, the next attempt starts without credentials: rejected ones are never sent again
        // (AUT-12), and a phone that waits holds no row of the store.
        credentials_.release(record.credentials);
    }

    [[nodiscard]] base::Tick wait_after(const Record& record, const Cause& cause) const {
        registration::FailureClass failure = registration::FailureClass::credentials;
        if (cause.status != 0) {
            failure = registration::failure_class(cause.status);
        } else if (cause.counter == Counter::failed_timeout) {
            failure = registration::FailureClass::timeout;
        } else if (cause.counter == Counter::failed_transport) {
            failure = registration::FailureClass::transport;
        }
        return profile_of(record).wait_ms[static_cast<std::size_t>(failure)];
    }

    void end_removal(base::EndpointIndex index, Counter outcome) {
        counters_.add(outcome);
        credentials_.release(table_[index].credentials);
        wheel_.cancel(index);
    }

    void first_outcome(Record& record) {
        first_outcomes_ += record.had_outcome ? 0 : 1;
        record.had_outcome = true;
    }

    /// What a final says, for the state machine; challenges are left in `challenges_`.
    [[nodiscard]] registration::Answer facts(const sip::Response& response, const Record& record) {
        registration::Answer answer{.status = response.status,
                                    .min_expires_s = response.has_min_expires ? response.min_expires_s : 0};
        challenge_count_ = 0;
        if ((response.status != 401 && response.status != 407) || !group_of(record).has_password) {
            return answer;
        }
        challenge_count_ = sip::select_challenges(response, challenges_);
        for (std::uint32_t i = 0; i < challenge_count_; ++i) {
            answer.challenge = std::max(answer.challenge, fact_of(challenges_[i], record));
        }
        return answer;
    }

    [[nodiscard]] registration::ChallengeFact fact_of(const sip::Challenge& challenge, const Record& record) {
        const std::uint8_t realm = realms_.number_of(challenge.realm);
        if (realm == 0) {
            return registration::ChallengeFact::none;
        }
        if (record.authorization != registration::Authorization::bare &&
            credentials_.find(record.credentials, realm, challenge.proxy) == 0) {
            return registration::ChallengeFact::other_realm;
        }
        return challenge.stale ? registration::ChallengeFact::stale : registration::ChallengeFact::answerable;
    }

    /// Stores the challenges of the answer at hand. False when one does not fit: the attempt fails, and is counted.
    [[nodiscard]] bool keep_challenges(Record& record) {
        bool stale = false;
        for (std::uint32_t i = 0; i < challenge_count_; ++i) {
            const sip::Challenge& challenge = challenges_[i];
            const std::uint8_t realm = realms_.number_of(challenge.realm);
            if (realm == 0) {
                continue;
            }
            std::uint32_t row = credentials_.find(record.credentials, realm, challenge.proxy);
            if (!CredentialRow::fits(challenge) || (row == 0 && (row = add_row(record)) == 0)) {
                return false;
            }
            credentials_[row].assign(challenge, realm);
            stale |= challenge.stale;
        }
        record.stale_answers = static_cast<std::uint8_t>(record.stale_answers + (stale ? 1 : 0));
        return true;
    }

    /// A fresh row at the head of the endpoint's chain; 0 when the store is full or the chain as long as may be.
    [[nodiscard]] std::uint32_t add_row(Record& record) {
        std::uint32_t length = 0;
        for (std::uint32_t row = record.credentials; row != 0; row = credentials_[row].next) {
            ++length;
        }
        const std::uint32_t row = length < sip::realms_max ? credentials_.take() : 0;
        if (row != 0) {
            credentials_[row].next = record.credentials;
            record.credentials = row;
        }
        return row;
    }

    const WorkerPlan& plan_;
    Port& port_;
    EndpointTable table_;
    timer::Wheel<EndpointTable> wheel_;
    CredentialStore credentials_;
    RealmTable realms_;
    stats::Counters counters_;
    Sender<Port> sender_;
    stats::Histogram rrd_;
    stats::Histogram send_lag_;
    Census census_{};
    std::uint32_t first_outcomes_ = 0;
    std::array<sip::Challenge, sip::realms_max> challenges_;
    std::uint32_t challenge_count_ = 0;
};

}  // namespace regstorm::engine
