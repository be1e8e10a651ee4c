// SPDX-License-Identifier: Apache-2.0
#include "regstorm/registrar/registrar.hpp"

#include <algorithm>

namespace regstorm::registrar {
namespace {

constexpr std::string_view allow_row = "Allow: REGISTER, OPTIONS\r\n";

/// The address-of-record in a To value: what stands in <>, or before the parameters.
std::string_view aor_of(std::string_view to) {
    // A quoted display name may hold '<'; the URI's own bracket is the last one.
    if (const std::size_t open = to.rfind('<'); open != std::string_view::npos) {
        const std::size_t close = to.find('>', open);
        return close == std::string_view::npos ? std::string_view{} : to.substr(open + 1, close - open - 1);
    }
    return to.substr(0, to.find(';'));
}

/// What one Contact asks for (RFC 3261 10.3, step 7); PAR-16: an unreadable expires counts as 3600.
std::uint32_t asked_s(const sip::Contact& contact, const sip::Request& request, const RegistrarPlan& plan) {
    if (contact.bad_expires) {
        return 3600;
    }
    if (contact.has_expires) {
        return contact.expires_s;
    }
    return request.has_expires ? request.expires_s : plan.default_expires_s;
}

/// A small writer that never runs over; what does not fit is left out.
class Rows {
  public:
    void text(std::string_view text) {
        if (text.size() > buffer_.size() - size_) {
            return;
        }
        size_ = static_cast<std::size_t>(base::write_text(buffer_.data() + size_, text) - buffer_.data());
    }
    void number(std::uint32_t value) {
        std::array<char, 10> digits;
        text({digits.data(), static_cast<std::size_t>(base::write_decimal(digits.data(), value) - digits.data())});
    }
    [[nodiscard]] std::string_view view() const { return {buffer_.data(), size_}; }

  private:
    std::array<char, bindings_per_aor_max*(contact_chars_max + 32) + 64> buffer_;
    std::size_t size_ = 0;
};

}  // namespace

Registrar::Registrar(const RegistrarPlan& plan, base::Arena& arena) : plan_(plan), table_(arena, plan) {}

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
        ++counters_.responses;
        return;
    }
    if (sip::parse_request(bytes, requests_[i]) != sip::ParseError::none) {
        ++counters_.malformed;
        return;
    }
    if (requests_[i].method != sip::Method::register_) {
        ++(requests_[i].method == sip::Method::options ? counters_.options : counters_.other_requests);
        visit.standing = requests_[i].method == sip::Method::ack ? Standing::ignored : Standing::other;
        return;
    }
    ++counters_.registers;
    visit.standing = plan_.authenticate ? Standing::unknown : Standing::known;
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
        if (!sip::parse_credentials(request.text(request.authorization.row[row]), credentials) ||
            credentials.realm != plan_.realm || credentials.algorithm != plan_.algorithm) {
            continue;
        }
        const NonceVerdict nonce =
            check_nonce(credentials.nonce, second_of(now_ns), plan_.secret, plan_.nonce_lifetime_s);
        if (nonce == NonceVerdict::foreign) {
            continue;
        }
        visit.standing = Standing::to_check;
        visit.expired = nonce == NonceVerdict::expired;
        visit.response = credentials.response;
        visit.job = job_count_++;
        jobs_[visit.job] = {
            .algorithm = plan_.algorithm,
            .qop = credentials.qop,
            .ha1 = sip::compute_ha1(plan_.algorithm, credentials.user, plan_.realm, plan_.password),
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
    sip::compute_responses({jobs_.data(), job_count_});
    job_count_ = 0;
}

/// Second pass: writes the answer to datagram `i`; 0 when there is none.
std::uint32_t Registrar::answer(std::uint32_t i, char* out, base::Nanoseconds now_ns) {
    Visit& visit = visits_[i];
    if (visit.standing == Standing::to_check) {
        const std::string_view expected(visit.expected.data(), 2 * sip::digest_bytes(plan_.algorithm));
        visit.standing = visit.response != expected ? Standing::wrong
                         : visit.expired            ? Standing::stale
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
            return challenge(i, out, true, now_ns);
        case Standing::wrong:
            ++counters_.wrong_password;
            return reply(i, out, 403, "Forbidden");
        case Standing::known:
            return bind(i, out, now_ns);
    }
    return 0;
}

