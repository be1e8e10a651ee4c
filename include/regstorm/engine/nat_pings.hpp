// SPDX-License-Identifier: Apache-2.0
// Datagrams that only keep a NAT's mapping open (Grandstream "Keep-alive Interval", RFC 5626 4.4.2 for STUN): no
// transaction, no answer expected; one that comes is counted as keep_alive_bytes.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "regstorm/base/prng.hpp"
#include "regstorm/engine/plan.hpp"
#include "regstorm/engine/sender.hpp"
#include "regstorm/engine/side_table.hpp"
#include "regstorm/stats/counters.hpp"
#include "regstorm/timer/clock.hpp"

namespace regstorm::engine {

/// A STUN Binding request without attributes (RFC 5389 6): type, length 0, magic cookie, 96 random bits.
using StunRequest = std::array<char, 20>;
[[nodiscard]] inline StunRequest stun_request(std::uint64_t random) {
    StunRequest request{0x00, 0x01, 0x00, 0x00, 0x21, 0x12, static_cast<char>(0xa4), 0x42};
    const std::uint64_t more = base::mix64(random);
    std::memcpy(request.data() + 8, &random, 8);
    std::memcpy(request.data() + 16, &more, 4);
    return request;
}

template <port::PacketPort Port>
class NatPings : public SideClient<Port> {
    using Client = SideClient<Port>;
    using Client::counters_;
    using Client::phones_;
    using Client::table_;

  public:
    NatPings(const WorkerPlan& plan, EndpointTable& phones, Port& port, Sender<Port>& sender, stats::Counters& counters,
             base::Arena& arena, base::Tick now)
        : Client(plan, phones, sender, counters, arena, plan.nat_pings ? plan.endpoints : 0, now), port_(port) {}

    [[nodiscard]] static std::size_t bytes_for(const WorkerPlan& plan) {
        return SideTable::bytes_for(plan.nat_pings ? plan.endpoints : 0);
    }

    void start(base::EndpointIndex index, base::Nanoseconds now_ns) {
        const registration::NatPingRule& rule = rule_of(index);
        if (table_.present() && rule.bytes != registration::NatPing::none && !table_[index].active) {
            table_[index].active = true;
            table_.arm(index, timer::tick_after(now_ns, rule.interval_ms));
        }
    }
    void stop(base::EndpointIndex index) {
        if (table_.present() && table_[index].active) {
            table_[index].active = false;
            table_.cancel(index);
        }
    }

    std::uint32_t advance(base::Nanoseconds now_ns, std::uint32_t fires_max, bool running) {
        return table_.advance(timer::tick_at(now_ns), fires_max, [&](base::EndpointIndex index, base::Tick) {
            if (running) {
                send(index, now_ns);
                table_.arm(index, timer::tick_after(now_ns, rule_of(index).interval_ms));
            }
        });
    }

  private:
    [[nodiscard]] const registration::NatPingRule& rule_of(base::EndpointIndex index) const {
        return Client::profile_of(index).nat_ping;
    }

    void send(base::EndpointIndex index, base::Nanoseconds now_ns) {
        char* const out = port_.tx_reserve();
        if (out == nullptr) {
            return;  // the port has counted it
        }
        const StunRequest stun = stun_request(Client::sender_.draw_of(index) ^ now_ns);
        std::string_view bytes(stun.data(), stun.size());
        if (rule_of(index).bytes == registration::NatPing::crlf) {
            bytes = "\r\n\r\n";
        } else if (rule_of(index).bytes == registration::NatPing::zeros) {
            bytes = std::string_view("\0\0\0\0", 4);
        }
        std::memcpy(out, bytes.data(), bytes.size());
        port_.tx_commit(static_cast<std::uint32_t>(bytes.size()), phones_[index].source,
                        Client::group_of(index).server_address(phones_[index].server));
        counters_.add(stats::Counter::sent);
        counters_.add(stats::Counter::nat_pings);
    }

    Port& port_;
};

}  // namespace regstorm::engine
