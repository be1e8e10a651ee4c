// SPDX-License-Identifier: Apache-2.0
// Files that are no scenarios: whatever they hold, reading them ends with a scenario or with one-line problems.
#include <nlohmann/json.hpp>

#include "config/toml_file.hpp"
#include "regstorm/base/prng.hpp"
#include "regstorm/config/library.hpp"
#include "scratch.hpp"

namespace regstorm::config {
namespace {

void read_all(const std::string& text) {
    for (const FileKind kind : {FileKind::scenario, FileKind::profile}) {
        std::vector<Problem> problems;
        Scenario scenario;
        const FileContents contents = read_contents({"hostile", text}, kind, problems);
        for (const Entry& entry : contents.entries) {
            if (std::optional<Problem> problem = assign(*entry.option, entry.value, scenario)) {
                problems.push_back(*problem);
            }
        }
        for (const Problem& problem : problems) {
            ASSERT_EQ(to_text(problem).find('\n'), std::string::npos);
        }
    }
}

TEST(HostileFile, OfRandomBytesIsReadToItsEnd) {
    constexpr std::uint64_t seed = 2024;
    SCOPED_TRACE("seed " + std::to_string(seed));
    base::Prng prng(seed);
    for (int i = 0; i < 25'000; ++i) {
        std::string text(prng.below(200), '\0');
        for (char& c : text) {
            c = static_cast<char>(prng.next());
        }
        read_all(text);
    }
}

TEST(HostileFile, MadeOfPiecesOfTomlIsReadToItsEnd) {
    constexpr std::uint64_t seed = 2025;
    SCOPED_TRACE("seed " + std::to_string(seed));
    base::Prng prng(seed);
    const std::vector<std::string> pieces = {
        "[run]", "\n",   " = ",  "rate",        "endpoints", "\"",      "'''",
        "[",     "]",    "{",    "}",           "1e999",     "-",       "nan",
        "inf",   "0x",   "\\u",  ",",           "[auth]",    "user",    "[[",
        "]]",    ".",    "#",    "target",      "port",      "\r",      "1979-05-27T07:32:00",
        "\xff",  "true", "kind", "\"profile\"", "[device]",  "profile", std::string(1, '\0')};
    for (int i = 0; i < 15'000; ++i) {
        std::string text;
        for (std::uint64_t n = prng.below(30); n > 0; --n) {
            text += pieces[prng.below(pieces.size())];
        }
        read_all(text);
    }
}

TEST(HostileFile, MadeFromAGoodOneByChangingBytesIsReadToItsEnd) {
    constexpr std::uint64_t seed = 2026;
    SCOPED_TRACE("seed " + std::to_string(seed));
    base::Prng prng(seed);
    for (int i = 0; i < 10'000; ++i) {
        std::string text(scenarios()[0].text);
        for (std::uint64_t n = 1 + prng.below(4); n > 0; --n) {
            text[prng.below(text.size())] = static_cast<char>(prng.next());
        }
        read_all(text.substr(0, prng.below(text.size() + 1)));
    }
}

TEST(HostileWord, InAnySettingIsRefusedOrTaken) {
    constexpr std::uint64_t seed = 2027;
    SCOPED_TRACE("seed " + std::to_string(seed));
    base::Prng prng(seed);
    const std::string_view alphabet = "0123456789.-:/[]%kMGmsd_ax\xff,@\n";
    for (int i = 0; i < 20'000; ++i) {
        std::string word;
        for (std::uint64_t n = prng.below(24); n > 0; --n) {
            word += alphabet[prng.below(alphabet.size())];
        }
        const Option& option = options()[prng.below(options().size())];
        Scenario scenario;
        if (!assign(option, Word{word}, scenario)) {
            ASSERT_NO_THROW((void)to_json(scenario, Secrets::shown).dump()) << option.key;
        }
    }
}

}  // namespace
}  // namespace regstorm::config
