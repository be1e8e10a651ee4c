// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/response_writer.hpp"

#include <algorithm>
#include <charconv>

#include "byte_sets.hpp"
#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/decimal.hpp"
#include "regstorm/sip/find_stop.hpp"

namespace regstorm::sip {
namespace {

/// Appends without looking: for where the room was made sure of before.
class Roomy {
  public:
    explicit Roomy(char* out) : first_(out), at_(out) {}

    [[gnu::always_inline]] Roomy& add(std::string_view text) {
        at_ = copy_text(at_, text);
        return *this;
    }
    Roomy& add_number(std::uint32_t number) {
        at_ = write_decimal_rounded(at_, number);
        return *this;
    }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(at_ - first_); }

  private:
    char* first_;
    char* at_;
};

/// Appends until the first piece that does not fit; from then on nothing more.
class Bounded {
  public:
    Bounded(char* out, std::uint32_t capacity) : first_(out), at_(out), end_(out + capacity) {}

    Bounded& add(std::string_view text) {
        if (fits_ && text.size() <= static_cast<std::size_t>(end_ - at_)) {
            at_ = copy_text(at_, text);
        } else {
            fits_ = false;
        }
        return *this;
    }
    Bounded& add_number(std::uint32_t number) {
        char digits[16];  // ten would do, but GCC 12 then warns of a copy that cannot happen
        return add({digits, static_cast<std::size_t>(write_decimal_rounded(digits, number) - digits)});
    }
    /// Bytes written, 0 when something did not fit.
    [[nodiscard]] std::uint32_t size() const { return fits_ ? static_cast<std::uint32_t>(at_ - first_) : 0; }

