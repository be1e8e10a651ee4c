// SPDX-License-Identifier: Apache-2.0
// Any bytes as a phone's cfg.xml: there are problems of one line each and no profile, or a profile that loads. The
// size chooses the account, so that a seed is a file as it came from a phone.
#include <cstdlib>
#include <string_view>
#include <vector>

#include "config/assign.hpp"
#include "config/toml_file.hpp"
#include "regstorm/config/provision.hpp"

namespace {

using namespace regstorm::config;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void require_loads(const std::string& toml) {
    std::vector<Problem> problems;
    Scenario scenario;
    for (const Entry& entry : read_contents({"imported.toml", toml}, FileKind::profile, problems).entries) {
        require(!assign(*entry.option, entry.value, scenario));
    }
    require(problems.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view xml{reinterpret_cast<const char*>(data), size};
    const auto account = static_cast<std::uint32_t>(1 + size % provision_accounts);
    const Imported imported = import_provision(xml, "cfg.xml", account);
    for (const Problem& problem : imported.problems) {
        require(to_text(problem).find_first_of("\r\n") == std::string::npos);
    }
    require(imported.problems.empty() != imported.toml.empty());
    require(imported.unused.size() <= Imported::unused_max);
    if (imported.problems.empty()) {
        require_loads(imported.toml);
    }
    return 0;
}
