// SPDX-License-Identifier: Apache-2.0
// One option = one row. Reading TOML, --set and flags, checking, --help and the JSON in the result all walk the table
// that options() returns, so an option that exists is documented, checked and recorded. The row finds its member
// through a pair of functions made from two member pointers, because C++20 has no pointer to a nested member.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "regstorm/config/scenario.hpp"

namespace regstorm::config {

/// Access to one member of a Scenario.
template <class T>
struct Member {
    T& (*writable)(Scenario&);
    const T& (*readable)(const Scenario&);
};

/// Access to one enumeration, by the place of its name in `names`.
struct ChoiceMember {
    void (*set)(Scenario&, std::size_t);
    std::size_t (*get)(const Scenario&);
    std::span<const std::string_view> names;  ///< in the order of the enumerators
};

using AnyMember = std::variant<Member<bool>, Member<std::uint32_t>, Member<std::uint64_t>, Member<double>,
                               Member<std::string>, Member<Duration>, Member<RetryWait>, Member<Rate>, Member<Target>,
                               Member<std::optional<port::PortSpec>>, Member<AddressRange>, Member<UdpPortRange>,
                               Member<std::optional<base::IpAddress>>, Member<base::SocketAddress>, ChoiceMember>;

/// Which commands offer the row as a flag of their own; as --set key=value every command takes every row.
/// `capacity` has the flags of `run`, and some of its own.
enum class FlagOf : std::uint8_t { none, run, registrar, both, capacity };
enum class Command : std::uint8_t { run, registrar, capacity };

/// The largest integer that every JSON reader keeps exact (RFC 8259 6).
inline constexpr double exact_max = 9'007'199'254'740'991.0;

struct Option {
    std::string_view key{};   ///< "auth.password": the group and the name in it
    std::string_view flag{};  ///< "--password", or empty
    FlagOf flag_of = FlagOf::none;
    std::string_view help{};  ///< a sentence without its full stop
    AnyMember member{};
    double min = 0;  ///< of counts, rates and shares; nanoseconds for durations
    double max = exact_max;
    std::string_view zero_word{};                           ///< what 0 (or none) is called: "auto", "none"
    Duration bare{0};                                       ///< a duration without unit counts these; 0: an error
    double bare_max = 0;                                    ///< what such a number may be at most; 0: as `max`
    Duration step{1};                                       ///< a duration is a multiple of this
    std::string (*check)(std::string_view text) = nullptr;  ///< for texts: what is wrong, or nothing
    std::string_view shape{};  ///< how one looks in the help, where its type says too little
    bool never = false;        ///< a wait may be "never"
    bool secret = false;       ///< "***" in what is written down
    bool thorough = false;     ///< `check` says itself what is allowed where
    bool list = false;         ///< the flag may be given often; its values are one, with ";" between them
};

/// All rows, ordered by group.
[[nodiscard]] std::span<const Option> options();
[[nodiscard]] const Option* find_option(std::string_view key);
[[nodiscard]] const Option* find_flag(std::string_view flag, Command command);
[[nodiscard]] bool has_flag(const Option& option, Command command);
/// "auth" of "auth.password".
[[nodiscard]] std::string_view group_of(const Option& option);
[[nodiscard]] bool is_group(std::string_view name);
/// What a group is about, in a few words; empty for a name that is none.
[[nodiscard]] std::string_view describe_group(std::string_view name);

/// The word for the value in a usage line: "COUNT", "DURATION", "ADDRESS[:PORT]".
[[nodiscard]] std::string placeholder(const Option& option);
/// What may be given: "1 to 100M", "100ms to 1h", "md5 or sha256".
[[nodiscard]] std::string allowed(const Option& option);
/// The value that `scenario` holds, as the user would write it.
[[nodiscard]] std::string value_text(const Option& option, const Scenario& scenario);

/// The key that was probably meant, by edit distance; empty when nothing is near.
[[nodiscard]] std::string_view nearest_key(std::string_view key);

}  // namespace regstorm::config
