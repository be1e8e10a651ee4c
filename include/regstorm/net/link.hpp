// SPDX-License-Identifier: Apache-2.0
// One end of an Ethernet link, without the device: frames in, fates and datagrams out; datagrams in, frames out. It
// owns what the kernel would own: which addresses are ours, who our neighbours are, what is answered to ARP, ND and
// ping. Single-threaded, no clock of its own, allocates nothing after construction.
//
// Who learns what: the MAC of a next hop that we keep resolved is believed to ARP and ND only, and wins. Any other
// remote is answered at the MAC its last datagram or ARP request came from, which is right behind routers too.
#pragma once

#include <cstdint>
#include <string>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/check.hpp"
#include "regstorm/net/datagram_writer.hpp"
#include "regstorm/net/frame_fate.hpp"
#include "regstorm/net/frame_reader.hpp"
#include "regstorm/net/link_config.hpp"
#include "regstorm/net/neighbour_cache.hpp"
#include "regstorm/net/own_addresses.hpp"
#include "regstorm/net/resolver.hpp"

namespace regstorm::net {

class Link {
  public:
    /// `config` has no fault (find_fault).
    Link(const LinkConfig& config, const LinkDevice& device, base::Arena& arena);

    /// What a Link takes from the arena.
    [[nodiscard]] static constexpr std::size_t bytes_for() {
        return OwnAddresses::bytes_for() + NeighbourCache::bytes_for();
    }

    /// Reads, counts and learns from one frame. `received` is filled for the fates that are delivered; it points into
    /// the frame.
    [[nodiscard]] FrameFate receive(const char* data, std::uint32_t size, ChecksumHint hint, Received& received) {
        EthernetFrame frame;
        const FrameFate fate = reader_.read(data, size, hint, frame, received);
        ++counters_[fate];
        if (fate == FrameFate::datagram) [[likely]] {
            learn_sender(received.remote.ip, frame.source);
        } else {
            receive_rare(fate, frame, received);
        }
        return fate;
    }

    /// True for the fates that want an answer: offer write_answer a frame then.
    [[nodiscard]] static bool wants_answer(FrameFate fate) {
        return fate == FrameFate::arp_request || fate == FrameFate::echo_request ||
               fate == FrameFate::neighbour_solicitation;
    }
    /// Answers the frame just received into `out`; returns the answer's size, 0 when it would not fit `out_bytes` or
    /// the MTU (counted).
    [[nodiscard]] std::uint32_t write_answer(const char* data, std::uint32_t size, char* out, std::uint32_t out_bytes);

    /// Before this write_due() has nothing to do.
    [[nodiscard]] base::Nanoseconds next_due_ns() const { return resolver_.next_due_ns(); }
    /// The question or announcement that is due, into `out` (neighbour_frame_bytes_max); its size, 0 for none. Call it
    /// until it returns 0, or again later.
    [[nodiscard]] std::uint32_t write_due(base::Nanoseconds now_ns, char* out);
    /// An answer or question of this link found no transmit buffer.
    void count_no_buffer() { ++counters_.dropped_no_buffer; }

    [[nodiscard]] std::uint32_t header_bytes() const { return writer_.header_bytes(); }
    /// Completes a frame whose payload stands at header_bytes(). Its size, or 0 when it cannot be sent (counted).
    [[nodiscard]] std::uint32_t write_datagram(char* frame, std::uint32_t payload_bytes, base::Source source,
                                               const base::SocketAddress& remote) {
        DCHECK(source.address < own_.count());
        if (payload_bytes > writer_.payload_bytes_max()) [[unlikely]] {
            ++counters_.dropped_too_long;
            return 0;
        }
        if ((!routed_ || remote != remote_) && !route(remote)) [[unlikely]] {
            ++counters_.dropped_unresolved;
            return 0;
        }
        ++counters_.datagrams_sent;
        return writer_.write(frame, payload_bytes, source);
    }

    [[nodiscard]] ResolveState state() const { return resolver_.state(); }
    [[nodiscard, gnu::cold]] std::string failure_reason() const { return resolver_.failure_reason(); }
    [[nodiscard]] const LinkCounters& counters() const { return counters_; }
    [[nodiscard]] base::IpAddress ip_of(std::uint16_t offset) const { return own_.ip_of(offset); }

    static constexpr std::uint32_t neighbour_frame_bytes_max = ethernet_header_bytes + vlan_tag_bytes + 72;

  private:
    void learn_sender(const base::IpAddress& ip, const base::MacAddress& mac) {
        if (cache_.learn(ip, mac)) [[unlikely]] {
            routed_ = false;
        }
    }
    void receive_rare(FrameFate fate, const EthernetFrame& frame, const Received& received);
    void learn_from_arp(const EthernetFrame& frame, bool to_us);
    void learn_from_neighbour(const EthernetFrame& frame, bool to_us);
    /// Points the writer at `remote`. False when its MAC is not known.
    [[nodiscard]] bool route(const base::SocketAddress& remote);

    [[nodiscard]] char* write_header(char* out, const base::MacAddress& destination, std::uint16_t ethertype) const {
        return write_ethernet(out, destination, device_.mac, vlan_id_, ethertype);
    }
    [[nodiscard]] char* write_arp_question(char* out, std::uint32_t sender_ip, std::uint32_t target_ip) const;
    [[nodiscard]] char* write_arp_answer(char* out, const EthernetFrame& frame) const;
    [[nodiscard]] char* write_ip_answer(char* out, const EthernetFrame& frame);

    OwnAddresses own_;
    NeighbourCache cache_;
    FrameReader reader_;
    DatagramWriter writer_;
    Resolver resolver_;
    LinkCounters counters_;
    LinkDevice device_;
    std::optional<std::uint16_t> vlan_id_;
    std::uint16_t answer_id_ = 0;
    base::SocketAddress remote_;  ///< whom the writer's template is for
    bool routed_ = false;         ///< it is still right
};

}  // namespace regstorm::net