  private:
    char* first_;
    char* at_;
    char* end_;
    bool fits_ = true;
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_white(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_white(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

bool same_word(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) {
        return false;
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
        const char a = left[i];
        const char b = right[i];
        if (a != b && ((a | 0x20) != (b | 0x20) || (a | 0x20) < 'a' || (a | 0x20) > 'z')) {
            return false;
        }
    }
    return true;
}

/// Where the parameter, or the Via value, that stands at `at` ends: the next ; or , outside quotes.
const char* piece_end(const char* at, const char* end) {
    for (;;) {  // once per quoted string
        at = find_stop<false, ';', ',', '"'>(at, end);
        if (at == end || *at != '"') {
            return at;
        }
        at = find_stop<false, '"', '\\'>(at + 1, end);
        while (at != end && *at == '\\') {
            at = find_stop<false, '"', '\\'>(at + (end - at >= 2 ? 2 : 1), end);
        }
        at += at != end ? 1 : 0;
    }
}

/// The host of "host", "host:5060" or "[::1]:5060", without brackets.
std::string_view host_of(std::string_view sent_by) {
    if (sent_by.starts_with('[')) {
        const std::size_t close = sent_by.find(']');
        return sent_by.substr(1, close == std::string_view::npos ? close : close - 1);
    }
    return trimmed(sent_by.substr(0, sent_by.find(':')));
}

/// A Via row whose topmost value gets its rport filled in where it stands and `received` behind it; an old received
/// is dropped. More values may be joined to the topmost; they stay as they are.
void add_top_via(Bounded& out, std::string_view row, bool with_received, const ResponseExtras& extras) {
    const char* const end = row.data() + row.size();
    const char* copied = row.data();
    const char* at = piece_end(row.data(), end);
    while (at != end && *at == ';') {  // once per parameter
        const char* const next = piece_end(at + 1, end);
        const std::string_view parameter = trimmed({at + 1, static_cast<std::size_t>(next - at - 1)});
        if (same_word(parameter, "rport")) {
            const char* const name_end = parameter.data() + parameter.size();
            out.add({copied, static_cast<std::size_t>(name_end - copied)}).add("=").add_number(extras.source_udp_port);
            copied = name_end;
        } else if (with_received && same_word(trimmed(parameter.substr(0, parameter.find('='))), "received")) {
            out.add({copied, static_cast<std::size_t>(at - copied)});
            copied = next;
        }
        at = next;
    }
    out.add({copied, static_cast<std::size_t>(at - copied)});
    if (with_received) {
        out.add(";received=").add(extras.source_host);
    }
    out.add({at, static_cast<std::size_t>(end - at)});
}

/// The same for a row of which the parser has said where rport stands.
void add_usual_via(Roomy& out, const Request& request, const ResponseExtras& extras) {
    const Field row = request.vias.row[0];
    const auto before = static_cast<std::uint16_t>(request.bare_rport.offset + request.bare_rport.size - row.offset);
    out.add({request.data + row.offset, before}).add("=").add_number(extras.source_udp_port);
    out.add({request.data + row.offset + before, static_cast<std::size_t>(row.size - before)});
    out.add(";received=").add(extras.source_host).add("\r\n");
}

void add_vias(Bounded& out, const Request& request, const ResponseExtras& extras) {
    for (std::uint32_t i = 0; i < request.vias.count; ++i) {
        const std::string_view row = request.text(request.vias.row[i]);
        out.add("Via: ");
        if (i > 0 || extras.source_host.empty()) {
            out.add(row);
        } else {
            add_top_via(out, row,
                        request.rport_present || !same_word(host_of(request.text(request.sent_by)), extras.source_host),
                        extras);
        }
        out.add("\r\n");
    }
}

template <class Text>
void add_status(Text& out, std::uint16_t status, std::string_view reason) {
    const char digits[] = {static_cast<char>('0' + status / 100), static_cast<char>('0' + status / 10 % 10),
                           static_cast<char>('0' + status % 10)};
    out.add("SIP/2.0 ").add({digits, sizeof digits}).add(" ").add(reason).add("\r\n");
}

/// What follows the Vias.
template <class Text>
std::uint32_t finish(Text& out, const Request& request, const ResponseExtras& extras) {
    out.add("From: ").add(request.text(request.from)).add("\r\nTo: ").add(request.text(request.to));
    if (!request.to_tag.present() && !extras.to_tag.empty()) {
        out.add(";tag=").add(extras.to_tag);
    }
    out.add("\r\nCall-ID: ").add(request.text(request.call_id));
    out.add("\r\nCSeq: ").add_number(request.cseq).add(" ").add(request.text(request.method_text)).add("\r\n");
    out.add(extras.contacts).add(extras.rows).add("Content-Length: 0\r\n\r\n");
    return out.size();
}

/// Never less than an answer to such a request with one Via takes: its own rows, no piece of them twice, what we add,
/// and the names, numbers and separators around them.
std::size_t chars_max(const Request& request, std::string_view reason, const ResponseExtras& extras) {
    constexpr std::size_t around = 256;
    return request.size + reason.size() + extras.to_tag.size() + extras.contacts.size() + extras.rows.size() +
           extras.source_host.size() + around;
}

}  // namespace

std::uint32_t write_response(char* out, std::uint32_t capacity, const Request& request, std::uint16_t status,
                             std::string_view reason, const ResponseExtras& extras) noexcept {
    if (request.vias.overflow) {
        return 0;
    }
    if (request.bare_rport.present() && !extras.source_host.empty() && chars_max(request, reason, extras) <= capacity)
        [[likely]] {
        Roomy text(out);
        add_status(text, status, reason);
        text.add("Via: ");
        add_usual_via(text, request, extras);
        return finish(text, request, extras);
    }
    Bounded text(out, capacity);
    add_status(text, status, reason);
    add_vias(text, request, extras);
    return finish(text, request, extras);
}

base::SocketAddress reply_address(const Request& request, const base::SocketAddress& remote) noexcept {
    if (request.rport_present) {
        return remote;
    }
    std::string_view sent_by = request.text(request.sent_by);
    sent_by.remove_prefix(sent_by.starts_with('[') ? std::min(sent_by.find(']'), sent_by.size()) : 0);
    const std::size_t colon = sent_by.find(':');
    const std::string_view digits = colon == std::string_view::npos ? "5060" : trimmed(sent_by.substr(colon + 1));
    std::uint16_t udp_port = 0;
    const std::from_chars_result parsed = std::from_chars(digits.data(), digits.data() + digits.size(), udp_port);
    return {remote.ip, parsed.ec == std::errc{} && udp_port != 0 ? udp_port : std::uint16_t{5060}};
}

}  // namespace regstorm::sip
