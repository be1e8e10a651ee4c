// SPDX-License-Identifier: Apache-2.0
// What the table says about an option, in words and in JSON.
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "regstorm/config/load.hpp"
#include "regstorm/config/option.hpp"

namespace regstorm::config {
namespace {

std::string or_word(std::string text, const Option& option) {
    return option.zero_word.empty() ? text : fmt::format("{}, or {}", text, option.zero_word);
}

std::string number(double value) {
    return value >= 1 && value == std::floor(value) ? short_count(static_cast<std::uint64_t>(value)) : shortest(value);
}

double of(Duration duration) { return static_cast<double>(duration.count()); }

Duration as_duration(double ns) { return Duration(static_cast<std::int64_t>(ns)); }

struct Allowed {
    const Option& option;

    std::string operator()(const Member<bool>&) const { return "true or false"; }
    std::string operator()(const Member<std::uint32_t>&) const { return count(); }
    std::string operator()(const Member<std::uint64_t>&) const { return count(); }
    std::string operator()(const Member<double>&) const { return range(number(option.min), number(option.max)); }
    std::string operator()(const Member<Rate>&) const { return count() + " per second, or max"; }
    std::string operator()(const Member<Duration>&) const {
        return range(to_text(as_duration(option.min)), to_text(as_duration(option.max)));
    }
    std::string operator()(const Member<RetryWait>&) const {
        const std::string bare = option.bare_max == 0 ? ""
                                                      : fmt::format("; bare, 0 to {} seconds and 0 is never",
                                                                    option.bare_max / of(option.bare));
        return fmt::format("same, {}{} to {}{}", option.never ? "never, " : "", to_text(as_duration(option.min)),
                           to_text(as_duration(option.max)), bare);
    }
    std::string operator()(const Member<std::string>&) const {
        return fmt::format("{}up to {} bytes", option.min > 0 ? "not empty, " : "", option.max);
    }
    std::string operator()(const Member<Target>&) const { return or_word("ADDRESS[:PORT] or NAME[:PORT]", option); }
    std::string operator()(const Member<std::optional<port::PortSpec>>&) const {
        return "auto, memory, udp[:ADDRESS], af_packet:IF, af_xdp:IF, tap[:NAME], pci:ADDRESS";
    }
    std::string operator()(const Member<AddressRange>&) const {
        return or_word(fmt::format("FIRST-LAST, NETWORK/PREFIX or ADDRESS, up to {} addresses", range_addresses_max),
                       option);
    }
    std::string operator()(const Member<UdpPortRange>&) const { return "1 to 65535, as FIRST-LAST"; }
    std::string operator()(const Member<std::optional<base::IpAddress>>&) const {
        return or_word("an IPv4 or IPv6 address", option);
    }
    std::string operator()(const Member<base::SocketAddress>&) const { return "ADDRESS or ADDRESS:PORT"; }
    std::string operator()(const ChoiceMember& member) const {
        return fmt::format("{}", fmt::join(member.names, ", "));
    }

  private:
    std::string range(const std::string& min, const std::string& max) const {
        return or_word(fmt::format("{} to {}", min, max), option);
    }
    std::string count() const {
        return option.max == exact_max ? or_word("any whole number below 2^53", option)
                                       : range(number(option.min), number(option.max));
    }
};

struct Placeholder {
    const Option& option;

    std::string operator()(const Member<bool>&) const { return "BOOL"; }
    std::string operator()(const Member<std::uint32_t>&) const { return "COUNT"; }
    std::string operator()(const Member<std::uint64_t>&) const { return "NUMBER"; }
    std::string operator()(const Member<double>&) const { return "SHARE"; }
    std::string operator()(const Member<Rate>&) const { return "RATE"; }
    std::string operator()(const Member<Duration>&) const { return "DURATION"; }
    std::string operator()(const Member<RetryWait>&) const { return "WAIT"; }
    std::string operator()(const Member<std::string>&) const { return "TEXT"; }
    std::string operator()(const Member<Target>&) const { return "HOST[:PORT]"; }
    std::string operator()(const Member<std::optional<port::PortSpec>>&) const { return "PORT"; }
    std::string operator()(const Member<AddressRange>&) const { return "RANGE"; }
    std::string operator()(const Member<UdpPortRange>&) const { return "FIRST-LAST"; }
    std::string operator()(const Member<std::optional<base::IpAddress>>&) const { return "ADDRESS"; }
    std::string operator()(const Member<base::SocketAddress>&) const { return "ADDRESS[:PORT]"; }
    std::string operator()(const ChoiceMember&) const { return "CHOICE"; }
};

nlohmann::ordered_json number_json(double value) {
    const bool whole = value == std::floor(value) && value <= exact_max;
    return whole ? nlohmann::ordered_json(static_cast<std::uint64_t>(value)) : nlohmann::ordered_json(value);
}

struct JsonValue {
    const Option& option;
    const Scenario& scenario;

