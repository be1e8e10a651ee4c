// SPDX-License-Identifier: Apache-2.0
#include "config/assign.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <fmt/format.h>

#include "regstorm/base/nearest.hpp"

namespace regstorm::config {
namespace {

constexpr std::size_t value_shown_chars_max = 60;

/// The value as the user wrote it, cut where it gets long (never inside a UTF-8 character).
std::string shown(const Option& option, const RawValue& raw) {
    if (option.secret) {
        return "\"***\"";
    }
    struct Writer {
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(double value) const { return fmt::format("{}", value); }
        std::string operator()(const std::string& value) const {
            if (value.size() <= value_shown_chars_max) {
                return '"' + value + '"';
            }
            std::size_t cut = value_shown_chars_max;
            while (cut > 0 && (static_cast<unsigned char>(value[cut]) & 0xc0) == 0x80) {
                --cut;
            }
            return '"' + value.substr(0, cut) + "...\"";
        }
        std::string operator()(const Word& word) const { return (*this)(word.text); }
    };
    return std::visit(Writer{}, raw);
}

/// The text of a quoted value or a word of the command line.
const std::string* text_of(const RawValue& raw) {
    if (const Word* word = std::get_if<Word>(&raw)) {
        return &word->text;
    }
    return std::get_if<std::string>(&raw);
}

/// Text of an integer or of anything quoted; empty optional for the rest.
std::optional<std::string> number_text(const RawValue& raw) {
    if (const std::int64_t* integer = std::get_if<std::int64_t>(&raw)) {
        return std::to_string(*integer);
    }
    const std::string* text = text_of(raw);
    return text == nullptr ? std::nullopt : std::optional(*text);
}

bool is_zero_word(const Option& option, const RawValue& raw) {
    const std::string* text = text_of(raw);
    return text != nullptr && !option.zero_word.empty() && *text == option.zero_word;
}

/// Empty, or why a number is outside the row's range. What has a word for zero may be zero.
std::string outside(const Option& option, double value) {
    if (std::isnan(value)) {
        return "is not a number";
    }
    if (value == 0 && !option.zero_word.empty()) {
        return {};
    }
    if (value < 0 && option.min >= 0) {
        return "is negative";
    }
    return value < option.min ? "is too small" : value > option.max ? "is too large" : "";
}

std::string outside(const Option& option, Duration value) {
    std::string range = outside(option, static_cast<double>(value.count()));
    if (range.empty() && value.count() % option.step.count() != 0) {
        return fmt::format("is not a multiple of {}", to_text(option.step));
    }
    return range;
}

/// One overload per type of member: reads `raw`, returns what is wrong or sets the member.
struct Assigner {
    const Option& option;
    const RawValue& raw;
    Scenario& scenario;

    std::string operator()(const Member<bool>& member) const {
        if (const bool* value = std::get_if<bool>(&raw)) {
            return store(member, *value);
        }
        const Word* word = std::get_if<Word>(&raw);
        if (word == nullptr) {
            return "is neither true nor false";
        }
        return store(member, parse_bool(word->text));
    }

    template <std::unsigned_integral T>
    std::string operator()(const Member<T>& member) const {
        if (is_zero_word(option, raw)) {
            return store(member, T{0});
        }
        const std::optional<std::string> text = number_text(raw);
        if (!text) {
            return std::holds_alternative<double>(raw) ? "is not a whole number; write 1500 or \"1.5k\""
                                                       : "is not a count";
        }
        const Parsed<std::uint64_t> count = parse_count(*text);
        if (!count.good()) {
            return count.problem;
        }
        const std::string problem = outside(option, static_cast<double>(count.value));
        return problem.empty() ? store(member, static_cast<T>(count.value)) : problem;
    }

    std::string operator()(const Member<double>& member) const {
        if (is_zero_word(option, raw)) {
            return store(member, 0.0);
        }
        if (const double* value = std::get_if<double>(&raw)) {
            return store_in_range(member, Parsed<double>{*value, {}}, *value);
        }
        const std::optional<std::string> text = number_text(raw);
        const Parsed<double> share = text ? parse_share(*text) : Parsed<double>{0, "is not a share"};
        return store_in_range(member, share, share.value);
    }

    std::string operator()(const Member<Rate>& member) const {
        const double* value = std::get_if<double>(&raw);
        const std::optional<std::string> text = number_text(raw);
        const Parsed<Rate> rate = value != nullptr ? Parsed<Rate>{{.per_second = *value}, {}}
                                  : text           ? parse_rate(*text)
                                                   : Parsed<Rate>{{}, "is not a rate"};
        return store_in_range(member, rate, rate.value.max ? option.max : rate.value.per_second);
    }

    std::string operator()(const Member<Duration>& member) const {
        if (is_zero_word(option, raw)) {
            return store(member, Duration{0});
        }
        const std::optional<std::string> text = number_text(raw);
        if (!text) {
            return "is not a duration; write \"30s\" or \"250ms\"";
        }
        const Parsed<Duration> duration = parse_duration(*text, option.bare);
        return duration.good() ? store_checked(member, duration.value, outside(option, duration.value))
                               : duration.problem;
    }

