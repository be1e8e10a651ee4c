// SPDX-License-Identifier: Apache-2.0
// A registrar that says exactly what a test tells it to, byte for byte. It shares neither parser nor writer with the
// program: requests are searched as text and answers are put together from their rows, so that a fault of ours cannot
// hide in both.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "books.hpp"
#include "simulation.hpp"

namespace regstorm::engine {

/// `text` with the first `old_part` replaced; a test that replaces nothing is wrong.
inline std::string replaced(std::string text, std::string_view old_part, std::string_view new_part) {
    const std::size_t at = text.find(old_part);
    CHECK(at != std::string::npos);
    return text.replace(at, old_part.size(), new_part);
}

/// A request as the peer heard it.
struct Heard {
    base::Nanoseconds at_ns = 0;  ///< since the start of the simulation
    base::SocketAddress from;
    std::string bytes;
    std::uint16_t registrar = 0;  ///< 1: it was sent to second_registrar

    /// Value of the first row called `name`, as it stands; empty when there is none.
    [[nodiscard]] std::string row(std::string_view name) const {
        const std::size_t at = bytes.find("\r\n" + std::string(name) + ": ");
        if (at == std::string::npos) {
            return {};
        }
        const std::size_t begin = at + name.size() + 4;
        return bytes.substr(begin, bytes.find("\r\n", begin) - begin);
    }
    [[nodiscard]] std::string method() const { return bytes.substr(0, bytes.find(' ')); }
    [[nodiscard]] bool has(std::string_view text) const { return bytes.find(text) != std::string::npos; }
    [[nodiscard]] std::uint32_t cseq() const { return static_cast<std::uint32_t>(std::stoul(row("CSeq"))); }
    [[nodiscard]] std::uint32_t expires() const { return static_cast<std::uint32_t>(std::stoul(row("Expires"))); }
    /// "sip:user@host:port" of the Contact.
    [[nodiscard]] std::string contact_uri() const {
        const std::string value = row("Contact");
        return value.substr(value.find('<') + 1, value.find('>') - value.find('<') - 1);
    }
    [[nodiscard]] std::string branch() const {
        const std::size_t at = bytes.find("z9hG4bK");
        return bytes.substr(at, bytes.find_first_of(";\r", at) - at);
    }
    [[nodiscard]] bool authorized() const { return has("\r\nAuthorization: ") || has("\r\nProxy-Authorization: "); }
};

/// The plain answer to a request; `rows` are whole rows without their CRLF.
inline std::string answer_to(const Heard& request, int status, const std::vector<std::string>& rows = {}) {
    std::string text = "SIP/2.0 " + std::to_string(status) + " Answer\r\nVia: " + request.row("Via") +
                       "\r\nFrom: " + request.row("From") + "\r\nTo: " + request.row("To") +
                       ";tag=peer\r\nCall-ID: " + request.row("Call-ID") + "\r\nCSeq: " + request.row("CSeq") + "\r\n";
    for (const std::string& row : rows) {
        text += row + "\r\n";
    }
    return text + "Content-Length: 0\r\n\r\n";
}

/// 200 that grants our own Contact `expires_s`.
inline std::string granting(const Heard& request, std::uint32_t expires_s) {
    return answer_to(request, 200, {"Contact: <" + request.contact_uri() + ">;expires=" + std::to_string(expires_s)});
}

/// Phones, their network, and a peer at the registrar's address that does what `on_request` says.
class Peer {
  public:
    using OnRequest = std::function<void(Peer&, const Heard&)>;

    explicit Peer(const WorkerPlan& plan, OnRequest on_request = {}, std::uint64_t seed = 1)
        : simulation_(plan, seed), on_request_(std::move(on_request)) {
        simulation_.command(CommandKind::start);
    }

    void run_until(base::Nanoseconds end_ns) {
        simulation_.run_until(end_ns, [this](port::SimPort& port) { listen(port); });
        expect_sums(simulation_.snapshot());
    }

    /// Sends `text` to whoever sent `request`, after `delay_ns`, in the name of `from`.
    void say(const Heard& request, std::string_view text, base::Nanoseconds delay_ns = 0,
             const base::SocketAddress& from = registrar_address) {
        ++said_;
        simulation_.network().inject(simulation_.now_ns() + delay_ns, from, request.from, text);
    }

    [[nodiscard]] const std::vector<Heard>& heard() const { return heard_; }
    /// Answers sent, in whatever name.
    [[nodiscard]] std::uint64_t said() const { return said_; }
    /// For long runs: only the last requests are kept.
    void forget_all_but(std::size_t count) {
        heard_.erase(heard_.begin(), heard_.end() - static_cast<std::ptrdiff_t>(std::min(count, heard_.size())));
    }
    [[nodiscard]] const Heard& last() const { return heard_.back(); }
    /// Milliseconds between the first request and each one.
    [[nodiscard]] std::vector<base::Nanoseconds> at_ms() const {
        std::vector<base::Nanoseconds> at;
        for (const Heard& request : heard_) {
            at.push_back((request.at_ns - heard_.front().at_ns) / millisecond);
        }
        return at;
    }
    [[nodiscard]] Simulation& simulation() { return simulation_; }
    [[nodiscard]] std::uint64_t count(stats::Counter counter) const {
        return simulation_.snapshot().counters.of(counter);
    }
    [[nodiscard]] std::uint64_t failed_by(std::uint16_t status) const {
        return simulation_.snapshot().counters.failed_by[status - stats::status_first];
    }
    [[nodiscard]] std::uint32_t in_state(registration::State state) const {
        return simulation_.snapshot().census[static_cast<std::size_t>(state)];
    }

  private:
    void listen(port::SimPort& port) {
        std::array<port::RxDatagram, port::burst_max> burst;
        const std::uint32_t count = port.rx_burst(burst);
        const std::size_t first = heard_.size();
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::string bytes(burst[i].data, burst[i].size);
            if (!bytes.starts_with("SIP/2.0 ")) {  // phones also answer what hostile tests ask them
                heard_.push_back(
                    {simulation_.now_ns() - Simulation::start_ns, burst[i].remote, bytes, burst[i].source.address});
            }
        }
        port.release_rx();
        for (std::size_t i = first; on_request_ && i < heard_.size(); ++i) {
            on_request_(*this, Heard(heard_[i]));
        }
    }

    Simulation simulation_;
    OnRequest on_request_;
    std::vector<Heard> heard_;
    std::uint64_t said_ = 0;
};

}  // namespace regstorm::engine
