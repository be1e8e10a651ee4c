// SPDX-License-Identifier: Apache-2.0
// All that a phone does beside its registration, while it is on line: keep-alives, NAT pings, a subscription.
#pragma once

#include <algorithm>
#include <cstdint>

#include "regstorm/engine/keep_alives.hpp"
#include "regstorm/engine/nat_pings.hpp"
#include "regstorm/engine/subscriptions.hpp"

namespace regstorm::engine {

template <port::PacketPort Port>
class Beside {
  public:
    Beside(const WorkerPlan& plan, EndpointTable& phones, Port& port, Sender<Port>& sender,
           CredentialStore& credentials, Challenges& challenges, stats::Counters& counters, base::Arena& arena,
           base::Tick now)
        : keep_alives_(plan, phones, sender, counters, arena, now),
          nat_pings_(plan, phones, port, sender, counters, arena, now),
          subscriptions_(plan, phones, sender, credentials, challenges, counters, arena, now) {}

    [[nodiscard]] static std::size_t bytes_for(const WorkerPlan& plan) {
        return KeepAlives<Port>::bytes_for(plan) + NatPings<Port>::bytes_for(plan) +
               Subscriptions<Port>::bytes_for(plan);
    }

    /// The phone is on line; nothing for what already runs.
    void start(base::EndpointIndex index, base::Nanoseconds now_ns) {
        keep_alives_.start(index, now_ns);
        nat_pings_.start(index, now_ns);
        subscriptions_.start(index, now_ns);
    }
    void stop(base::EndpointIndex index) {
        keep_alives_.stop(index);
        nat_pings_.stop(index);
        subscriptions_.stop(index);
    }
    /// The phone leaves in order: a subscription is ended, the rest just stops.
    void leave(base::EndpointIndex index, base::Nanoseconds now_ns) {
        keep_alives_.stop(index);
        nat_pings_.stop(index);
        subscriptions_.leave(index, now_ns);
    }
    /// The registration failed: keep-alives have no line to keep. A subscription lives on by itself.
    void pause(base::EndpointIndex index) { keep_alives_.stop(index); }

    template <class OnLost>
    std::uint32_t advance(base::Nanoseconds now_ns, std::uint32_t fires_max, bool new_attempts, OnLost&& on_lost) {
        return keep_alives_.advance(now_ns, fires_max, new_attempts, on_lost) +
               nat_pings_.advance(now_ns, fires_max, new_attempts) +
               subscriptions_.advance(now_ns, fires_max, new_attempts);
    }

    /// When something is due, at the latest `otherwise`.
    [[nodiscard]] base::Tick next_due(base::Tick now, base::Tick otherwise) {
        base::Tick after = otherwise - now;
        for (SideTable* const table : {&keep_alives_.table(), &nat_pings_.table(), &subscriptions_.table()}) {
            after = std::min(after, table->next_due(now, otherwise) - now);
        }
        return now + after;
    }

    /// Nothing of it is outstanding for this phone.
    [[nodiscard]] bool idle(base::EndpointIndex index) {
        return keep_alives_.table().idle(index) && subscriptions_.table().idle(index);
    }

    void abandon() {
        keep_alives_.abandon();
        subscriptions_.abandon();
    }

    [[nodiscard]] KeepAlives<Port>& keep_alives() { return keep_alives_; }
    [[nodiscard]] const KeepAlives<Port>& keep_alives() const { return keep_alives_; }
    [[nodiscard]] Subscriptions<Port>& subscriptions() { return subscriptions_; }
    [[nodiscard]] const Subscriptions<Port>& subscriptions() const { return subscriptions_; }

  private:
    KeepAlives<Port> keep_alives_;
    NatPings<Port> nat_pings_;
    Subscriptions<Port> subscriptions_;
};

}  // namespace regstorm::engine
