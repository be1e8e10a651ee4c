// SPDX-License-Identifier: Apache-2.0
// A port whose far end is a registrar that knows nothing: every REGISTER is answered at once, by copying its own rows
// into an answer. The embedded registrar would cost as much as the worker and hide it. Where those rows lie is found
// once for each length of request, because all phones of a benchmark write equally long names and numbers. No
// allocation, no system call; what it costs is measured beside the worker (`reflector/...`).
#pragma once

#include <array>
#include <cstring>
#include <memory>
#include <string_view>

#include "regstorm/base/check.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/port/packet_port.hpp"
#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/decimal.hpp"
#include "regstorm/sip/hex.hpp"

namespace regstorm::engine {

struct ReflectorPlan {
    bool challenge = false;        ///< 401 to what comes without Authorization
    std::uint32_t expires_s = 60;  ///< granted on average: half of it to one and a half, random
};

class ReflectorPort {
  public:
    /// Answers that wait for rx_burst; more are dropped and counted. Two polls of a worker send no more.
    static constexpr std::uint32_t places = 512;
    static constexpr std::uint32_t answer_bytes_max = 768;
    static constexpr std::uint32_t request_bytes_max = 1300;  ///< RFC 3261 18.1.1

    explicit ReflectorPort(const ReflectorPlan& plan)
        : plan_(plan), answers_(std::make_unique<Answers>()), layouts_(std::make_unique<Layouts>()) {}

    /// Written field by field, as real ports do: an assembled value would be copied in wider steps than it was stored.
    std::uint32_t rx_burst(std::span<port::RxDatagram> burst) {
        std::uint32_t count = 0;
        for (; count < burst.size() && count < waiting(); ++count) {
            const Answer& answer = (*answers_)[(read_ + count) % places];
            port::RxDatagram& datagram = burst[count];
            datagram.data = answer.data.data();
            datagram.size = answer.size;
            datagram.kind = port::RxKind::payload;
            datagram.source.address = 0;
            datagram.source.udp_port = own.udp_port;
            datagram.remote.ip.bytes = registrar.ip.bytes;
            datagram.remote.ip.family = registrar.ip.family;
            datagram.remote.udp_port = registrar.udp_port;
        }
        held_ = count;
        return count;
    }
    void release_rx() {
        read_ += held_;
        held_ = 0;
    }
    char* tx_reserve() { return request_.data(); }
    void tx_commit(std::uint32_t size, base::Source, const base::SocketAddress&) {
        CHECK(size < request_bytes_max);
        request_size_ = size;
        if (waiting() == places) {
            ++dropped_;
            return;
        }
        Layout& layout = (*layouts_)[size];
        if (layout.top.size == 0) [[unlikely]] {
            layout = learn({request_.data(), size});
        }
        Answer& answer = (*answers_)[written_++ % places];
        answer.size = write(answer.data.data(), layout);
    }
    void flush() {}
    void tick(base::Nanoseconds) {}
    [[nodiscard]] port::LinkState link_state() const { return port::LinkState::ready; }
    [[nodiscard]] port::PortHealth health() const { return {.tx_dropped = dropped_}; }
    [[nodiscard]] base::SocketAddress address_of(base::Source source) const { return {own.ip, source.udp_port}; }

    /// Answers that the worker has not taken yet.
    [[nodiscard]] std::uint32_t waiting() const { return written_ - read_; }
    /// Length of the last request; tx_reserve() has its text until the next one is written.
    [[nodiscard]] std::uint32_t request_size() const { return request_size_; }

    static constexpr base::SocketAddress registrar{base::IpAddress::from_ipv4(0xc613'0001), 5060};  // 198.19.0.1
    static constexpr base::SocketAddress own{base::IpAddress::from_ipv4(0xc612'0001), 5060};        // 198.18.0.1

  private:
    struct Answer {
        std::array<char, answer_bytes_max> data;
        std::uint32_t size = 0;
    };
    struct Part {
        std::uint32_t at = 0;
        std::uint32_t size = 0;
    };
    /// What an answer takes from requests of one length.
    struct Layout {
        Part top;          ///< Via, From and To, without the end of its row
        Part transaction;  ///< Call-ID and CSeq
        Part contact;      ///< up to and with the '>'
        bool challenge = false;
    };
    using Answers = std::array<Answer, places>;
    using Layouts = std::array<Layout, request_bytes_max>;

    [[nodiscard]] static std::uint32_t find(std::string_view request, std::string_view text, std::size_t from = 0) {
        const std::size_t at = request.find(text, from);
        CHECK(at != std::string_view::npos);
        return static_cast<std::uint32_t>(at);
    }

    [[nodiscard, gnu::cold]] Layout learn(std::string_view request) const {
        const std::uint32_t via = find(request, "\r\nVia: ") + 2;
        const std::uint32_t call_id = find(request, "\r\nCall-ID: ");
        const std::uint32_t contact = find(request, "\r\nContact: ");
        return {.top = {via, call_id - via},
                .transaction = {call_id, contact - call_id},
                .contact = {contact, find(request, ">", contact) + 1 - contact},
                .challenge = plan_.challenge && request.find("\r\nAuthorization: ") == std::string_view::npos};
    }

    [[nodiscard]] char* copy(char* out, const Part& part) const {
        return sip::copy_long_text_rounded(out, request_.data() + part.at, part.size);
    }
    template <std::size_t Size>
    [[nodiscard]] static char* write_literal(char* out, const char (&text)[Size]) {
        return sip::copy_text(out, {text, Size - 1});
    }

    std::uint32_t write(char* const begin, const Layout& layout) {
        const std::uint64_t random = random_.next();
        char* out = layout.challenge ? write_literal(begin, "SIP/2.0 401 Unauthorized\r\n")
                                     : write_literal(begin, "SIP/2.0 200 OK\r\n");
        out = write_literal(copy(out, layout.top), ";tag=b27e1a6a33183691.7f30");
        out = copy(out, layout.transaction);
        if (layout.challenge) {
            out = write_literal(out, "\r\nWWW-Authenticate: Digest realm=\"example.test\", nonce=\"YwY6mmMGOW5iX0pQ");
            out = sip::write_hex16(out, random);
            out = write_literal(out, "\", qop=\"auth\", algorithm=MD5");
        } else {
            out = write_literal(copy(out, layout.contact), ";expires=");
            const std::uint64_t part = (random >> 32) * plan_.expires_s >> 32;
            out = sip::write_decimal_rounded(out, plan_.expires_s / 2 + static_cast<std::uint32_t>(part));
        }
        out = write_literal(out, "\r\nServer: reflector (1.0 (x86_64/linux))\r\nContent-Length: 0\r\n\r\n");
        return static_cast<std::uint32_t>(out - begin);
    }

    ReflectorPlan plan_;
    std::unique_ptr<Answers> answers_;
    std::unique_ptr<Layouts> layouts_;
    std::array<char, port::payload_bytes_max> request_;
    std::uint32_t request_size_ = 0;
    std::uint32_t read_ = 0;
    std::uint32_t written_ = 0;
    std::uint32_t held_ = 0;
    std::uint64_t dropped_ = 0;
    base::Prng random_{0x5eed};
};
static_assert(port::PacketPort<ReflectorPort>);

}  // namespace regstorm::engine
