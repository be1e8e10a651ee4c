// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/request_template.hpp"

#include "regstorm/base/check.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/sip/branch.hpp"
#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/decimal.hpp"
#include "regstorm/sip/hex.hpp"

namespace regstorm::sip {
namespace {

// Any odd constants: they keep what derives from one number from being that number.
constexpr std::uint64_t tag_domain = 0xa0761d6478bd642fULL;
constexpr std::uint64_t instance_domain = 0xe7037ed1a0b428dbULL;

constexpr std::uint64_t mac_domain = 0x8ebc6af09c88c6e3ULL;

constexpr std::string_view method_of(RequestKind kind) {
    switch (kind) {
        case RequestKind::options:
            return "OPTIONS";
        case RequestKind::subscribe:
            return "SUBSCRIBE";
        default:
            return "REGISTER";
    }
}

constexpr std::string_view allow =
    "Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, MESSAGE\r\n";

}  // namespace

SourceText source_text(const base::SocketAddress& address) {
    const std::string text = base::to_text(address);
    SourceText source;
    CHECK(text.size() <= source.text.size());
    source.size = static_cast<std::uint8_t>(text.copy(source.text.data(), text.size()));
    return source;
}

char* write_call_id(char* out, std::uint64_t identity) noexcept { return write_hex16(out, identity); }

char* write_from_tag(char* out, std::uint64_t identity) noexcept {
    return write_hex8(out, static_cast<std::uint32_t>(base::mix64(identity ^ tag_domain)));
}

char* write_instance(char* out, std::uint64_t device) noexcept {
    constexpr std::string_view start = "<urn:uuid:";
    // Random but for the version and variant (RFC 4122 4.4); mix64 is one-to-one, so no two devices share one.
    const std::uint64_t high = (base::mix64(device) & ~0xf000ULL) | 0x4000;
    const std::uint64_t low = (base::mix64(device ^ instance_domain) >> 2) | (1ULL << 63);
    char digits[32];
    write_hex16(write_hex16(digits, high), low);
    out = copy_text(out, start);
    copy_bytes<8>(out, digits);
    out[8] = '-';
    copy_bytes<4>(out + 9, digits + 8);
    out[13] = '-';
    copy_bytes<4>(out + 14, digits + 12);
    out[18] = '-';
    copy_bytes<4>(out + 19, digits + 16);
    out[23] = '-';
    copy_bytes<12>(out + 24, digits + 20);
    out[36] = '>';
    return out + 37;
}

char* write_contact_uri(char* out, std::string_view user, std::string_view source) noexcept {
    copy_bytes<4>(out, "sip:");
    out = copy_text(out + 4, user);
    *out++ = '@';
    return copy_text(out, source);
}

char* write_mac(char* out, std::uint64_t device) noexcept {
    char digits[8];
    write_hex8(digits, static_cast<std::uint32_t>(base::mix64(device ^ mac_domain)));
    copy_bytes<6>(out, "000b82");
    copy_bytes<6>(out + 6, digits);
    return out + mac_chars;
}

RequestTemplate::RequestTemplate(const TemplateSpec& spec)
    : domain_(spec.domain),
      request_uri_("sip:" + (spec.request_host.empty() ? spec.domain : spec.request_host)),
      method_(method_of(spec.kind)) {
    const bool options = spec.kind == RequestKind::options;
    subscribe_ = spec.kind == RequestKind::subscribe;
    to_has_user_ = !options;
    own_contact_ = spec.kind != RequestKind::remove_all;
    // Only REGISTER binds an instance (RFC 5626 4.2).
    instance_ = spec.instance && (spec.kind == RequestKind::register_ || spec.kind == RequestKind::remove);
    expires_ = spec.kind == RequestKind::register_ || subscribe_;
    mac_in_agent_ = spec.mac_in_agent && !spec.user_agent.empty();
    mac_row_ = options || subscribe_ ? spec.mac_row_elsewhere : spec.mac_row;

    const std::string method(method_);
    const std::string at_domain = "@" + spec.domain + ">";
    const std::string via = " SIP/2.0\r\nVia: SIP/2.0/UDP ";
    add(before_request_uri, subscribe_ ? method + " " : "");
    add(before_source, subscribe_ ? via : method + " " + request_uri_ + via);
    add(before_branch, ";branch=");
    add(before_from_user, ";rport\r\nFrom: <sip:");
    add(before_tag, at_domain + ";tag=");
    add(before_to_user, to_has_user_ ? "\r\nTo: <sip:" : "\r\nTo: <sip:" + spec.domain + ">");
    add(before_to_tag, subscribe_ ? at_domain + ";tag=" : "");
    add(before_call_id, (to_has_user_ ? at_domain : "") + "\r\nCall-ID: ");
    add(before_cseq, "\r\nCSeq: ");
    add(before_contact_user, " " + method + "\r\nContact: " + (own_contact_ ? "<" : "*"));
    add(before_instance, own_contact_ ? instance_ ? ">;+sip.instance=\"" : ">" : "");
    const std::string contact_end = spec.kind == RequestKind::remove ? ";expires=0\r\n" : "\r\n";
    add(before_credentials, (instance_ ? "\"" : "") + contact_end);

    // The rows after the credentials, cut where the MAC address stands, if it does.
    std::string rows = "Max-Forwards: 70\r\n" + (spec.user_agent.empty() ? "" : "User-Agent: " + spec.user_agent);
    add(before_agent_mac, mac_in_agent_ ? rows + " " : "");
    rows = (mac_in_agent_ ? "" : rows) + (spec.user_agent.empty() ? "" : "\r\n");
    add(before_mac, mac_row_ ? rows + "MAC: " : "");
    rows = mac_row_ ? "\r\n" : rows;
    if (subscribe_) {
        rows += "Event: " + spec.event + "\r\nAccept: " + spec.accept + "\r\n";
    } else {
        rows += spec.supported_path ? "Supported: path\r\n" : "";
    }
    add(before_expires, rows + (options ? "" : "Expires: "));
    add(before_end, (options    ? "Accept: application/sdp\r\n"
                     : expires_ ? "\r\n"
                                : "0\r\n") +
                        std::string(allow) + spec.extra_headers + "Content-Length: 0\r\n\r\n");
    literals_.append(copy_slack, '\0');
}

void RequestTemplate::add(Literal literal, const std::string& text) {
    piece_[literal] = {static_cast<std::uint32_t>(literals_.size()), static_cast<std::uint32_t>(text.size())};
    literals_ += text;
    literal_chars_ += piece_[literal].size;
}

inline char* RequestTemplate::put(char* out, Literal literal) const noexcept {
    return copy_text_rounded(out, literals_.data() + piece_[literal].offset, piece_[literal].size);
}

std::uint32_t RequestTemplate::write(char* out, const RequestFields& fields, RequestPlaces& places) const noexcept {
    DCHECK(fields.branch.size() == branch_chars);
    DCHECK(!says_device() || fields.device != 0);
    const auto place = [out](const char* at) { return static_cast<std::uint16_t>(at - out); };
    char* at = out;
    if (subscribe_) {
        at = put(at, before_request_uri);
        char uri[request_uri_chars_max];
        at = copy_text(at, write_request_uri(uri, fields.user, fields.dialog));
    }
    at = put(at, before_source);
    places.source = places.contact_source = place(at);
    at = put(copy_text(at, fields.source), before_branch);
    places.branch = place(at);
    copy_bytes<branch_chars>(at, fields.branch.data());
    at = put(at + branch_chars, before_from_user);
    places.from_user = places.to_user = places.contact_user = place(at);
    at = put(copy_text(at, fields.user), before_tag);
    places.tag = place(at);
    at = put(write_from_tag(at, fields.identity), before_to_user);
    if (to_has_user_) {
        places.to_user = place(at);
        at = copy_text(at, fields.user);
    }
    at = put_to_tag(at, fields.dialog.to_tag);
    places.call_id = place(at);
    at = put(write_call_id(at, fields.identity), before_cseq);
    places.cseq = place(at);
    at = put(write_decimal_rounded(at, fields.cseq), before_contact_user);
    if (own_contact_) {
        at = write_contact_uri(at, fields.user, fields.source);
        places.contact_source = static_cast<std::uint16_t>(place(at) - fields.source.size());
        places.contact_user = static_cast<std::uint16_t>(places.contact_source - 1U - fields.user.size());
    }
    at = put(at, before_instance);
    places.instance = instance_ ? place(at) : std::uint16_t{0};
    if (instance_) {
        at = write_instance(at, fields.device);
    }
    at = put(at, before_credentials);
    places.credentials = place(at);
    at = copy_text(at, fields.credentials);
    if (mac_in_agent_) {
        at = write_mac(put(at, before_agent_mac), fields.device);
    }
    if (mac_row_) {
        at = write_mac(put(at, before_mac), fields.device);
    }
    at = put(at, before_expires);
    if (expires_) {
        at = write_decimal_rounded(at, fields.expires_s);
    }
    return static_cast<std::uint32_t>(put(at, before_end) - out);
}

/// Up to the Call-ID; the tag, if there is one, makes this a request within a dialog.
char* RequestTemplate::put_to_tag(char* at, std::string_view tag) const noexcept {
    if (!subscribe_ || tag.empty()) [[likely]] {
        return put(at, before_call_id);
    }
    at = copy_text(put(at, before_to_tag), tag);
    return copy_text(at, std::string_view("\r\nCall-ID: "));
}

std::string_view RequestTemplate::write_request_uri(char* out, std::string_view user,
                                                    const RemoteDialog& dialog) const noexcept {
    if (!subscribe_) [[likely]] {
        return request_uri_;
    }
    if (!dialog.target.empty()) {
        return dialog.target;
    }
    const char* const end = write_contact_uri(out, user, domain_);
    return {out, static_cast<std::size_t>(end - out)};
}

std::uint32_t RequestTemplate::chars_max(const RequestFields& fields) const noexcept {
    return static_cast<std::uint32_t>(literal_chars_ + branch_chars + from_tag_chars + call_id_chars + instance_chars +
                                      (mac_in_agent_ ? mac_chars : 0) + (mac_row_ ? mac_chars : 0) +
                                      (subscribe_ ? request_uri_chars_max + fields.dialog.to_tag.size() : 0) +
                                      2 * decimal_chars_max + 2 * fields.source.size() + 3 * fields.user.size() +
                                      sizeof "sip:@" + fields.credentials.size() + copy_slack);
}

}  // namespace regstorm::sip
