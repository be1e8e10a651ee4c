// SPDX-License-Identifier: Apache-2.0
// The subscription that a phone keeps beside its registration: message-summary (RFC 3842) or reg (RFC 3680), refreshed
// within its dialog before it expires (RFC 6665 4.1.2), answered when challenged, begun anew when the other side has
// forgotten it (481) or after the profile's wait, and ended with Expires: 0 when the phone leaves (4.1.2.3). Its
// NOTIFYs are answered by engine/incoming.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "regstorm/engine/challenges.hpp"
#include "regstorm/engine/plan.hpp"
#include "regstorm/engine/sender.hpp"
#include "regstorm/engine/side_table.hpp"
#include "regstorm/registration/answer.hpp"
#include "regstorm/registration/schedule.hpp"
#include "regstorm/registration/transaction.hpp"
#include "regstorm/sip/contact.hpp"
#include "regstorm/sip/message.hpp"
#include "regstorm/stats/counters.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::engine {

/// The notifier's side of a dialog. What does not fit is not kept: the next SUBSCRIBE then begins a new dialog.
struct DialogRow {
    static constexpr std::size_t chars_max = 126;
    std::uint8_t tag_size = 0;
    std::uint8_t target_size = 0;
    std::array<char, chars_max> text{};

    void assign(std::string_view tag, std::string_view target) {
        if (tag.empty() || tag.size() + target.size() > chars_max) {
            tag_size = target_size = 0;
            return;
        }
        tag_size = static_cast<std::uint8_t>(tag.size());
        target_size = static_cast<std::uint8_t>(target.size());
        tag.copy(text.data(), tag.size());  // unlike memcpy() it may copy nothing from nowhere
        target.copy(text.data() + tag.size(), target.size());
    }
    [[nodiscard]] sip::RemoteDialog view() const {
        return {{text.data(), tag_size}, {text.data() + tag_size, target_size}};
    }
};
static_assert(sizeof(DialogRow) == 2 * base::cache_line_bytes);

template <port::PacketPort Port>
class Subscriptions : public SideClient<Port> {
    using Counter = stats::Counter;
    using Authorization = registration::Authorization;
    using Client = SideClient<Port>;
    using Client::counters_;
    using Client::outstanding_;
    using Client::sender_;
    using Client::table_;

  public:
    Subscriptions(const WorkerPlan& plan, EndpointTable& phones, Sender<Port>& sender, CredentialStore& credentials,
                  Challenges& challenges, stats::Counters& counters, base::Arena& arena, base::Tick now)
        : Client(plan, phones, sender, counters, arena, plan.subscriptions ? plan.endpoints : 0, now),
          credentials_(credentials),
          challenges_(challenges) {
        if (plan.subscriptions) {
            dialogs_ = arena.make<DialogRow>(plan.endpoints);
        }
    }

    [[nodiscard]] static std::size_t bytes_for(const WorkerPlan& plan) {
        return plan.subscriptions
                   ? SideTable::bytes_for(plan.endpoints) + base::Arena::bytes_for<DialogRow>(plan.endpoints)
                   : 0;
    }

    /// The phone is registered: it subscribes, unless it already has.
    void start(base::EndpointIndex index, base::Nanoseconds now_ns) {
        if (!table_.present() || !rule_of(index).enabled || table_[index].active) {
            return;
        }
        table_[index].active = true;
        table_[index].cseq = std::max(table_[index].cseq, sip::cseq_first - 1);
        begin(index, now_ns);
    }

    /// The phone is off line, without a word: what is outstanding is abandoned, the dialog forgotten.
    void stop(base::EndpointIndex index) {
        if (!table_.present() || !(table_[index].active || table_[index].farewell != Farewell::none)) {
            return;
        }
        Client::cut_short(index, Counter::subscriptions_abandoned);
        set_farewell(index, Farewell::none);
        forget(index);
    }

    /// The phone leaves in order: its subscription is ended, first of all what is outstanding.
    void leave(base::EndpointIndex index, base::Nanoseconds now_ns) {
        if (!alive(index)) {
            return;
        }
        table_[index].active = false;
        if (registration::outstanding(table_[index])) {
            set_farewell(index, Farewell::wanted);
        } else {
            say_farewell(index, now_ns);
        }
    }

    /// There is one, or there may be one once what is outstanding has its answer.
    [[nodiscard]] bool alive(base::EndpointIndex index) const { return table_.present() && table_[index].active; }
    /// Phones that have not yet finished saying that they leave.
    [[nodiscard]] std::uint32_t farewells() const { return farewells_; }

    std::uint32_t advance(base::Nanoseconds now_ns, std::uint32_t fires_max, bool new_attempts) {
        return Client::advance_transactions(
            now_ns, fires_max,
            [&](base::EndpointIndex index) {
                if (new_attempts) {
                    begin(index, now_ns);
                }
            },
            [&](base::EndpointIndex index) { return subscribe_of(index); },
            [&](base::EndpointIndex index) { fail(index, now_ns, {}); });
    }

