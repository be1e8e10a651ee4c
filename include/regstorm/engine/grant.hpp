// SPDX-License-Identifier: Apache-2.0
// The lifetime that an accepting answer gives to the binding of one of our phones.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "regstorm/engine/sender.hpp"
#include "regstorm/sip/contact.hpp"
#include "regstorm/sip/message.hpp"
#include "regstorm/stats/counters.hpp"

namespace regstorm::engine {

/// What the registrar granted to our own binding, by its URI or, failing that, its instance; what was asked for when
/// it lists others only, which is counted (REG-3).
template <class Port>
[[nodiscard]] std::uint32_t granted_s(const sip::Response& response, base::EndpointIndex index, std::uint32_t asked_s,
                                      const Sender<Port>& sender, stats::Counters& counters) {
    if (response.sole_contact_uri.present() &&
        sender.is_contact_uri(response.text(response.sole_contact_uri), response.text(response.sent_by), index))
        [[likely]] {
        return response.sole_contact_expires_s;
    }
    std::array<char, contact_uri_chars_max> uri;
    const std::string_view own_uri = sender.contact_uri(index, uri);
    sip::GrantedExpiry grant = sip::granted_expiry(response, own_uri, {}, asked_s);
    if (grant.source == sip::Granted::binding_lost) [[unlikely]] {
        std::array<char, sip::instance_chars> instance;
        sip::write_instance(instance.data(), sender.device_of(index));
        grant = sip::granted_expiry(response, own_uri, {instance.data(), instance.size()}, asked_s);
    }
    if (grant.source == sip::Granted::binding_lost) {
        counters.add(stats::Counter::binding_lost);
        return asked_s;
    }
    return grant.expires_s;
}

}  // namespace regstorm::engine
