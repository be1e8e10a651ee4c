// SPDX-License-Identifier: Apache-2.0
// The table of options. To add one: a member with its default in config/scenario.hpp, a row in the options_*.cpp of
// its group, a test. A flag that starts with "--no-" switches its option off. Durations whose unit the vendor or RFC
// fixes (Register Expiration is minutes on every phone) take bare numbers in that unit; all others insist on a unit.
#include <algorithm>
#include <iterator>
#include <vector>

#include "config/rows.hpp"

namespace regstorm::config {
namespace {

struct Group {
    std::string_view name;
    std::string_view about;
};

constexpr Group groups[] = {
    {"run", "Load"},
    {"auth", "Identities"},
    {"load", "The shape of the load"},
    {"churn", "Phones that go and come back"},
    {"device", "Behaviour of the phones (set by the device profile)"},
    {"link", "The link, for ports that bypass the kernel"},
    {"registrar", "The embedded registrar"},
    {"report", "Output"},
    {"evidence", "Datagrams to look at"},
    {"capacity", "The search for the highest rate (regstorm capacity)"},
    {"limits", "When the generator is the limit"},
};

}  // namespace

std::span<const Option> options() {
    static const std::vector<Option> table = [] {
        std::vector<Option> all;
        for (const std::span<const Option> part :
             {load_rows(), shape_rows(), device_rows(), failure_rows(), keep_alive_rows(), message_rows(), link_rows(),
              registrar_rows(), report_rows(), evidence_rows(), capacity_rows(), limits_rows()}) {
            all.insert(all.end(), part.begin(), part.end());
        }
        return all;
    }();
    return table;
}

const Option* find_option(std::string_view key) {
    const auto found = std::ranges::find(options(), key, &Option::key);
    return found == options().end() ? nullptr : &*found;
}

bool has_flag(const Option& option, Command command) {
    switch (option.flag_of) {
        case FlagOf::none:
            return false;
        case FlagOf::both:
            return true;
        case FlagOf::run:
            return command != Command::registrar;
        case FlagOf::registrar:
            return command == Command::registrar;
        case FlagOf::capacity:
            return command == Command::capacity;
    }
    return false;
}

const Option* find_flag(std::string_view flag, Command command) {
    for (const Option& option : options()) {
        if (option.flag == flag && has_flag(option, command)) {
            return &option;
        }
    }
    return nullptr;
}

std::string_view group_of(const Option& option) { return option.key.substr(0, option.key.find('.')); }

bool is_group(std::string_view name) { return !describe_group(name).empty(); }

std::string_view describe_group(std::string_view name) {
    const auto found = std::ranges::find(groups, name, &Group::name);
    return found == std::end(groups) ? std::string_view{} : found->about;
}

}  // namespace regstorm::config