    /// Where "never" is the word for 0, the vendor's number 0 says so too.
    std::string operator()(const Member<RetryWait>& member) const {
        const std::optional<std::string> text = number_text(raw);
        if (!text) {
            return "is not a wait; write \"same\", \"never\" or a duration";
        }
        const Parsed<RetryWait> wait = parse_retry_wait(*text, option.bare);
        if (wait.good() && wait.value.kind == RetryWait::Kind::never && !option.never) {
            return "is no wait for this one";
        }
        if (!wait.good() || wait.value.kind != RetryWait::Kind::after) {
            return store(member, wait);
        }
        if (wait.value.after.count() == 0 && !option.zero_word.empty()) {
            return store(member, RetryWait{.kind = RetryWait::Kind::never});
        }
        const bool bare = text->find_first_not_of("0123456789._") == std::string::npos;
        if (bare && option.bare_max != 0 && static_cast<double>(wait.value.after.count()) > option.bare_max) {
            return "is too large";
        }
        return store_checked(member, wait.value, outside(option, wait.value.after));
    }

    std::string operator()(const Member<std::string>& member) const {
        const std::string* text = text_of(raw);
        if (text == nullptr) {
            return "is not a text; put it in quotes";
        }
        if (text->empty() && option.min > 0) {
            return "is empty";
        }
        if (static_cast<double>(text->size()) > option.max) {
            return fmt::format("is longer than {} bytes", option.max);
        }
        return store_checked(member, *text, option.check != nullptr ? option.check(*text) : std::string{});
    }

    std::string operator()(const Member<Target>& member) const { return read(member, parse_target); }
    std::string operator()(const Member<std::optional<port::PortSpec>>& member) const {
        return read(member, [](std::string_view text) {
            port::PortSpecResult result = port::parse_port_spec(text);
            return Parsed<std::optional<port::PortSpec>>{std::move(result.spec), std::move(result.problem)};
        });
    }
    std::string operator()(const Member<AddressRange>& member) const { return read(member, parse_address_range); }
    std::string operator()(const Member<UdpPortRange>& member) const {
        const std::optional<std::string> text = number_text(raw);
        return text ? store(member, parse_udp_ports(*text)) : "is not a range of UDP ports";
    }

    std::string operator()(const Member<std::optional<base::IpAddress>>& member) const {
        return read(member, [](std::string_view text) {
            const std::optional<base::IpAddress> ip = base::parse_ip(text);
            return Parsed<std::optional<base::IpAddress>>{ip, ip ? "" : "is not an IP address"};
        });
    }

    std::string operator()(const Member<base::SocketAddress>& member) const {
        return read(member, [](std::string_view text) {
            const std::optional<base::SocketAddress> address = base::parse_socket_address(text, 5060);
            const bool good = address && address->udp_port != 0;
            return Parsed<base::SocketAddress>{address.value_or(base::SocketAddress{}),
                                               good ? "" : "is not an IP address with a UDP port"};
        });
    }

    std::string operator()(const ChoiceMember& member) const {
        const std::string* text = text_of(raw);
        const auto found = text == nullptr ? member.names.end() : std::ranges::find(member.names, *text);
        if (found == member.names.end()) {
            return "is none of the choices";
        }
        member.set(scenario, static_cast<std::size_t>(found - member.names.begin()));
        return {};
    }

  private:
    template <class T>
    std::string store(const Member<T>& member, T value) const {
        member.writable(scenario) = std::move(value);
        return {};
    }
    template <class T>
    std::string store(const Member<T>& member, Parsed<T> parsed) const {
        return parsed.good() ? store(member, std::move(parsed.value)) : parsed.problem;
    }
    template <class T>
    std::string store_checked(const Member<T>& member, T value, std::string problem) const {
        return problem.empty() ? store(member, std::move(value)) : problem;
    }
    template <class T>
    std::string store_in_range(const Member<T>& member, const Parsed<T>& parsed, double value) const {
        return parsed.good() ? store_checked(member, parsed.value, outside(option, value)) : parsed.problem;
    }
    /// For what is always text; the row's word for "none" gives the empty value.
    template <class T, class Parse>
    std::string read(const Member<T>& member, Parse parse) const {
        const std::string* text = text_of(raw);
        if (text == nullptr) {
            return "is not a text; put it in quotes";
        }
        const bool none = !option.zero_word.empty() && (text->empty() || *text == option.zero_word);
        return none ? store(member, T{}) : store(member, parse(*text));
    }
};

}  // namespace

std::optional<Problem> assign(const Option& option, const RawValue& raw, Scenario& scenario) {
    const std::string problem = std::visit(Assigner{option, raw, scenario}, option.member);
    if (problem.empty()) {
        return std::nullopt;
    }
    Problem out{.where = {},
                .what = shown(option, raw) + " " + problem,
                .allowed = option.thorough ? std::string{} : allowed(option),
                .meant = {}};
    const std::string* text = text_of(raw);
    if (const ChoiceMember* choice = std::get_if<ChoiceMember>(&option.member); choice != nullptr && text != nullptr) {
        out.meant = base::nearest(*text, choice->names);
    }
    return out;
}

}  // namespace regstorm::config
