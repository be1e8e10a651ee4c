// SPDX-License-Identifier: Apache-2.0
#include "regstorm/config/library.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <toml++/toml.h>
#include <vector>

#include "config/embedded.hpp"
#include "regstorm/base/nearest.hpp"
#include "regstorm/config/option.hpp"

namespace regstorm::config {
namespace {

std::vector<std::string_view> names(std::span<const Embedded> all) {
    std::vector<std::string_view> out;
    std::ranges::transform(all, std::back_inserter(out), &Embedded::name);
    return out;
}

}  // namespace

std::span<const Embedded> scenarios() { return {scenarios_table, scenarios_count}; }

std::span<const Embedded> profiles() { return {profiles_table, profiles_count}; }

const Embedded* find_embedded(std::span<const Embedded> all, std::string_view name) {
    const auto found = std::ranges::find(all, name, &Embedded::name);
    return found == all.end() ? nullptr : &*found;
}

std::string_view nearest_embedded(std::span<const Embedded> all, std::string_view name) {
    return base::nearest(name, names(all));
}

std::string names_of(std::span<const Embedded> all) { return fmt::format("{}", fmt::join(names(all), ", ")); }

std::string description_of(const Embedded& embedded) {
    return toml::parse(embedded.text)["description"].value_or(std::string{});
}

}  // namespace regstorm::config