std::uint32_t Registrar::challenge(std::uint32_t i, char* out, bool stale, base::Nanoseconds now_ns) {
    const NonceText nonce = make_nonce(second_of(now_ns), plan_.secret);
    Rows rows;
    rows.text("WWW-Authenticate: Digest realm=\"");
    rows.text(plan_.realm);
    rows.text("\", nonce=\"");
    rows.text({nonce.data(), nonce.size()});
    rows.text(plan_.algorithm == sip::DigestAlgorithm::sha256 ? "\", algorithm=SHA-256" : "\", algorithm=MD5");
    rows.text(stale ? ", stale=true" : "");
    rows.text(", qop=\"auth\"\r\n");
    return reply(i, out, 401, "Unauthorized", rows.view());
}

/// RFC 3261 10.3, steps 5 to 8: all that is asked for, or nothing.
std::uint32_t Registrar::bind(std::uint32_t i, char* out, base::Nanoseconds now_ns) {
    const sip::Request& request = requests_[i];
    const std::uint64_t aor = hash_text(aor_of(request.text(request.to)));
    AorSlot* slot = table_.find(aor, now_ns);
    if (const Refusal refusal = find_refusal(request, slot); refusal != Refusal::none) {
        return refuse(i, out, refusal);
    }
    if (wish_.added > table_.free_bindings() || (slot == nullptr && wish_.added != 0)) {
        slot = make_room(aor, now_ns);
        if (slot == nullptr) {
            return refuse(i, out, Refusal::full);
        }
    }
    if (slot != nullptr) {
        apply(request, *slot, now_ns);
    }
    ++counters_.accepted;
    const std::uint32_t size = accept(i, out, slot, now_ns);
    if (slot != nullptr && slot->first == 0) {
        table_.leave(*slot);
    }
    return size;
}

/// The AoR's place, with bindings to spare for the wish; nullptr when there is no room even without what has expired.
AorSlot* Registrar::make_room(std::uint64_t aor, base::Nanoseconds now_ns) {
    for (int i = 0; i < 2; ++i) {
        AorSlot* slot = table_.find(aor, now_ns);
        if (table_.free_bindings() >= wish_.added && (slot != nullptr || (slot = table_.enter(aor)) != nullptr)) {
            return slot;
        }
        table_.reclaim(now_ns);
    }
    return nullptr;
}

/// First pass over the Contacts: whether all of them can be obeyed, and what that changes.
Registrar::Refusal Registrar::find_refusal(const sip::Request& request, AorSlot* slot) {
    wish_.added = wish_.removed = wish_.count = 0;
    wish_.call_id_hash = hash_text(request.text(request.call_id));
    bool star = false;
    bool outdated = false;  // older than a binding of the same call
    sip::ContactReader reader(request);
    for (sip::Contact contact; reader.next(contact); ++wish_.count) {
        if (wish_.count == contacts_max) {
            return Refusal::too_many;
        }
        star |= contact.uri == "*";
        const std::uint32_t expires_s = asked_s(contact, request, plan_);
        if (expires_s != 0 && expires_s < plan_.min_expires_s && plan_.too_brief == TooBrief::refuse && !star) {
            return Refusal::too_brief;
        }
        if (expires_s != 0 && contact.uri.size() > contact_chars_max) {
            return Refusal::long_contact;
        }
        wish_.change[wish_.count] = {contact.uri, expires_s};
        const std::uint32_t* const link = slot == nullptr ? nullptr : find_binding(*slot, contact.uri);
        const bool known = link != nullptr && *link != 0;
        outdated |= known && is_outdated(request, table_.binding(*link));
        wish_.added += !known && expires_s != 0 ? 1 : 0;
        wish_.removed += known && expires_s == 0 ? 1 : 0;
    }
    if (reader.malformed()) {
        return Refusal::bad_contact;
    }
    if (star && (wish_.count != 1 || !request.has_expires || request.expires_s != 0)) {
        return Refusal::bad_contact;  // MSG-9
    }
    std::uint32_t bound = 0;
    for (std::uint32_t row = slot == nullptr ? 0 : slot->first; row != 0; row = table_.binding(row).next) {
        outdated |= star && is_outdated(request, table_.binding(row));
        ++bound;
    }
    if (outdated) {
        return Refusal::bad_cseq;
    }
    return bound + wish_.added > bindings_per_aor_max + wish_.removed ? Refusal::full : Refusal::none;
}

