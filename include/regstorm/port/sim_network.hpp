// SPDX-License-Identifier: Apache-2.0
// A network inside the process, for tests: datagrams between any number of ports, with faults by share, in virtual
// time. One seed gives one sequence of events, so a day of phones against a faulty registrar repeats exactly.
//
// Nothing here is fast or sealed: payloads live in vectors that are really freed, so that ASan sees a use after
// release. Time is whatever the caller last said; the harness advances to the earlier of its own next deadline and
// next_event_ns(). Events of the same instant happen in the order in which they were sent.
//
// Every datagram put in ends in exactly one counter (SimCounters::balanced); check it after each test.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "regstorm/base/prng.hpp"
#include "regstorm/base/socket_address.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/port/packet_port.hpp"

namespace regstorm::port {

class SimPort;

/// From `from_ns` until before `to_ns`, what is sent vanishes.
struct SilentWindow {
    base::Nanoseconds from_ns = 0;
    base::Nanoseconds to_ns = 0;
};

/// What happens to the datagrams that one port sends. Shares are probabilities, 0 to 1, and independent of each other.
struct SimFaults {
    double loss = 0;
    double duplication = 0;  ///< delivered twice, each copy with a delay and a corruption of its own
    double reordering = 0;   ///< held back by reorder_ns on top of the delay, so that later ones overtake
    double corruption = 0;   ///< one byte of the payload is replaced by another value
    base::Nanoseconds delay_min_ns = 0;
    base::Nanoseconds delay_max_ns = 0;  ///< uniform between both; a range reorders by itself. Equal: exact
    base::Nanoseconds reorder_ns = 10 * base::ns_per_ms;
    bool report_unreachable = true;  ///< where no port is attached: ICMP after the delay, or else silence
    std::vector<SilentWindow> silences{};
};

/// What became of the datagrams that one port sent (or that were injected).
struct SimCounters {
    std::uint64_t sent = 0;
    std::uint64_t duplicated = 0;   ///< extra copies
    std::uint64_t delivered = 0;    ///< reached the inbox of a port
    std::uint64_t lost = 0;         ///< by the share `loss`
    std::uint64_t silenced = 0;     ///< by a silent window
    std::uint64_t unreachable = 0;  ///< nobody there; the sender was told
    std::uint64_t unanswered = 0;   ///< nobody there; nobody was told
    std::uint64_t overflowed = 0;   ///< the receiver's inbox was full
    std::uint64_t under_way = 0;
    // Of those above, not in the sum:
    std::uint64_t reordered = 0;
    std::uint64_t corrupted = 0;

    [[nodiscard]] bool balanced() const {
        return sent + duplicated == delivered + lost + silenced + unreachable + unanswered + overflowed + under_way;
    }
    friend bool operator==(const SimCounters&, const SimCounters&) = default;
};

/// A datagram as a tap sees it; `payload` is valid during the call.
struct SimSent {
    base::Nanoseconds sent_ns;
    base::SocketAddress from;
    base::SocketAddress to;
    std::string_view payload;
};

class SimNetwork {
  public:
    /// next_event_ns() when nothing is under way.
    static constexpr base::Nanoseconds never_ns = ~base::Nanoseconds{0};
    /// What an ICMP error of 576 bytes has room to quote (RFC 1812 4.3.2.3).
    static constexpr std::uint32_t quoted_bytes_max = 520;

    explicit SimNetwork(std::uint64_t seed, base::Nanoseconds start_ns = 0) : seed_(seed), now_ns_(start_ns) {}
    SimNetwork(const SimNetwork&) = delete;
    SimNetwork& operator=(const SimNetwork&) = delete;

    [[nodiscard]] base::Nanoseconds now_ns() const { return now_ns_; }
    /// Delivers everything due until `now_ns`, in order. Time does not go back.
    void advance_to(base::Nanoseconds now_ns);
    /// When something happens next: now, while a port has not read its inbox; never_ns when nothing will.
    [[nodiscard]] base::Nanoseconds next_event_ns() const;

    /// Calls `tap(SimSent)` for every datagram at the moment it is sent, before any fault. `tap` must outlive the
    /// network.
    template <class Tap>
    void add_tap(const Tap& tap) {
        taps_.push_back(
            {&tap, [](const void* context, const SimSent& sent) { (*static_cast<const Tap*>(context))(sent); }});
    }
    template <class Tap>
    void add_tap(const Tap&& tap) = delete;

