// SPDX-License-Identifier: Apache-2.0
// Every answer that the registrar writes, right ones and wrong ones.
#include "registrar/rows.hpp"
#include "regstorm/registrar/registrar.hpp"

namespace regstorm::registrar {
namespace {

struct Reason {
    std::uint16_t status;
    std::string_view text;
};
/// RFC 3261 21, those that a registrar or a proxy before it gives.
constexpr Reason reasons[] = {{300, "Multiple Choices"},
                              {301, "Moved Permanently"},
                              {302, "Moved Temporarily"},
                              {305, "Use Proxy"},
                              {400, "Bad Request"},
                              {401, "Unauthorized"},
                              {403, "Forbidden"},
                              {404, "Not Found"},
                              {405, "Method Not Allowed"},
                              {407, "Proxy Authentication Required"},
                              {408, "Request Timeout"},
                              {420, "Bad Extension"},
                              {423, "Interval Too Brief"},
                              {480, "Temporarily Unavailable"},
                              {483, "Too Many Hops"},
                              {486, "Busy Here"},
                              {500, "Server Internal Error"},
                              {501, "Not Implemented"},
                              {503, "Service Unavailable"},
                              {504, "Server Time-out"},
                              {600, "Busy Everywhere"},
                              {603, "Decline"}};

std::string_view reason_of(std::uint16_t status) {
    for (const Reason& reason : reasons) {
        if (reason.status == status) {
            return reason.text;
        }
    }
    return "On Cue";
}

}  // namespace

std::uint32_t Registrar::challenge(std::uint32_t i, char* out, bool stale, base::Nanoseconds now_ns,
                                   std::uint16_t status) {
    const NonceText nonce = make_nonce(second_of(now_ns), plan_.secret);
    Rows rows;
    rows.text(status == 407 ? "Proxy-Authenticate" : "WWW-Authenticate");
    rows.text(": Digest realm=\"");
    rows.text(plan_.realm);
    rows.text("\", nonce=\"");
    rows.text({nonce.data(), nonce.size()});
    rows.text("\", algorithm=");
    rows.text(sip::to_text(plan_.algorithm));
    rows.text(stale ? ", stale=true" : "");
    rows.text(plan_.qop == sip::Qop::auth       ? ", qop=\"auth\"\r\n"
              : plan_.qop == sip::Qop::auth_int ? ", qop=\"auth-int\"\r\n"
                                                : "\r\n");
    return reply(i, out, status, reason_of(status), rows.view());
}

/// The answer of a rule, with the rows that its status is worth nothing without.
std::uint32_t Registrar::answer_with(const Rule& rule, std::uint32_t i, char* out, base::Nanoseconds now_ns) {
    if (rule.status == 401 || rule.status == 407) {
        return challenge(i, out, rule.stale, now_ns, rule.status);
    }
    Rows rows;
    if (rule.status < 400) {
        rows.text("Contact: <");
        rows.text(rule.contact.size != 0 ? rule.contact.view() : requests_[i].text(requests_[i].uri));
        rows.text(">\r\n");
    }
    const std::uint32_t min_expires_s = rule.has_expires ? rule.expires_s : plan_.min_expires_s;
    if (rule.status == 423 && min_expires_s != 0) {
        rows.text("Min-Expires: ");
        rows.number(min_expires_s);
        rows.text("\r\n");
    }
    if (rule.has_retry_after) {
        rows.text("Retry-After: ");
        rows.number(rule.retry_after_s);
        rows.text("\r\n");
    }
    return reply(i, out, rule.status, reason_of(rule.status), rows.view());
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
    const Cue& cue = visits_[i].cue;
    Rows rows;
    std::string_view before = "Contact: <";
    const auto list = [&](std::string_view uri, std::uint32_t expires_s) {
        rows.text(before);
        rows.text(uri);
        rows.text(">;expires=");
        rows.number(expires_s);
        before = ", <";
    };
    if (felt(cue, Misdeed::foreign_contact)) {
        list("sip:somebody-else@192.0.2.1:5060", rule_of(cue, Misdeed::foreign_contact).expires_s);
    }
    const bool listed = !felt(cue, Misdeed::no_contact);
    for (std::uint32_t row = slot != nullptr && listed ? slot->first : 0; row != 0; row = table_.binding(row).next) {
        const Binding& binding = table_.binding(row);
        list(binding.contact(), static_cast<std::uint32_t>((binding.expires_at_ns - now_ns) / base::ns_per_s));
    }
    rows.text(before.front() == ',' ? "\r\n" : "");
    if (!visits_[i].nonce.empty() && felt(cue, Misdeed::next_nonce)) {
        const NonceText nonce = make_next_nonce(visits_[i].nonce, second_of(now_ns), plan_.secret);
        rows.text("Authentication-Info: nextnonce=\"");
        rows.text({nonce.data(), nonce.size()});
        rows.text("\"\r\n");
    }
    return reply(i, out, 200, "OK", rows.view());
}

std::uint32_t Registrar::reply(std::uint32_t i, char* out, std::uint16_t status, std::string_view reason,
                               std::string_view rows) {
    return write(i, out, status, reason, rows, "regstorm");
}

std::uint32_t Registrar::write(std::uint32_t i, char* out, std::uint16_t status, std::string_view reason,
                               std::string_view rows, std::string_view to_tag) {
    std::array<char, base::ip_chars_max> host;
    const char* const host_end = base::write_ip(host.data(), burst_[i].remote.ip);
    return sip::write_response(out, port::payload_bytes_max, requests_[i], status, reason,
                               {.to_tag = to_tag,
                                .rows = rows,
                                .source_host = {host.data(), static_cast<std::size_t>(host_end - host.data())},
                                .source_udp_port = burst_[i].remote.udp_port});
}

/// 100 has no To tag of its own (RFC 3261 8.2.6.2).
std::uint32_t Registrar::write_trying(std::uint32_t i, char* out) { return write(i, out, 100, "Trying", {}, {}); }

}  // namespace regstorm::registrar
