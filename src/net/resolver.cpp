// SPDX-License-Identifier: Apache-2.0
#include "regstorm/net/resolver.hpp"

#include <algorithm>
#include <cstring>

#include "regstorm/base/check.hpp"
#include "regstorm/net/bytes.hpp"

namespace regstorm::net {
namespace {

constexpr base::Nanoseconds never_ns = ~base::Nanoseconds{0};

/// The first `bits` of eight bytes, as they lie in memory.
std::uint64_t leading_bits(std::uint32_t bits) {
    std::uint64_t mask = 0;
    for (std::uint32_t i = 0; i < bits; ++i) {
        reinterpret_cast<unsigned char*>(&mask)[i / 8] |= static_cast<unsigned char>(0x80U >> (i % 8));
    }
    return mask;
}

}  // namespace

Resolver::Resolver(const LinkConfig& config)
    : gateway_(config.gateway),
      network_(config.first_source),
      resolve_timeout_ns_(config.resolve_timeout_ns),
      announce_count_(config.announce ? config.source_count : 0) {
    network_mask_[0] = leading_bits(std::min<std::uint32_t>(config.prefix_length, 64));
    network_mask_[1] = leading_bits(config.prefix_length > 64 ? config.prefix_length - 64U : 0U);
    for (const base::IpAddress& remote : config.remotes) {
        const base::IpAddress* next_hop = next_hop_of(remote);
        CHECK(next_hop != nullptr);
        add_hop(*next_hop, remote, true);
    }
    if (gateway_) {
        add_hop(*gateway_, *gateway_, false);
    }
    update_state();
}

void Resolver::add_hop(const base::IpAddress& ip, const base::IpAddress& remote, bool required) {
    for (std::uint32_t i = 0; i < hop_count_; ++i) {
        if (hops_[i].ip == ip) {
            return;
        }
    }
    CHECK(hop_count_ < next_hops_max);
    Hop& hop = hops_[hop_count_++];
    hop.ip = ip;
    hop.remote = remote;
    hop.required = required;
}

const base::IpAddress* Resolver::next_hop_of(const base::IpAddress& remote) const {
    if (remote.family != network_.family) {
        return nullptr;
    }
    std::uint64_t ours[2];
    std::uint64_t theirs[2];
    std::memcpy(ours, network_.bytes.data(), sizeof ours);
    std::memcpy(theirs, remote.bytes.data(), sizeof theirs);
    const std::uint64_t differs =
        ((ours[0] ^ theirs[0]) & network_mask_[0]) | ((ours[1] ^ theirs[1]) & network_mask_[1]);
    if (differs == 0) {
        return &remote;
    }
    return gateway_ ? &*gateway_ : nullptr;
}

const base::MacAddress* Resolver::find(const base::IpAddress& next_hop) const {
    for (std::uint32_t i = 0; i < hop_count_; ++i) {
        if (hops_[i].ip == next_hop) {
            return hops_[i].resolved ? &hops_[i].mac : nullptr;
        }
    }
    return nullptr;
}

bool Resolver::learn(const base::IpAddress& ip, const base::MacAddress& mac) {
    for (std::uint32_t i = 0; i < hop_count_; ++i) {
        Hop& hop = hops_[i];
        if (hop.ip != ip) {
            continue;
        }
        if (hop.resolved && hop.mac == mac) {
            return false;
        }
        hop.given_up = false;
        hop.resolved = true;
        hop.mac = mac;
        update_state();
        return true;
    }
    return false;
}

void Resolver::want(const base::IpAddress& next_hop) {
    wanted_ = next_hop;
    next_due_ns_ = std::min(next_due_ns_, next_want_ns_);
}

base::Nanoseconds Resolver::due_ns(const Hop& hop) const {
    if (hop.questions == 0) {
        return 0;
    }
    if (hop.resolved) {
        return hop.asked_ns + refresh_ns;
    }
    if (hop.given_up) {
        return never_ns;
    }
    return std::min(hop.asked_ns + ask_again_ns, hop.first_asked_ns + resolve_timeout_ns_);
}

Resolver::Due Resolver::take_hop_due(Hop& hop, base::Nanoseconds now_ns) {
    if (now_ns < due_ns(hop)) {
        return {};
    }
    if (hop.questions == 0) {
        hop.first_asked_ns = now_ns;
    } else if (!hop.resolved && now_ns >= hop.first_asked_ns + resolve_timeout_ns_) {
        hop.given_up = true;
        update_state();
        return {};
    }
    ++hop.questions;
    hop.asked_ns = now_ns;
    return {Deed::ask, hop.ip, 0};
}

Resolver::Due Resolver::take_due(base::Nanoseconds now_ns) {
    Due due;
    for (std::uint32_t i = 0; i < hop_count_ && due.deed == Deed::nothing; ++i) {
        due = take_hop_due(hops_[i], now_ns);
    }
    if (due.deed == Deed::nothing && wanted_ && now_ns >= next_want_ns_) {
        due = {Deed::ask, *wanted_, 0};
        wanted_.reset();
        next_want_ns_ = now_ns + ask_again_ns;
    }
    if (due.deed == Deed::nothing && announced_ < announce_count_ && now_ns >= next_announce_ns_) {
        due = {Deed::announce, {}, static_cast<std::uint16_t>(announced_)};
        ++announced_;
        next_announce_ns_ = now_ns + announce_gap_ns;
    }
    update_next_due();
    return due;
}

void Resolver::update_next_due() {
    next_due_ns_ = never_ns;
    for (std::uint32_t i = 0; i < hop_count_; ++i) {
        next_due_ns_ = std::min(next_due_ns_, due_ns(hops_[i]));
    }
    if (wanted_) {
        next_due_ns_ = std::min(next_due_ns_, next_want_ns_);
    }
    if (announced_ < announce_count_) {
        next_due_ns_ = std::min(next_due_ns_, next_announce_ns_);
    }
}

void Resolver::update_state() {
    bool resolving = false;
    bool failed = false;
    for (std::uint32_t i = 0; i < hop_count_; ++i) {
        failed = failed || (hops_[i].required && hops_[i].given_up);
        resolving = resolving || (hops_[i].required && !hops_[i].resolved);
    }
    state_ = failed ? ResolveState::failed : resolving ? ResolveState::resolving : ResolveState::ready;
}

std::string Resolver::failure_reason() const {
    for (std::uint32_t i = 0; i < hop_count_; ++i) {
        const Hop& hop = hops_[i];
        if (!hop.required || !hop.given_up) {
            continue;
        }
        const bool is_gateway = hop.ip != hop.remote;
        const char* protocol = hop.ip.family == base::Family::ipv4 ? "ARP requests" : "neighbour solicitations";
        return base::to_text(hop.ip) + (is_gateway ? ", the gateway to " + base::to_text(hop.remote) + "," : "") +
               " did not answer " + std::to_string(hop.questions) + " " + protocol + " in " +
               std::to_string(resolve_timeout_ns_ / base::ns_per_ms) + " ms";
    }
    return {};
}

}  // namespace regstorm::net