    nlohmann::ordered_json operator()(const Member<bool>& member) const { return member.readable(scenario); }
    nlohmann::ordered_json operator()(const Member<std::uint32_t>& member) const { return count(member); }
    nlohmann::ordered_json operator()(const Member<std::uint64_t>& member) const { return count(member); }
    nlohmann::ordered_json operator()(const Member<double>& member) const {
        const double value = member.readable(scenario);
        return value == 0 && !option.zero_word.empty() ? nlohmann::ordered_json(option.zero_word) : number_json(value);
    }
    nlohmann::ordered_json operator()(const Member<Rate>& member) const {
        const Rate rate = member.readable(scenario);
        return rate.max ? nlohmann::ordered_json("max") : number_json(rate.per_second);
    }
    nlohmann::ordered_json operator()(const Member<Duration>& member) const {
        const Duration duration = member.readable(scenario);
        return duration.count() == 0 && !option.zero_word.empty() ? std::string(option.zero_word) : to_text(duration);
    }
    nlohmann::ordered_json operator()(const Member<std::string>& member) const { return member.readable(scenario); }
    nlohmann::ordered_json operator()(const Member<std::optional<base::IpAddress>>& member) const {
        const std::optional<base::IpAddress>& ip = member.readable(scenario);
        return ip ? base::to_text(*ip) : std::string(option.zero_word);
    }
    nlohmann::ordered_json operator()(const Member<std::optional<port::PortSpec>>& member) const {
        const std::optional<port::PortSpec>& spec = member.readable(scenario);
        return spec ? to_text(*spec) : std::string(option.zero_word);
    }
    nlohmann::ordered_json operator()(const ChoiceMember& member) const { return member.names[member.get(scenario)]; }
    template <class T>
    nlohmann::ordered_json operator()(const Member<T>& member) const {
        const std::string text = to_text(member.readable(scenario));
        return text.empty() ? std::string(option.zero_word) : text;
    }

  private:
    template <class T>
    nlohmann::ordered_json count(const Member<T>& member) const {
        const T value = member.readable(scenario);
        return value == 0 && !option.zero_word.empty() ? nlohmann::ordered_json(option.zero_word)
                                                       : nlohmann::ordered_json(value);
    }
};

nlohmann::ordered_json json_value(const Option& option, const Scenario& scenario) {
    return std::visit(JsonValue{option, scenario}, option.member);
}

}  // namespace

std::string allowed(const Option& option) { return std::visit(Allowed{option}, option.member); }

std::string placeholder(const Option& option) {
    return option.shape.empty() ? std::visit(Placeholder{option}, option.member) : std::string(option.shape);
}

std::string value_text(const Option& option, const Scenario& scenario) {
    const nlohmann::ordered_json value = json_value(option, scenario);
    const bool short_form = std::holds_alternative<Member<std::uint32_t>>(option.member) ||
                            std::holds_alternative<Member<Rate>>(option.member);
    if (short_form && value.is_number_unsigned()) {
        return short_count(value.get<std::uint64_t>());
    }
    return value.is_string() ? value.get<std::string>() : value.dump();
}

nlohmann::ordered_json to_json(const Scenario& scenario, Secrets secrets) {
    nlohmann::ordered_json out;
    for (const Option& option : options()) {
        const std::string_view group = group_of(option);
        const std::string name(option.key.substr(group.size() + 1));
        const nlohmann::ordered_json value = json_value(option, scenario);
        // NOLINTNEXTLINE(readability-container-size-empty): empty() of JSON says whether it is null
        const bool masked = option.secret && secrets == Secrets::masked && value != "";
        out[std::string(group)][name] = masked ? nlohmann::ordered_json("***") : value;
    }
    for (const PhoneGroup& group : scenario.groups) {
        Scenario like;
        like.device = group.device;
        like.auth = group.auth;
        const nlohmann::ordered_json all = to_json(like, secrets);
        nlohmann::ordered_json part{{"name", group.name}};
        group.endpoints == 0 ? part["share"] = number_json(group.share) : part["endpoints"] = group.endpoints;
        if (group.target.given()) {
            part["target"] = to_text(group.target);
        }
        part["device"] = all["device"];
        part["auth"] = all["auth"];
        out["group"].push_back(std::move(part));
    }
    return out;
}

}  // namespace regstorm::config