    /// A datagram from anybody, of any size up to 65,507 bytes, delivered at `due_ns` without faults: forged, late and
    /// oversized ones. Taps do not see it.
    void inject(base::Nanoseconds due_ns, const base::SocketAddress& from, const base::SocketAddress& to,
                std::string_view payload);
    [[nodiscard]] const SimCounters& injected() const { return injected_; }

  private:
    friend class SimPort;

    struct Event {
        base::Nanoseconds due_ns;
        std::uint64_t sequence;
        std::uint32_t sender;  ///< index into ports_, or injected
        base::SocketAddress from;
        base::SocketAddress to;
        std::vector<char> payload;
    };
    static constexpr std::uint32_t outside = ~std::uint32_t{0};

    /// Order of the heap: the earliest event first, then the one that was sent first.
    [[nodiscard]] static bool is_later(const Event& left, const Event& right);

    struct TapCall {
        const void* context;
        void (*call)(const void*, const SimSent&);
    };

    std::uint32_t attach(SimPort& port);
    void send(SimPort& sender, const base::SocketAddress& from, const base::SocketAddress& to,
              std::vector<char> payload);
    void push(Event event);
    void deliver(Event event);
    void report_unreachable(Event event, SimCounters& counters);
    [[nodiscard]] SimPort* owner_of(const base::SocketAddress& address) const;
    [[nodiscard]] SimCounters& counters_of(std::uint32_t sender);

    std::uint64_t seed_;
    base::Nanoseconds now_ns_;
    std::uint64_t next_sequence_ = 0;
    std::vector<Event> events_;    ///< a heap; bounded by what is sent within the longest delay
    std::vector<SimPort*> ports_;  ///< by order of attachment; nullptr where one has gone
    std::vector<TapCall> taps_;
    SimCounters injected_;
    SimCounters gone_;  ///< of ports that have detached while their datagrams were under way
};

struct SimPortConfig {
    base::IpAddress first;  ///< Source::address counts from here
    std::uint16_t addresses = 1;
    std::uint16_t first_udp_port = 5060;
    std::uint16_t udp_ports = 1;
};

class SimPort {
  public:
    /// Datagrams that wait for rx_burst; more are lost like in a full socket.
    static constexpr std::uint32_t inbox_max = 65'536;

    /// Attaches to the network, which must outlive it. Ports must not share addresses.
    SimPort(SimNetwork& network, const SimPortConfig& config);
    /// Detaches: from then on its addresses are unreachable.
    ~SimPort();
    SimPort(const SimPort&) = delete;
    SimPort& operator=(const SimPort&) = delete;

    std::uint32_t rx_burst(std::span<RxDatagram> burst);
    void release_rx() { held_.clear(); }
    char* tx_reserve() { return tx_buffer_.data(); }
    void tx_commit(std::uint32_t size, base::Source source, const base::SocketAddress& remote);
    /// Sends at the network's present time.
    void flush();
    void tick(base::Nanoseconds) {}
    [[nodiscard]] LinkState link_state() const { return LinkState::ready; }
    [[nodiscard]] PortHealth health() const { return {.rx_dropped = rx_dropped_}; }
    [[nodiscard]] base::SocketAddress address_of(base::Source source) const;

    /// What befalls the datagrams that this port sends; may change at any time.
    [[nodiscard]] SimFaults& faults() { return faults_; }
    /// What befell them.
    [[nodiscard]] const SimCounters& counters() const { return counters_; }

  private:
    friend class SimNetwork;

    struct Received {
        RxKind kind;
        base::Source source;
        base::SocketAddress remote;
        std::vector<char> payload;
    };
    struct Committed {
        base::Source source;
        base::SocketAddress remote;
        std::vector<char> payload;
    };

    /// False when the inbox is full.
    bool receive(RxKind kind, const base::SocketAddress& local, const base::SocketAddress& remote,
                 std::vector<char> payload);
    [[nodiscard]] bool owns(const base::SocketAddress& address) const;
    [[nodiscard]] base::Source source_of(const base::SocketAddress& address) const;

    SimNetwork& network_;
    SimPortConfig config_;
    SimFaults faults_;
    SimCounters counters_;
    std::uint32_t id_;
    base::Prng prng_;
    std::deque<Received> inbox_;
    std::vector<Received> held_;  ///< the last burst, until it is released
    std::vector<Committed> outbox_;
    std::vector<char> tx_buffer_;
    std::uint64_t rx_dropped_ = 0;
};
static_assert(PacketPort<SimPort>);

}  // namespace regstorm::port
