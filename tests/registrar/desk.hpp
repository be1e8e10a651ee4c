// SPDX-License-Identifier: Apache-2.0
// One registrar and one phone at hand: requests go in as text, answers come out as text, time is what the test says.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "regstorm/port/sim_network.hpp"
#include "regstorm/registrar/registrar.hpp"

namespace regstorm::registrar {

inline constexpr base::SocketAddress desk_address{base::IpAddress::from_ipv4(0xc612'0001), 5060};
inline constexpr base::SocketAddress registrar_address{base::IpAddress::from_ipv4(0xc613'0001), 5060};
inline constexpr base::Nanoseconds second = base::ns_per_s;

/// A registrar without passwords unless the test wants them.
inline RegistrarPlan make_plan(bool authenticate = false) {
    return {.aors = 4,
            .bindings = 20,
            .authenticate = authenticate,
            .realm = "example.test",
            .password = "secret",
            .secret = 42};
}

/// What a test varies of a REGISTER.
struct Ask {
    std::string user = "alice";
    std::vector<std::string> rows{};  ///< Contact, Expires, Authorization: whole rows without CRLF
    std::uint32_t cseq = 1;
    std::string call_id = "call-1";
    std::string method = "REGISTER";
};

inline std::string contact(const std::string& uri, const std::string& parameters = "") {
    return "Contact: <" + uri + ">" + parameters;
}

inline std::string text_of(const Ask& ask) {
    std::string text = ask.method + " sip:example.test SIP/2.0\r\nVia: SIP/2.0/UDP 198.18.0.1:5060;branch=z9hG4bK" +
                       std::to_string(ask.cseq) + ask.call_id + ";rport\r\nFrom: <sip:" + ask.user +
                       "@example.test>;tag=f\r\nTo: <sip:" + ask.user + "@example.test>\r\nCall-ID: " + ask.call_id +
                       "\r\nCSeq: " + std::to_string(ask.cseq) + " " + ask.method + "\r\nMax-Forwards: 70\r\n";
    for (const std::string& row : ask.rows) {
        text += row + "\r\n";
    }
    return text + "Content-Length: 0\r\n\r\n";
}

class Desk {
  public:
    explicit Desk(RegistrarPlan plan = make_plan())
        : plan_(std::move(plan)),
          network_(1, now_ns_),
          phone_(network_, {.first = desk_address.ip, .first_udp_port = desk_address.udp_port}),
          port_(network_, {.first = registrar_address.ip, .first_udp_port = registrar_address.udp_port}),
          arena_(Registrar::bytes_for(plan_)),
          registrar_(std::make_unique<Registrar>(plan_, arena_)) {
        arena_.seal();
    }

    /// Sends `datagram` from the phone and gives what comes back; empty when nothing does.
    std::string send(std::string_view datagram) {
        network_.inject(now_ns_, desk_address, registrar_address, datagram);
        network_.advance_to(now_ns_);
        registrar_->serve(port_, now_ns_);
        network_.advance_to(now_ns_);
        std::array<port::RxDatagram, 2> burst;
        const std::uint32_t count = phone_.rx_burst(burst);
        const std::string answer(count == 1 ? std::string(burst[0].data, burst[0].size) : std::string());
        phone_.release_rx();
        EXPECT_LE(count, 1U);
        return answer;
    }
    std::string ask(const Ask& ask) { return send(text_of(ask)); }

    /// For those who may get no answer, or several, or late ones: sends, lets the registrar poll, gives what came.
    std::vector<std::string> post(std::string_view datagram) {
        network_.inject(now_ns_, desk_address, registrar_address, datagram);
        return poll();
    }
    std::vector<std::string> poll() {
        network_.advance_to(now_ns_);
        registrar_->serve(port_, now_ns_);
        network_.advance_to(now_ns_);
        std::vector<std::string> answers;
        std::array<port::RxDatagram, port::burst_max> burst;
        for (std::uint32_t count = 1; count != 0;) {
            count = phone_.rx_burst(burst);
            for (std::uint32_t i = 0; i < count; ++i) {
                answers.emplace_back(burst[i].data, burst[i].size);
            }
            phone_.release_rx();
        }
        return answers;
    }
    void wait(base::Nanoseconds ns) {
        now_ns_ += ns;
        network_.advance_to(now_ns_);
    }

    [[nodiscard]] const RegistrarCounters& counters() const { return registrar_->counters(); }
    [[nodiscard]] std::uint64_t held() const { return registrar_->held_now(); }
    [[nodiscard]] std::uint64_t live() const { return registrar_->bindings().count_live(now_ns_); }

  private:
    RegistrarPlan plan_;
    base::Nanoseconds now_ns_ = 1000 * second;
    port::SimNetwork network_;
    port::SimPort phone_;
    port::SimPort port_;
    base::Arena arena_;
    std::unique_ptr<Registrar> registrar_;
};

/// The three digits of an answer; 0 when there is none.
inline int status_of(const std::string& answer) { return answer.size() < 12 ? 0 : std::stoi(answer.substr(8, 3)); }
/// Value of the first row called `name`.
inline std::string row_of(const std::string& answer, const std::string& name) {
    const std::size_t at = answer.find("\r\n" + name + ": ");
    if (at == std::string::npos) {
        return {};
    }
    const std::size_t begin = at + name.size() + 4;
    return answer.substr(begin, answer.find("\r\n", begin) - begin);
}

/// What stands in quotes behind `name` in a row.
inline std::string quoted(const std::string& row, const std::string& name) {
    const std::size_t at = row.find(name + "=\"") + name.size() + 2;
    return row.substr(at, row.find('"', at) - at);
}

/// An Authorization row for a nonce; its hash is tested elsewhere, against OpenSSL.
inline std::string authorization(const std::string& nonce, const std::string& password = "secret",
                                 const std::string& realm = "example.test",
                                 sip::DigestAlgorithm algorithm = sip::DigestAlgorithm::md5,
                                 sip::Qop qop = sip::Qop::auth) {
    std::array<char, 64> response;
    sip::DigestJob job{.algorithm = algorithm,
                       .qop = qop,
                       .ha1 = sip::compute_ha1(algorithm, "alice", realm, password),
                       .nonce = nonce,
                       .cnonce = "c",
                       .method = "REGISTER",
                       .uri = "sip:example.test",
                       .response = response.data()};
    sip::compute_responses({&job, 1});
    return "Authorization: Digest username=\"alice\", realm=\"" + realm + "\", nonce=\"" + nonce +
           "\", uri=\"sip:example.test\", response=\"" +
           std::string(response.data(), 2 * sip::digest_bytes(algorithm)) +
           "\", algorithm=" + std::string(sip::to_text(algorithm)) + ", cnonce=\"c\"" +
           (qop == sip::Qop::none   ? ""
            : qop == sip::Qop::auth ? ", qop=auth, nc=00000001"
                                    : ", qop=auth-int, nc=00000001");
}

}  // namespace regstorm::registrar
