// SPDX-License-Identifier: Apache-2.0
// Numbers, booleans and strings are written alike in JSON and TOML, so the values come from the scenario's JSON.
#include "config/profile_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "regstorm/config/library.hpp"
#include "regstorm/config/load.hpp"

namespace regstorm::config {

std::string profile_text(const Scenario& scenario, std::string_view description, const Remarks& remarks) {
    const nlohmann::ordered_json device = to_json(scenario)["device"];
    std::string text =
        fmt::format("kind = \"profile\"\ndescription = {}\n\n[device]\n", nlohmann::json(description).dump());
    for (const auto& [name, value] : device.items()) {
        if (name == "profile") {
            continue;
        }
        const std::string line = name + " = " + value.dump();
        const auto remark = remarks.find("device." + name);
        text += remark == remarks.end() ? line + '\n' : fmt::format("{:<44}  # {}\n", line, remark->second);
    }
    return text;
}

std::string resolved_profile(const Device& device, std::string_view description) {
    Scenario scenario;
    scenario.device = device;
    Remarks remarks;
    for (const Option& option : options()) {
        remarks.emplace(option.key, allowed(option));
    }
    return profile_text(scenario, description, remarks);
}

}  // namespace regstorm::config
