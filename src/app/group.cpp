// SPDX-License-Identifier: Apache-2.0
#include "app/group.hpp"

#include <algorithm>
#include <cmath>

#include "app/plan.hpp"
#include "regstorm/engine/sender.hpp"

namespace regstorm::app {
namespace {

using registration::FailureClass;

base::Tick ms(config::Duration duration) {
    const auto count = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
    return static_cast<base::Tick>(std::min<std::int64_t>(count, registration::wait_ms_max));
}
std::uint32_t seconds(config::Duration duration) {
    return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}
std::uint32_t per_mille(double share) { return static_cast<std::uint32_t>(std::lround(share * 1000)); }

base::Tick wait_of(const config::RetryWait& wait, base::Tick same) {
    switch (wait.kind) {
        case config::RetryWait::Kind::never:
            return registration::wait_never;
        case config::RetryWait::Kind::after:
            return ms(wait.after);
        case config::RetryWait::Kind::same:
            break;
    }
    return same;
}

void set_waits(registration::Profile& profile, const config::Device& device) {
    const base::Tick same = ms(device.registration_retry_wait);
    const auto set = [&](FailureClass failure, const config::RetryWait& wait) {
        profile.wait_ms[static_cast<std::size_t>(failure)] = wait_of(wait, same);
    };
    set(FailureClass::timeout, device.retry_wait_timeout);
    set(FailureClass::transport, device.retry_wait_transport);
    set(FailureClass::credentials, device.retry_wait_401);
    set(FailureClass::forbidden, device.retry_wait_403);
    set(FailureClass::not_found, device.retry_wait_404);
    set(FailureClass::too_brief, device.retry_wait_423);
    set(FailureClass::redirected, device.retry_wait_3xx);
    set(FailureClass::other, device.retry_wait_4xx);
    set(FailureClass::unavailable, device.retry_wait_5xx);
    set(FailureClass::global, device.retry_wait_6xx);
    profile.wait_first_ms = wait_of(device.retry_wait_first, registration::wait_same);
    profile.wait_growth_per_mille = per_mille(device.retry_backoff);
    profile.wait_grown_ms_max =
        device.retry_wait_max.count() == 0 ? registration::wait_ms_max : ms(device.retry_wait_max);
    profile.wait_per_mille_min = per_mille(device.retry_factor_min);
    profile.wait_per_mille_max = per_mille(device.retry_factor_max);
    profile.wait_spread_ms = ms(device.retry_jitter);
    profile.retry_after = device.honour_retry_after == config::RetryAfter::ignore  ? registration::RetryAfter::ignored
                          : device.honour_retry_after == config::RetryAfter::floor ? registration::RetryAfter::floor
                                                                                   : registration::RetryAfter::exact;
}

}  // namespace

std::string host_of(const config::Target& target) {
    const bool ipv6 = target.host.find(':') != std::string::npos;
    return ipv6 ? "[" + target.host + "]" : target.host;
}

std::string host_and_port_of(const config::Target& target) {
    return host_of(target) + ":" + std::to_string(target.udp_port);
}

registration::Profile make_profile(const config::Device& device) {
    registration::Profile profile;
    profile.timers = {.t1_ms = ms(device.t1), .t2_ms = ms(device.t2), .f_ms = ms(device.timer_f)};
    profile.registers = device.registration;
    profile.unregister_first =
        device.unregister_before_registration == config::Unregister::no    ? registration::Unregister::none
        : device.unregister_before_registration == config::Unregister::all ? registration::Unregister::all
                                                                           : registration::Unregister::instance;
    profile.boot_delay_ms = ms(device.delay_registration);
    profile.boot_delay_spread_ms = ms(device.start_delay_max);
    profile.expires_s = seconds(device.register_expiration);
    profile.expires_spread_s = seconds(device.register_expiration_spread);
    profile.refresh_before_s = seconds(device.re_register_before_expiration);
    profile.refresh_before_at_most_per_mille = per_mille(device.refresh_before_at_most);
    profile.refresh_per_mille = per_mille(device.refresh_fraction);
    profile.refresh_per_mille_max = per_mille(device.refresh_fraction_max);
    set_waits(profile, device);
    profile.authorize_register = device.auth_header_on_register;
    profile.authorize_refresh = device.auth_header_on_re_register;
    profile.keep_alive = {.enabled = device.options_keep_alive,
                          .max_lost = static_cast<std::uint8_t>(device.options_max_lost),
                          .interval_ms = ms(device.options_interval)};
    profile.subscription = {
        .enabled = (device.subscribe_mwi || device.subscribe_reg_event) && device.subscribe_expiration.count() != 0,
        .expires_s = seconds(device.subscribe_expiration),
        .retry_wait_ms = ms(device.subscribe_retry_wait)};
    profile.nat_ping = {.bytes = static_cast<registration::NatPing>(device.nat_keep_alive),
                        .interval_ms = ms(device.nat_keep_alive_interval)};
    profile.follow_redirects = device.follow_redirects;
    profile.failback_at_refresh = device.secondary_failback == config::Failback::refresh;
    profile.accept_unsolicited_notify = device.unsolicited_notify == config::UnsolicitedNotify::accept;
    return profile;
}

engine::Group make_group(const config::Device& device, const config::Auth& auth, const std::string& domain) {
    engine::Group group;
    group.profile = make_profile(device);
    group.user = sip::NumberedText(auth.user);
    group.password = sip::NumberedText(auth.password);
    group.has_password = !auth.password.empty();
    if (!auth.users.empty()) {
        group.users = read_users(auth.users);
        group.has_password = true;  // a row without one cannot answer, and fails as a wrong one would
    }
    if (domain.size() > engine::domain_chars_max) {
        throw PlanError("auth.domain may have " + std::to_string(engine::domain_chars_max) + " characters at most");
    }
    if (group.user.chars_max() > engine::user_chars_max || group.password.chars_max() > engine::user_chars_max) {
        throw PlanError("auth.user and auth.password may have " + std::to_string(engine::user_chars_max) +
                        " characters at most");
    }
    const bool route = device.outbound_proxy.given() && device.outbound_proxy_mode == config::ProxyMode::in_route;
    group.compile(
        {.domain = domain,
         .user_agent = device.user_agent,
         .extra_headers = route ? "Route: <sip:" + host_and_port_of(device.outbound_proxy) + ";lr>\r\n" : "",
         .event = device.subscribe_reg_event ? "reg" : "message-summary",
         .accept = device.subscribe_reg_event ? "application/reginfo+xml" : "application/simple-message-summary",
         .instance = device.instance_id,
         .mac_in_agent = device.mac_in_user_agent == config::MacInUserAgent::yes,
         .mac_row = device.mac_header != config::MacHeader::no,
         .mac_row_elsewhere = device.mac_header == config::MacHeader::all,
         .supported_path = device.support_path});
    return group;
}

}  // namespace regstorm::app
