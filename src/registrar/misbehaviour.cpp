// SPDX-License-Identifier: Apache-2.0
// The way through the registrar that asks the rules first, and the pings.
#include "regstorm/registrar/aor.hpp"
#include "regstorm/registrar/registrar.hpp"

namespace regstorm::registrar {
namespace {

std::uint8_t method_bit(sip::Method method) {
    return method == sip::Method::register_ ? on_register : method == sip::Method::options ? on_options : on_others;
}

}  // namespace

std::uint32_t Registrar::answer_on_cue(std::uint32_t i, char* out, base::Nanoseconds now_ns) {
    Visit& visit = visits_[i];
    if (visit.standing == Standing::ignored) {
        return 0;
    }
    const sip::Request& request = requests_[i];
    const std::string_view aor = aor_of(request.text(request.to));
    visit.cue = misbehaviour_.decide(method_bit(request.method), user_of(aor), hash_text(aor), now_ns);
    if (visit.cue.instead == 0) {
        return answer(i, out, now_ns);
    }
    const Rule& rule = misbehaviour_.rule(visit.cue.instead);
    ++counters_.by_rule[visit.cue.instead - 1U];
    const bool answered = rule.misdeed == Misdeed::status;
    if (request.method == sip::Method::register_) {
        ++(answered ? counters_.refused_on_cue : counters_.ignored_on_cue);
    }
    return answered ? answer_with(rule, i, out, now_ns) : 0;
}

std::uint32_t Registrar::next_ping(Lane& lane, char* out, base::SocketAddress& remote, const base::SocketAddress& from,
                                   base::Nanoseconds now_ns) {
    const auto row = static_cast<std::uint32_t>(lane.sweep.rows++ % table_.rows());
    const auto lane_number = static_cast<std::uint32_t>(&lane - lanes_.data());
    const Binding& binding = table_.binding(row + 1);
    if (binding.contact_size == 0 || binding.lane != lane_number || binding.expires_at_ns <= now_ns ||
        !misbehaviour_.hits(*ping_rule_)) {
        return 0;
    }
    const std::optional<base::SocketAddress> address = contact_address(binding.contact());
    if (!address) {
        ++counters_.not_pinged;
        return 0;
    }
    remote = *address;
    ++counters_.pings;
    ++counters_.by_rule[static_cast<std::size_t>(ping_rule_ - plan_.rules.rule.data())];
    // Lanes take turns in the numbers, so that no two pings share one.
    const std::uint64_t number = lane.sweep.number++ * plan_.lanes + lane_number;
    return write_ping(out, {number, binding.contact(), from}, plan_);
}

bool Registrar::is_ping_answer(std::string_view datagram) const {
    sip::Response response;
    return sip::parse_response(datagram, response) == sip::ParseError::none && response.status >= 200 &&
           response.cseq_method == sip::Method::options &&
           is_ping_call_id(response.text(response.call_id), plan_.secret);
}

}  // namespace regstorm::registrar