    void on_final(base::EndpointIndex index, const sip::Response& response, base::Nanoseconds now_ns) {
        SideRecord& record = table_[index];
        counters_.add_response(response.status);
        registration::complete_transaction(record);
        if (response.status < 300) {
            accept(index, response, now_ns);
            return;
        }
        const registration::ChallengeFact fact =
            challenges_.read(response, record, Client::group_of(index).has_password);
        if (registration::worth_answering(record, fact) && challenges_.keep(record) == Challenges::Kept::yes &&
            sender_.fits(Client::phones_[index].group, record.credentials)) {
            counters_.add(Counter::challenged);
            record.authorization = Authorization::fresh;
            request(index, now_ns);
            return;
        }
        const bool forgotten = response.status == 481 && dialogs_[index].tag_size != 0;
        if (forgotten && record.farewell == Farewell::none) {
            counters_.add(Counter::subscriptions_failed);
            --outstanding_;
            forget(index);
            begin(index, now_ns);  // RFC 6665 4.1.2.2: a new one at once, without the old dialog; then never twice
            return;
        }
        fail(index, now_ns,
             response.has_retry_after ? std::optional(response.retry_after_s) : std::optional<std::uint32_t>{});
    }

    void on_unreachable(base::EndpointIndex index, base::Nanoseconds now_ns) {
        registration::terminate_transaction(table_[index]);
        fail(index, now_ns, {});
    }

    /// The run is over.
    void abandon() { counters_.add(Counter::subscriptions_abandoned, outstanding_); }

  private:
    [[nodiscard]] const registration::SubscriptionRule& rule_of(base::EndpointIndex index) const {
        return Client::profile_of(index).subscription;
    }

    [[nodiscard]] Outgoing subscribe_of(base::EndpointIndex index) const {
        const SideRecord& record = table_[index];
        return {.form = &Client::group_of(index).subscribe,
                .identity = sender_.identity_of(index, sip::TransactionKind::subscribe),
                .endpoint = index,
                .credentials = record.authorization == Authorization::bare ? 0 : record.credentials,
                .cseq = record.cseq,
                .expires_s = record.farewell == Farewell::said ? 0 : rule_of(index).expires_s,
                .generation = record.generation,
                .server = record.server,
                .kind = sip::TransactionKind::subscribe,
                .dialog = dialogs_[index].view()};
    }

    /// A new attempt: the first SUBSCRIBE, a refresh, a reattempt, or the last one.
    void begin(base::EndpointIndex index, base::Nanoseconds now_ns) {
        SideRecord& record = table_[index];
        counters_.add(Counter::subscriptions_attempted);
        ++outstanding_;
        record.server = Client::phones_[index].server;
        record.challenges = 0;
        record.stale_answers = 0;
        record.authorization = record.credentials != 0 ? Authorization::cached : Authorization::bare;
        request(index, now_ns);
    }

    void request(base::EndpointIndex index, base::Nanoseconds now_ns) {
        SideRecord& record = table_[index];
        if (record.authorization != Authorization::bare) {
            sender_.use_nonces(record.credentials);
        }
        Client::begin_transaction(index, now_ns);
        sender_.send(subscribe_of(index));
    }

    void accept(base::EndpointIndex index, const sip::Response& response, base::Nanoseconds now_ns) {
        SideRecord& record = table_[index];
        counters_.add(Counter::subscriptions_succeeded);
        --outstanding_;
        if (record.farewell == Farewell::said) {
            end(index);
            return;
        }
        if (!Client::profile_of(index).authorize_refresh) {
            credentials_.release(record.credentials);
        }
        sip::Contact contact;
        const bool has_target = sip::ContactReader(response).next(contact);
        dialogs_[index].assign(response.text(response.to_tag), has_target ? contact.uri : std::string_view{});
        if (record.farewell == Farewell::wanted) {
            say_farewell(index, now_ns);
            return;
        }
        const std::uint32_t granted_s = response.has_expires ? response.expires_s : rule_of(index).expires_s;
        table_.arm(index, timer::tick_after(now_ns, registration::refresh_after_ms(Client::profile_of(index), granted_s,
                                                                                   sender_.draw_of(index))));
    }

    /// Expires: 0 in the dialog. Without one there is nothing that could be ended.
    void say_farewell(base::EndpointIndex index, base::Nanoseconds now_ns) {
        if (dialogs_[index].tag_size == 0) {
            end(index);
            return;
        }
        set_farewell(index, Farewell::said);
        begin(index, now_ns);
    }

    /// Nothing is left of it.
    void end(base::EndpointIndex index) {
        set_farewell(index, Farewell::none);
        forget(index);
        table_.cancel(index);
    }

    void set_farewell(base::EndpointIndex index, Farewell farewell) {
        SideRecord& record = table_[index];
        farewells_ -= record.farewell != Farewell::none ? 1 : 0;
        farewells_ += farewell != Farewell::none ? 1 : 0;
        record.farewell = farewell;
    }

    void fail(base::EndpointIndex index, base::Nanoseconds now_ns, std::optional<std::uint32_t> retry_after_s) {
        counters_.add(Counter::subscriptions_failed);
        --outstanding_;
        if (table_[index].farewell != Farewell::none) {
            end(index);
            return;
        }
        forget(index);
        const std::uint64_t asked_ms = std::uint64_t{retry_after_s.value_or(0)} * 1000;
        const base::Tick wait_ms =
            registration::bounded_wait(std::max<std::uint64_t>(rule_of(index).retry_wait_ms, asked_ms));
        table_.arm(index, timer::tick_after(now_ns, wait_ms));
    }

    void forget(base::EndpointIndex index) {
        credentials_.release(table_[index].credentials);
        dialogs_[index].assign({}, {});
    }

    CredentialStore& credentials_;
    Challenges& challenges_;
    std::span<DialogRow> dialogs_;
    std::uint32_t farewells_ = 0;
};

}  // namespace regstorm::engine
