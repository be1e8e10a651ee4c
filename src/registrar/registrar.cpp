// SPDX-License-Identifier: Apache-2.0
#include "regstorm/registrar/registrar.hpp"

#include "regstorm/registrar/aor.hpp"
#include "regstorm/sip/copy_text.hpp"

namespace regstorm::registrar {
namespace {

constexpr std::string_view allow_row = "Allow: REGISTER, OPTIONS\r\n";

/// Credentials without qop come from phones that know RFC 2069 only; a challenge that offers auth still takes them.
bool takes_qop(sip::Qop offered, sip::Qop used) {
    return used == offered || (offered == sip::Qop::auth && used == sip::Qop::none);
}

}  // namespace

Registrar::Registrar(const RegistrarPlan& plan, base::Arena& arena)
    : plan_(plan),
      table_(arena, plan),
      misbehaviour_(plan.rules, plan.seed),
      ping_rule_(plan.rules.find(Misdeed::ping)),
      lanes_(arena.make<Lane>(plan.lanes)) {
    for (Lane& lane : lanes_) {
        lane.held = HeldAnswers(arena, plan.held_answers);
    }
}

/// First pass: what is it, and who says so?
void Registrar::read(std::uint32_t i, base::Nanoseconds now_ns) {
    ++counters_.received;
    const port::RxDatagram& datagram = burst_[i];
    Visit& visit = visits_[i];
    visit.standing = Standing::ignored;
    if (datagram.kind != port::RxKind::payload) {
        ++counters_.not_payload;
        return;
    }
    const std::string_view bytes(datagram.data, datagram.size);
    if (sip::looks_like_response(bytes)) {
        ++(ping_rule_ != nullptr && is_ping_answer(bytes) ? counters_.ping_answers : counters_.responses);
        return;
    }
    if (shapes_.parse(bytes, requests_[i]) != sip::ParseError::none) {
        ++counters_.malformed;
        return;
    }
    if (requests_[i].method != sip::Method::register_) {
        ++(requests_[i].method == sip::Method::options ? counters_.options : counters_.other_requests);
        visit.standing = requests_[i].method == sip::Method::ack ? Standing::ignored : Standing::other;
        return;
    }
    ++counters_.registers;
    visit.nonce = {};
    visit.standing = plan_.authenticate ? Standing::unknown : Standing::known;
    visit.aor = hash_text(aor_of(requests_[i].text(requests_[i].to)));
    if (plan_.authenticate) {
        read_credentials(i, now_ns);
    }
}

/// Looks for credentials for our realm with a nonce of ours, and queues their check.
void Registrar::read_credentials(std::uint32_t i, base::Nanoseconds now_ns) {
    const sip::Request& request = requests_[i];
    Visit& visit = visits_[i];
    for (std::uint8_t row = 0; row < request.authorization.count; ++row) {
        sip::Credentials credentials;
        if (!shapes_.credentials(request, row, credentials) || !sip::equal_text(credentials.realm, plan_.realm) ||
            credentials.algorithm != plan_.algorithm || !takes_qop(plan_.qop, credentials.qop)) {
            continue;
        }
        const NonceVerdict nonce =
            check_nonce(credentials.nonce, second_of(now_ns), plan_.secret, plan_.nonce_lifetime_s);
        if (nonce == NonceVerdict::foreign) {
            continue;
        }
        visit.standing = Standing::to_check;
        visit.expired = nonce == NonceVerdict::expired;
        visit.nonce = credentials.nonce;
        visit.response = credentials.response;
        sip::DigestJob& job = jobs_[job_count_];
        ha1_jobs_[job_count_++] = {.algorithm = plan_.algorithm,
                                   .user = credentials.user,
                                   .realm = plan_.realm,
                                   .password = plan_.password,
                                   .ha1 = &job.ha1};
        job = {
            .algorithm = plan_.algorithm,
            .qop = credentials.qop,
            .nonce = credentials.nonce,
            .cnonce = credentials.cnonce,
            .nc = credentials.nc,
            .method = "REGISTER",
            .uri = credentials.uri,
            .response = visit.expected.data(),
        };
        return;
    }
}

void Registrar::check_digests() {
    sip::compute_ha1s({ha1_jobs_.data(), job_count_});
    sip::compute_responses({jobs_.data(), job_count_});
    job_count_ = 0;
}

/// The port has no room for the answer to datagram `i`.
void Registrar::count_unsent(std::uint32_t i) {
    if (visits_[i].standing != Standing::ignored) {
        ++(visits_[i].standing == Standing::other ? counters_.unsent_others : counters_.unsent);
    }
}

/// Second pass: writes the answer to datagram `i`; 0 when there is none.
std::uint32_t Registrar::answer(std::uint32_t i, char* out, base::Nanoseconds now_ns) {
    Visit& visit = visits_[i];
    if (visit.standing == Standing::to_check) {
        const std::string_view expected(visit.expected.data(), 2 * sip::digest_bytes(plan_.algorithm));
        visit.standing = !sip::equal_text(visit.response, expected) ? Standing::wrong
                         : visit.expired                            ? Standing::stale
                                                                    : Standing::known;
    }
    switch (visit.standing) {
        case Standing::ignored:
        case Standing::to_check:
            return 0;
        case Standing::other:
            return requests_[i].method == sip::Method::options ? reply(i, out, 200, "OK", allow_row)
                                                               : reply(i, out, 405, "Method Not Allowed", allow_row);
        case Standing::unknown:
            ++counters_.challenged;
            return challenge(i, out, false, now_ns);
        case Standing::stale:
            ++counters_.stale;
            return challenge(i, out, !felt(visit.cue, Misdeed::no_stale), now_ns);
        case Standing::wrong:
            ++counters_.wrong_password;
            return reply(i, out, 403, "Forbidden");
        case Standing::known:
            return bind(i, out, now_ns);
    }
    return 0;
}

}  // namespace regstorm::registrar
