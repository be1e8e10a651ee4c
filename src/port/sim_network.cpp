// SPDX-License-Identifier: Apache-2.0
#include "regstorm/port/sim_network.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "regstorm/base/check.hpp"

namespace regstorm::port {
namespace {

/// The dice of one datagram. All are thrown whatever the faults are, so that changing one fault leaves the other
/// dice of the run as they were.
struct CopyDice {
    explicit CopyDice(base::Prng& prng)
        : delay(prng.unit()),
          reordering(prng.unit()),
          corruption(prng.unit()),
          position(prng.next()),
          flip(static_cast<std::uint8_t>(1 + prng.below(255))) {}

    double delay;
    double reordering;
    double corruption;
    std::uint64_t position;
    std::uint8_t flip;
};

struct Dice {
    explicit Dice(base::Prng& prng)
        : loss(prng.unit()), duplication(prng.unit()), copies{CopyDice(prng), CopyDice(prng)} {}

    double loss;
    double duplication;
    std::array<CopyDice, 2> copies;
};

bool is_silent(const SimFaults& faults, base::Nanoseconds now_ns) {
    return std::any_of(faults.silences.begin(), faults.silences.end(), [now_ns](const SilentWindow& window) {
        return now_ns >= window.from_ns && now_ns < window.to_ns;
    });
}

base::Nanoseconds delay_ns(const SimFaults& faults, double unit) {
    CHECK(faults.delay_min_ns <= faults.delay_max_ns);
    const base::Nanoseconds range_ns = faults.delay_max_ns - faults.delay_min_ns;
    const double values = static_cast<double>(range_ns + 1);
    return faults.delay_min_ns + std::min(static_cast<base::Nanoseconds>(unit * values), range_ns);
}

}  // namespace

bool SimNetwork::is_later(const Event& left, const Event& right) {
    return std::pair(left.due_ns, left.sequence) > std::pair(right.due_ns, right.sequence);
}

void SimNetwork::advance_to(base::Nanoseconds now_ns) {
    CHECK(now_ns >= now_ns_);
    while (!events_.empty() && events_.front().due_ns <= now_ns) {
        std::pop_heap(events_.begin(), events_.end(), is_later);
        Event event = std::move(events_.back());
        events_.pop_back();
        now_ns_ = event.due_ns;
        deliver(std::move(event));
    }
    now_ns_ = now_ns;
}

void SimNetwork::push(Event event) {
    ++counters_of(event.sender).under_way;
    event.sequence = next_sequence_++;
    events_.push_back(std::move(event));
    std::push_heap(events_.begin(), events_.end(), is_later);
}

base::Nanoseconds SimNetwork::next_event_ns() const {
    const bool unread = std::any_of(ports_.begin(), ports_.end(),
                                    [](const SimPort* port) { return port != nullptr && !port->inbox_.empty(); });
    if (unread) {
        return now_ns_;
    }
    return events_.empty() ? never_ns : events_.front().due_ns;
}

void SimNetwork::inject(base::Nanoseconds due_ns, const base::SocketAddress& from, const base::SocketAddress& to,
                        std::string_view payload) {
    CHECK(due_ns >= now_ns_);
    ++injected_.sent;
    push({due_ns, 0, outside, from, to, {payload.begin(), payload.end()}});
}

std::uint32_t SimNetwork::attach(SimPort& port) {
    ports_.push_back(&port);
    return static_cast<std::uint32_t>(ports_.size() - 1);
}

void SimNetwork::send(SimPort& sender, const base::SocketAddress& from, const base::SocketAddress& to,
                      std::vector<char> payload) {
    for (const TapCall& tap : taps_) {
        tap.call(tap.context, {now_ns_, from, to, {payload.data(), payload.size()}});
    }
    const SimFaults& faults = sender.faults_;
    SimCounters& counters = sender.counters_;
    const Dice dice(sender.prng_);
    ++counters.sent;
    if (is_silent(faults, now_ns_)) {
        ++counters.silenced;
        return;
    }
    if (dice.loss < faults.loss) {
        ++counters.lost;
        return;
    }
    const std::size_t copies = dice.duplication < faults.duplication ? 2 : 1;
    counters.duplicated += copies - 1;
    for (std::size_t i = 0; i < copies; ++i) {
        const CopyDice& copy = dice.copies[i];
        Event event{now_ns_ + delay_ns(faults, copy.delay), 0, sender.id_, from, to, payload};
        if (copy.reordering < faults.reordering) {
            event.due_ns += faults.reorder_ns;
            ++counters.reordered;
        }
        if (copy.corruption < faults.corruption && !payload.empty()) {
            char& hit = event.payload[copy.position % payload.size()];
            hit = static_cast<char>(static_cast<std::uint8_t>(hit) ^ copy.flip);
            ++counters.corrupted;
        }
        push(std::move(event));
    }
}

void SimNetwork::deliver(Event event) {
    SimCounters& counters = counters_of(event.sender);
    --counters.under_way;
    SimPort* const receiver = owner_of(event.to);
    if (receiver == nullptr) {
        report_unreachable(std::move(event), counters);
        return;
    }
    const bool oversized = event.payload.size() > payload_bytes_max;
    event.payload.resize(std::min<std::size_t>(event.payload.size(), payload_bytes_max));
    const RxKind kind = oversized ? RxKind::oversized : RxKind::payload;
    const bool taken = receiver->receive(kind, event.to, event.from, std::move(event.payload));
    ++(taken ? counters.delivered : counters.overflowed);
}

void SimNetwork::report_unreachable(Event event, SimCounters& counters) {
    SimPort* const sender = event.sender == outside ? nullptr : ports_[event.sender];
    if (sender == nullptr || !sender->faults_.report_unreachable) {
        ++counters.unanswered;
        return;
    }
    event.payload.resize(std::min<std::size_t>(event.payload.size(), quoted_bytes_max));
    const bool taken = sender->receive(RxKind::unreachable, event.from, event.to, std::move(event.payload));
    ++(taken ? counters.unreachable : counters.overflowed);
}

SimPort* SimNetwork::owner_of(const base::SocketAddress& address) const {
    const auto owner = std::find_if(ports_.begin(), ports_.end(),
                                    [&](const SimPort* port) { return port != nullptr && port->owns(address); });
    return owner == ports_.end() ? nullptr : *owner;
}

SimCounters& SimNetwork::counters_of(std::uint32_t sender) {
    if (sender == outside) {
        return injected_;
    }
    return ports_[sender] == nullptr ? gone_ : ports_[sender]->counters_;
}

SimPort::SimPort(SimNetwork& network, const SimPortConfig& config)
    : network_(network),
      config_(config),
      id_(network.attach(*this)),
      prng_(base::mix64(network.seed_ + id_)),
      tx_buffer_(payload_bytes_max) {
    CHECK(config.addresses >= 1 && config.udp_ports >= 1);
    CHECK(network.owner_of({config.first, config.first_udp_port}) == this);
}

SimPort::~SimPort() {
    network_.gone_.under_way += counters_.under_way;
    network_.ports_[id_] = nullptr;
}

std::uint32_t SimPort::rx_burst(std::span<RxDatagram> burst) {
    CHECK(held_.empty());
    const std::size_t count = std::min({burst.size(), inbox_.size(), std::size_t{burst_max}});
    held_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const Received& received = held_.emplace_back(std::move(inbox_.front()));
        inbox_.pop_front();
        burst[i] = {.data = received.payload.data(),
                    .size = static_cast<std::uint32_t>(received.payload.size()),
                    .kind = received.kind,
                    .source = received.source,
                    .remote = received.remote};
    }
    return static_cast<std::uint32_t>(count);
}

