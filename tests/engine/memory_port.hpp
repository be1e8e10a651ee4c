// SPDX-License-Identifier: Apache-2.0
// Two ports that hand datagrams to each other within one thread: no allocation, no system call, so that what remains
// of either is the worker's or the registrar's own.
#pragma once

#include <array>
#include <memory>

#include "regstorm/port/packet_port.hpp"

namespace regstorm::engine {

class MemoryPort {
  public:
    /// Datagrams that wait for the peer's rx_burst; more are dropped and counted. More than a poll of either sends.
    static constexpr std::uint32_t places = 1024;

    explicit MemoryPort(const base::SocketAddress& own) : own_(own), inbox_(std::make_unique<Inbox>()) {}
    void connect(MemoryPort& peer) { peer_ = &peer; }

    std::uint32_t rx_burst(std::span<port::RxDatagram> burst) {
        std::uint32_t count = 0;
        for (; count < burst.size() && inbox_->read + count != inbox_->written; ++count) {
            const Place& place = inbox_->at(inbox_->read + count);
            burst[count] = {
                .data = place.data.data(), .size = place.size, .source = {0, own_.udp_port}, .remote = place.from};
        }
        held_ = count;
        return count;
    }
    void release_rx() {
        inbox_->read += held_;
        held_ = 0;
    }
    char* tx_reserve() {
        Inbox& inbox = *peer_->inbox_;
        if (inbox.written - inbox.read == places) {
            ++dropped_;
            return nullptr;
        }
        return inbox.at(inbox.written).data.data();
    }
    void tx_commit(std::uint32_t size, base::Source source, const base::SocketAddress&) {
        Inbox& inbox = *peer_->inbox_;
        Place& place = inbox.at(inbox.written++);
        place.size = size;
        place.from = address_of(source);
    }
    void flush() {}
    void tick(base::Nanoseconds) {}
    [[nodiscard]] port::LinkState link_state() const { return port::LinkState::ready; }
    [[nodiscard]] port::PortHealth health() const { return {.tx_dropped = dropped_}; }
    [[nodiscard]] base::SocketAddress address_of(base::Source source) const { return {own_.ip, source.udp_port}; }

  private:
    struct Place {
        std::array<char, port::payload_bytes_max> data;
        std::uint32_t size = 0;
        base::SocketAddress from;
    };
    struct Inbox {
        std::array<Place, places> place;
        std::uint32_t read = 0;
        std::uint32_t written = 0;

        [[nodiscard]] Place& at(std::uint32_t number) { return place[number % places]; }
    };

    base::SocketAddress own_;
    MemoryPort* peer_ = nullptr;
    std::unique_ptr<Inbox> inbox_;
    std::uint32_t held_ = 0;
    std::uint64_t dropped_ = 0;
};
static_assert(port::PacketPort<MemoryPort>);

}  // namespace regstorm::engine
