// SPDX-License-Identifier: Apache-2.0
// Which neighbour must be known before anything can be sent, and what to ask next. It knows no frames: it says
// "ask for this address", "announce that one", and is told the answers; ARP and ND write them down.
//
//     asked every second until answered or given up (resolve_timeout_ns) -> asked every 30 s, so that a neighbour
//     that changed its MAC is found even if it announces nothing
//
// A neighbour that stops answering later keeps its MAC: the registrar under test may be too busy, and inventing an
// outage of our own would be a lie. Who was given up and answers after all is resolved.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "regstorm/base/mac_address.hpp"
#include "regstorm/base/socket_address.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/net/link_config.hpp"

namespace regstorm::net {

enum class ResolveState : std::uint8_t { resolving, ready, failed };

class Resolver {
  public:
    static constexpr base::Nanoseconds ask_again_ns = base::ns_per_s;
    static constexpr base::Nanoseconds refresh_ns = 30 * base::ns_per_s;
    /// 10,000 announcements a second: the largest range takes 6.6 s and disturbs nothing.
    static constexpr base::Nanoseconds announce_gap_ns = 100 * base::ns_per_us;

    explicit Resolver(const LinkConfig& config);

    enum class Deed : std::uint8_t { nothing, ask, announce };
    struct Due {
        Deed deed = Deed::nothing;
        base::IpAddress ip;        ///< to ask for
        std::uint16_t offset = 0;  ///< of our address to announce
    };

    /// Before this there is nothing to do.
    [[nodiscard]] base::Nanoseconds next_due_ns() const { return next_due_ns_; }
    /// The next thing that is due, counted as done: what finds no buffer is asked again at its next time.
    [[nodiscard]] Due take_due(base::Nanoseconds now_ns);

    /// Where packets to `remote` go first: itself, when it is on the link, else the gateway; nothing without one.
    [[nodiscard]] const base::IpAddress* next_hop_of(const base::IpAddress& remote) const;
    /// Null when it is not a next hop that we keep resolved, or not resolved yet.
    [[nodiscard]] const base::MacAddress* find(const base::IpAddress& next_hop) const;
    /// True when that is a next hop of ours and its MAC was not known or has changed.
    bool learn(const base::IpAddress& ip, const base::MacAddress& mac);
    /// Somebody wants to send to a next hop that nobody announced: ask once. At most one such question a second.
    void want(const base::IpAddress& next_hop);

    [[nodiscard]] ResolveState state() const { return state_; }
    /// One sentence for people: who did not answer, why it matters, how long we asked.
    [[nodiscard, gnu::cold]] std::string failure_reason() const;

  private:
    struct Hop {
        base::IpAddress ip;
        base::MacAddress mac;
        base::IpAddress remote;  ///< one that needs it, for the reason
        base::Nanoseconds first_asked_ns = 0;
        base::Nanoseconds asked_ns = 0;
        std::uint32_t questions = 0;
        bool resolved = false;
        bool given_up = false;
        bool required = false;
    };

    void add_hop(const base::IpAddress& ip, const base::IpAddress& remote, bool required);
    [[nodiscard]] base::Nanoseconds due_ns(const Hop& hop) const;
    [[nodiscard]] Due take_hop_due(Hop& hop, base::Nanoseconds now_ns);
    void update_state();
    void update_next_due();

    std::array<Hop, next_hops_max> hops_{};
    std::uint32_t hop_count_ = 0;
    std::optional<base::IpAddress> gateway_;
    std::optional<base::IpAddress> wanted_;
    base::IpAddress network_;
    std::uint64_t network_mask_[2] = {0, 0};
    base::Nanoseconds resolve_timeout_ns_;
    base::Nanoseconds next_due_ns_ = 0;
    base::Nanoseconds next_announce_ns_ = 0;
    base::Nanoseconds next_want_ns_ = 0;
    std::uint32_t announced_ = 0;
    std::uint32_t announce_count_ = 0;
    ResolveState state_ = ResolveState::resolving;
};

}  // namespace regstorm::net