void SimPort::tx_commit(std::uint32_t size, base::Source source, const base::SocketAddress& remote) {
    CHECK(size <= payload_bytes_max && owns(address_of(source)));
    outbox_.push_back({source, remote, {tx_buffer_.begin(), tx_buffer_.begin() + size}});
}

void SimPort::flush() {
    for (Committed& committed : outbox_) {
        network_.send(*this, address_of(committed.source), committed.remote, std::move(committed.payload));
    }
    outbox_.clear();
}

bool SimPort::receive(RxKind kind, const base::SocketAddress& local, const base::SocketAddress& remote,
                      std::vector<char> payload) {
    if (inbox_.size() == inbox_max) {
        ++rx_dropped_;
        return false;
    }
    inbox_.push_back({kind, source_of(local), remote, std::move(payload)});
    return true;
}

// Both families count in the last four bytes of the address, without carrying beyond them.
base::SocketAddress SimPort::address_of(base::Source source) const {
    base::SocketAddress address{config_.first, source.udp_port};
    const std::size_t last = config_.first.family == base::Family::ipv4 ? 4 : 16;
    std::uint32_t carry = source.address;
    for (std::size_t i = last; i-- > last - 4;) {
        carry += address.ip.bytes[i];
        address.ip.bytes[i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    return address;
}

base::Source SimPort::source_of(const base::SocketAddress& address) const {
    const std::size_t last = config_.first.family == base::Family::ipv4 ? 4 : 16;
    const auto tail = [last](const base::IpAddress& ip) {
        return std::uint32_t{ip.bytes[last - 4]} << 24 | std::uint32_t{ip.bytes[last - 3]} << 16 |
               std::uint32_t{ip.bytes[last - 2]} << 8 | ip.bytes[last - 1];
    };
    return {static_cast<std::uint16_t>(tail(address.ip) - tail(config_.first)), address.udp_port};
}

bool SimPort::owns(const base::SocketAddress& address) const {
    const base::Source source = source_of(address);
    const bool in_ports =
        address.udp_port >= config_.first_udp_port && address.udp_port - config_.first_udp_port < config_.udp_ports;
    return in_ports && source.address < config_.addresses && address_of(source) == address;
}

}  // namespace regstorm::port
