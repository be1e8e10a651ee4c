// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/evidence.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace regstorm::report {
namespace {

/// A value of a message that we wrote ourselves or that parsed once: no folds, and compact names are rare.
std::string_view row(std::string_view message, std::string_view name) {
    const std::string start = fmt::format("\r\n{}:", name);
    const std::size_t at = message.find(start);
    if (at == message.npos) {
        return {};
    }
    const std::size_t begin = std::min(message.find_first_not_of(' ', at + start.size()), message.size());
    return message.substr(begin, std::min(message.find("\r\n", begin), message.size()) - begin);
}

std::string_view first_line(std::string_view message) { return message.substr(0, message.find("\r\n")); }

/// 0: a request.
unsigned status_of(std::string_view message) {
    unsigned status = 0;
    for (const char c : message.starts_with("SIP/2.0 ") ? message.substr(8, 3) : std::string_view{}) {
        status = c >= '0' && c <= '9' ? status * 10 + static_cast<unsigned>(c - '0') : 0;
    }
    return status;
}

/// The branch names a transaction, with the method of its CSeq.
std::string transaction_of(std::string_view message) {
    const std::size_t at = message.find("z9hG4bK");
    const std::string_view branch = at == message.npos ? std::string_view{} : message.substr(at);
    return std::string(branch.substr(0, branch.find_first_of(";\r ,"))) + std::string(row(message, "CSeq"));
}

struct Fate {
    std::uint32_t sent = 0;
    bool refused = false;
    bool answered = false;

    [[nodiscard]] bool failed() const { return sent > 1 || refused || !answered; }
};

/// "401 Unauthorized", "REGISTER", or what it is instead of SIP.
std::string name_of(std::string_view message) {
    const std::string_view line = first_line(message);
    if (line.starts_with("SIP/2.0 ")) {
        return std::string(line.substr(8));
    }
    const bool request = line.ends_with(" SIP/2.0");
    return request ? std::string(line.substr(0, line.find(' '))) : fmt::format("{} bytes", message.size());
}

/// What tells one step from the next.
std::string details_of(std::string_view message, bool again) {
    std::string text = fmt::format("CSeq {}", row(message, "CSeq"));
    for (const std::string_view name : {"Expires", "Retry-After", "Min-Expires"}) {
        if (const std::string_view value = row(message, name); !value.empty()) {
            text += fmt::format(", {} {}", name, value);
        }
    }
    if (!row(message, "Authorization").empty() || !row(message, "Proxy-Authorization").empty()) {
        text += ", with credentials";
    }
    if (const std::string_view contact = row(message, "Contact"); contact.find("expires=") != contact.npos) {
        const std::string_view expires = contact.substr(contact.find("expires="));
        text += fmt::format(", {}", expires.substr(0, expires.find_first_of(";, ")));
    }
    return again ? text + ", again" : text;
}

}  // namespace

std::string_view payload_of(const Packet& packet) {
    if (!packet.frame) {
        return packet.bytes;
    }
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(packet.bytes[i]); };
    if (packet.bytes.size() < 42) {
        return {};
    }
    const std::size_t ip = at(12) == 0x81 && at(13) == 0 ? 18 : 14;
    const bool v6 = at(ip) >> 4 == 6;
    const bool udp = at(ip + (v6 ? 6 : 9)) == 17 && (v6 || at(ip) >> 4 == 4);
    const std::size_t payload = ip + (v6 ? 40 : (at(ip) & 15U) * 4U) + 8;
    return udp && payload < packet.bytes.size() ? packet.bytes.substr(payload) : std::string_view{};
}

std::vector<Packet> failures_of(const std::vector<Packet>& packets) {
    std::map<std::string, Fate> fates;
    for (const Packet& packet : packets) {
        const std::string_view message = payload_of(packet);
        const unsigned status = status_of(message);
        Fate& fate = fates[transaction_of(message)];
        fate.sent += packet.out && status == 0;
        fate.answered |= !packet.out && status >= 200;
        fate.refused |= status >= 300 && status != 401 && status != 407;
    }
    std::vector<Packet> failures;
    std::ranges::copy_if(packets, std::back_inserter(failures), [&](const Packet& packet) {
        const std::string_view message = payload_of(packet);
        const Fate& fate = fates[transaction_of(message)];
        return message.find("z9hG4bK") != message.npos && fate.sent != 0 && fate.failed();
    });
    return failures;
}

std::string ladder(const std::vector<Packet>& packets, std::string_view heading) {
    constexpr std::size_t label_columns = 28;
    std::string text = fmt::format("{}\n  {:>10}  phone{:>{}}\n", heading, "seconds", "registrar", label_columns + 8);
    std::set<std::string> seen;
    for (const Packet& packet : packets) {
        const std::string_view message = payload_of(packet);
        const double at_s = static_cast<double>(packet.at_ns - packets.front().at_ns) / 1e9;
        const std::string name = name_of(message);
        const bool again = packet.out && status_of(message) == 0 && !seen.insert(transaction_of(message)).second;
        const std::string arrow = packet.out ? fmt::format("|-- {:-<{}}>|", name + " ", label_columns)
                                             : fmt::format("|<-{:->{}}--|", " " + name, label_columns);
        text += fmt::format("  {:>10.6f}  {}  {}\n", at_s, arrow,
                            message.find("\r\nCSeq:") != message.npos ? details_of(message, again) : "");
    }
    return packets.empty() ? text + "  nothing was sent or received\n" : text;
}

}  // namespace regstorm::report
