// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/response_writer.hpp"

#include <algorithm>
#include <charconv>

#include "regstorm/base/text.hpp"
#include "regstorm/sip/copy_text.hpp"

namespace regstorm::sip {
namespace {

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
        return add({digits, static_cast<std::size_t>(base::write_decimal(digits, number) - digits)});
    }
    /// Bytes written, 0 when something did not fit.
    [[nodiscard]] std::uint32_t size() const { return fits_ ? static_cast<std::uint32_t>(at_ - first_) : 0; }

  private:
    char* first_;
    char* at_;
    char* end_;
    bool fits_ = true;
};

constexpr std::string_view space = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(space);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(space) - first + 1);
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

/// Length of the text up to the first of `stops` outside quotes, or all of it.
std::size_t piece_chars(std::string_view text, std::string_view stops) {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && stops.find(text[i]) != std::string_view::npos) {
            return i;
        }
    }
    return text.size();
}

/// The host of "host", "host:5060" or "[::1]:5060", without brackets.
std::string_view host_of(std::string_view sent_by) {
    if (sent_by.starts_with('[')) {
        const std::size_t close = sent_by.find(']');
        return sent_by.substr(1, close == std::string_view::npos ? close : close - 1);
    }
    return trimmed(sent_by.substr(0, sent_by.find(':')));
}

/// The topmost Via value with rport filled in where it stands and received behind it; an old received is replaced.
void add_top_via(Bounded& out, std::string_view value, bool with_received, const ResponseExtras& extras) {
    std::size_t chars = piece_chars(value, ";");
    out.add(value.substr(0, chars));
    while (chars < value.size()) {  // once per parameter
        value.remove_prefix(chars + 1);
        chars = piece_chars(value, ";");
        const std::string_view parameter = value.substr(0, chars);
        const std::string_view name = trimmed(parameter.substr(0, parameter.find('=')));
        if (same_word(name, "rport") && parameter.find('=') == std::string_view::npos) {
            out.add(";rport=").add_number(extras.source_udp_port);
        } else if (!with_received || !same_word(name, "received")) {
            out.add(";").add(parameter);
        }
    }
    if (with_received) {
        out.add(";received=").add(extras.source_host);
    }
}

void add_vias(Bounded& out, const Request& request, const ResponseExtras& extras) {
    for (std::uint32_t i = 0; i < request.vias.count; ++i) {
        const std::string_view row = request.text(request.vias.row[i]);
        out.add("Via: ");
        if (i > 0 || extras.source_host.empty()) {
            out.add(row).add("\r\n");
            continue;
        }
        const std::size_t top = piece_chars(row, ",");  // more values may be joined to the topmost
        const bool with_received =
            request.rport_present || !same_word(host_of(request.text(request.sent_by)), extras.source_host);
        add_top_via(out, row.substr(0, top), with_received, extras);
        out.add(row.substr(top)).add("\r\n");
    }
}

}  // namespace

std::uint32_t write_response(char* out, std::uint32_t capacity, const Request& request, std::uint16_t status,
                             std::string_view reason, const ResponseExtras& extras) noexcept {
    if (request.vias.overflow) {
        return 0;
    }
    Bounded text(out, capacity);
    text.add("SIP/2.0 ").add_number(status).add(" ").add(reason).add("\r\n");
    add_vias(text, request, extras);
    text.add("From: ").add(request.text(request.from)).add("\r\nTo: ").add(request.text(request.to));
    if (!request.to_tag.present() && !extras.to_tag.empty()) {
        text.add(";tag=").add(extras.to_tag);
    }
    text.add("\r\nCall-ID: ").add(request.text(request.call_id));
    text.add("\r\nCSeq: ").add_number(request.cseq).add(" ").add(request.text(request.method_text)).add("\r\n");
    text.add(extras.contacts).add(extras.rows).add("Content-Length: 0\r\n\r\n");
    return text.size();
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
