// SPDX-License-Identifier: Apache-2.0
// Which registrar a phone sends to. Usually its own: Record::server is 0 and nothing here is asked. With a secondary
// registrar (server 1) a phone whose attempt met silence, ICMP or 503 makes its next one there. A 3xx moves one
// attempt to a registrar that the answer names (RFC 3261 8.1.3.4), and what the phone then sends beside its
// registration follows the binding.
//
// A load generator must not be led by an answer to send to third parties, so the places that a 3xx may name are those
// that the scenario names; the record holds the number of one in four bits instead of an address. One redirection per
// attempt: two registrars that send phones to each other cost no more than that.
#pragma once

#include <cstdint>

#include "regstorm/engine/happening.hpp"
#include "regstorm/engine/plan.hpp"
#include "regstorm/registration/answer.hpp"
#include "regstorm/registration/record.hpp"
#include "regstorm/sip/contact.hpp"
#include "regstorm/sip/message.hpp"

namespace regstorm::engine {

/// Contacts of one 3xx that are considered.
inline constexpr std::uint32_t redirections_max = 16;

/// Whether the phone looks at the Contacts of this 3xx at all. 380 describes another service in its body; its Contact,
/// if any, is no place for this request (RFC 3261 21.3.5).
[[nodiscard]] inline bool may_follow(const Group& group, const registration::Record& record, std::uint16_t status) {
    return group.profile.follow_redirects && record.server < server_redirected && status != 380;
}

/// Server that a 3xx to this phone's outstanding request leads to: of the Contacts that name a registrar of the run the
/// first of those with the highest q. 0: there is none, or the phone does not follow.
[[nodiscard, gnu::cold]] inline std::uint8_t redirected_to(const Group& group, const registration::Record& record,
                                                           const sip::Response& response) {
    if (!may_follow(group, record, response.status)) {
        return 0;
    }
    const base::SocketAddress& asked = group.server_address(record.server);
    std::uint8_t best = 0;
    std::uint16_t best_q = 0;
    sip::Contact contact;
    sip::ContactReader reader(response);
    for (std::uint32_t looked_at = 0; looked_at < redirections_max && reader.next(contact); ++looked_at) {
        for (std::uint32_t i = server_redirected - 1; i < group.elsewhere.size(); ++i) {
            const Server& server = group.elsewhere[i];
            // Where the request came from is no new place: each is tried once.
            if (server.named != asked && server.is_named_by(contact.uri) &&
                (best == 0 || contact.q_thousandths > best_q)) {
                best = static_cast<std::uint8_t>(i + 1);
                best_q = contact.q_thousandths;
            }
        }
    }
    return best;
}

/// What redirected_to() says. A 3xx whose Contacts name only places where this run must not send becomes a cause of its
/// own; one that names none, or comes when the attempt was redirected already, fails by its status.
[[nodiscard, gnu::cold]] inline std::uint8_t look_elsewhere(const Group& group, const registration::Record& record,
                                                            const sip::Response& response, Cause& cause) {
    const std::uint8_t server = redirected_to(group, record, response);
    if (server == server_own && may_follow(group, record, response.status) && response.contacts.count != 0) {
        cause.status = 0;
        cause.counter = stats::Counter::failed_redirect;
    }
    return server;
}

/// Where an attempt that begins now goes: a redirection was for one attempt; from the secondary registrar back to the
/// phone's own one as its profile says.
[[nodiscard]] inline std::uint8_t server_to_begin_with(const registration::Profile& profile,
                                                       const registration::Record& record) {
    const bool back = record.server >= server_redirected ||
                      (record.state == registration::State::refreshing && profile.failback_at_refresh);
    return back ? server_own : record.server;
}

/// Whether this failure makes the phone turn to its other registrar.
[[nodiscard]] inline bool fails_over(const Group& group, const registration::Record& record, const Cause& cause) {
    return group.has_secondary && record.server < server_redirected &&
           (cause.failure == registration::FailureClass::timeout ||
            cause.failure == registration::FailureClass::transport || cause.status == 503);
}

}  // namespace regstorm::engine