/// RFC 3261 10.3, step 7: a binding of the same call that a later request has made.
bool Registrar::is_outdated(const sip::Request& request, const Binding& binding) const {
    return binding.call_id_hash == wish_.call_id_hash && request.cseq < binding.cseq;
}

/// The link to the binding of `uri`, or the one at the end of the chain.
std::uint32_t* Registrar::find_binding(AorSlot& slot, std::string_view uri) {
    std::uint32_t* link = &slot.first;
    while (*link != 0 && !sip::same_uri(table_.binding(*link).contact(), uri)) {
        link = &table_.binding(*link).next;
    }
    return link;
}

/// Second pass: nothing can fail any more.
void Registrar::apply(const sip::Request& request, AorSlot& slot, base::Nanoseconds now_ns) {
    for (const Change& change : std::span(wish_.change).first(wish_.count)) {
        if (change.uri == "*") {
            while (slot.first != 0) {
                table_.remove(&slot.first);
            }
            return;
        }
        std::uint32_t* const link = find_binding(slot, change.uri);
        if (change.expires_s == 0) {
            if (*link != 0) {
                table_.remove(link);
            }
            continue;
        }
        const std::uint32_t granted_s = std::min(std::max(change.expires_s, plan_.min_expires_s), plan_.max_expires_s);
        Binding* const binding = *link == 0 ? table_.append(slot) : &table_.binding(*link);
        CHECK(binding != nullptr);
        binding->call_id_hash = wish_.call_id_hash;
        binding->cseq = request.cseq;
        binding->expires_at_ns = now_ns + base::Nanoseconds{granted_s} * base::ns_per_s;
        binding->contact_size = static_cast<std::uint16_t>(change.uri.size());
        std::memcpy(binding->contact_text.data(), change.uri.data(), change.uri.size());
    }
}

std::uint32_t Registrar::refuse(std::uint32_t i, char* out, Refusal refusal) {
    switch (refusal) {
        case Refusal::too_brief: {
            ++counters_.too_brief;
            Rows rows;
            rows.text("Min-Expires: ");
            rows.number(plan_.min_expires_s);
            rows.text("\r\n");
            return reply(i, out, 423, "Interval Too Brief", rows.view());
        }
        case Refusal::full:
            ++counters_.full;
            return reply(i, out, 503, "Service Unavailable", "Retry-After: 30\r\n");
        case Refusal::bad_cseq:
            ++counters_.bad_request;
            return reply(i, out, 400, "Invalid CSeq Number");
        case Refusal::long_contact:
            ++counters_.bad_request;
            return reply(i, out, 400, "Contact Too Long");
        case Refusal::too_many:
            ++counters_.bad_request;
            return reply(i, out, 400, "Too Many Contacts");
        case Refusal::bad_contact:
        case Refusal::none:
            break;
    }
    ++counters_.bad_request;
    return reply(i, out, 400, "Bad Contact");
}

/// 200 with every binding of the AoR and what is left of its lifetime, in one Contact row.
std::uint32_t Registrar::accept(std::uint32_t i, char* out, const AorSlot* slot, base::Nanoseconds now_ns) {
    Rows rows;
    const std::uint32_t first = slot == nullptr ? 0 : slot->first;
    for (std::uint32_t row = first; row != 0; row = table_.binding(row).next) {
        const Binding& binding = table_.binding(row);
        rows.text(row == first ? "Contact: <" : ", <");
        rows.text(binding.contact());
        rows.text(">;expires=");
        rows.number(static_cast<std::uint32_t>((binding.expires_at_ns - now_ns) / base::ns_per_s));
    }
    rows.text(first == 0 ? "" : "\r\n");
    return reply(i, out, 200, "OK", rows.view());
}

std::uint32_t Registrar::reply(std::uint32_t i, char* out, std::uint16_t status, std::string_view reason,
                               std::string_view rows) {
    std::array<char, base::ip_chars_max> host;
    const char* const host_end = base::write_ip(host.data(), burst_[i].remote.ip);
    return sip::write_response(out, port::payload_bytes_max, requests_[i], status, reason,
                               {.to_tag = "regstorm",
                                .rows = rows,
                                .source_host = {host.data(), static_cast<std::size_t>(host_end - host.data())},
                                .source_udp_port = burst_[i].remote.udp_port});
}

}  // namespace regstorm::registrar
