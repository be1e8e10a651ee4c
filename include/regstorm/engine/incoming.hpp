// SPDX-License-Identifier: Apache-2.0
// SIP requests that reach a phone: a registrar's OPTIONS pings, NOTIFYs, misdirected calls. Answered as an idle desk
// phone would, statelessly: the To tag derives from the branch, so a retransmitted request gets the same answer
// (RFC 3261 8.2.7).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "regstorm/base/prng.hpp"
#include "regstorm/base/text.hpp"
#include "regstorm/engine/addressees.hpp"
#include "regstorm/engine/plan.hpp"
#include "regstorm/port/packet_port.hpp"
#include "regstorm/sip/message.hpp"
#include "regstorm/sip/response_writer.hpp"
#include "regstorm/stats/counters.hpp"

namespace regstorm::engine {

template <port::PacketPort Port>
class Incoming {
  public:
    Incoming(const WorkerPlan& plan, Port& port, stats::Counters& counters)
        : plan_(plan), port_(port), counters_(counters), addressees_(plan) {}

    /// Takes a datagram that is no response; returns the counter it belongs in.
    [[nodiscard]] stats::Counter answer(const port::RxDatagram& datagram) {
        const sip::ParseError error = sip::parse_request({datagram.data, datagram.size}, request_);
        if (error == sip::ParseError::keep_alive) {
            return stats::Counter::keep_alive_bytes;
        }
        if (error != sip::ParseError::none) {
            return stats::Counter::malformed;
        }
        if (request_.method != sip::Method::ack) {
            const Group& group = addressees_.group_of(request_);
            respond(datagram, group,
                    request_.method == sip::Method::notify ? status_for_notify(group) : status_for(request_.method));
        }
        return stats::Counter::requests;
    }

  private:
    struct Status {
        std::uint16_t code;
        std::string_view reason;
    };

    static constexpr std::string_view rows =
        "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY\r\nAccept: application/sdp\r\nSupported: path\r\n";
    static constexpr std::string_view rows_without_path = rows.substr(0, rows.find("Supported"));

    [[nodiscard]] static constexpr Status status_for(sip::Method method) {
        switch (method) {
            case sip::Method::options:
                return {200, "OK"};
            case sip::Method::invite:
                return {480, "Temporarily Unavailable"};
            case sip::Method::bye:
            case sip::Method::cancel:
                return {481, "Call/Transaction Does Not Exist"};
            case sip::Method::other:
                return {501, "Not Implemented"};
            default:
                return {405, "Method Not Allowed"};
        }
    }

    /// INC-2: what desk phones know gets 200, other events 489. Without a To tag nobody has subscribed (RFC 6665 4.1);
    /// registrars send such message-summaries all the same, and phones take them or not.
    [[nodiscard]] Status status_for_notify(const Group& group) const {
        constexpr std::array<std::string_view, 6> known{"message-summary", "reg",        "keep-alive",
                                                        "check-sync",      "ua-profile", "refer"};
        const std::string_view event = request_.text(request_.event);
        const std::string_view name = event.substr(0, event.find_first_of("; \t"));
        if (!name.empty() && std::find(known.begin(), known.end(), name) == known.end()) {
            return {489, "Bad Event"};
        }
        const bool subscribed = request_.to_tag.size != 0 || name == "keep-alive" || name == "check-sync";
        if (!subscribed && !group.profile.accept_unsolicited_notify) {
            return {481, "Subscription Does Not Exist"};
        }
        return {200, "OK"};
    }

    void respond(const port::RxDatagram& datagram, const Group& group, Status status) {
        char* const out = port_.tx_reserve();
        if (out == nullptr) {
            return;  // the port has counted it; who asked asks again
        }
        std::uint64_t hash = plan_.salt;
        for (const char c : request_.text(request_.branch)) {
            hash = base::mix64(hash ^ static_cast<std::uint8_t>(c));
        }
        std::array<char, 8> tag;
        base::write_hex<8>(tag.data(), hash);
        std::array<char, base::ip_chars_max> host;
        const char* const host_end = base::write_ip(host.data(), datagram.remote.ip);
        const std::uint32_t size =
            sip::write_response(out, port::payload_bytes_max, request_, status.code, status.reason,
                                {.to_tag = {tag.data(), tag.size()},
                                 .rows = group.spec.supported_path ? rows : rows_without_path,
                                 .source_host = {host.data(), static_cast<std::size_t>(host_end - host.data())},
                                 .source_udp_port = datagram.remote.udp_port});
        if (size == 0) {
            return;  // an answer that cannot fit a datagram: the request was absurd, and it is counted
        }
        port_.tx_commit(size, datagram.source, sip::reply_address(request_, datagram.remote));
        counters_.add(stats::Counter::sent);
        counters_.add(stats::Counter::answered_requests);
    }

    const WorkerPlan& plan_;
    Port& port_;
    stats::Counters& counters_;
    Addressees addressees_;
    sip::Request request_;
};

}  // namespace regstorm::engine
