// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/junit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pugixml.hpp>
#include <sstream>

namespace regstorm::report {
namespace {

/// XML 1.0 has no way to write most control characters, not even escaped, and a reader refuses bytes that are no UTF-8.
std::string clean(std::string_view text) {
    // The JSON writer knows UTF-8; its quotes are taken off again.
    const std::string json = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    std::string valid = nlohmann::json::parse(json).get<std::string>();
    for (char& c : valid) {
        const bool control = static_cast<unsigned char>(c) < ' ' || c == 0x7f;
        c = control ? '?' : c;
    }
    return valid;
}

void add_case(pugi::xml_node suite, std::string_view name, std::string_view failure) {
    pugi::xml_node test = suite.append_child("testcase");
    test.append_attribute("classname") = "regstorm";
    test.append_attribute("name") = clean(name).c_str();
    if (!failure.empty()) {
        pugi::xml_node failed = test.append_child("failure");
        failed.append_attribute("message") = clean(failure).c_str();
        failed.append_attribute("type") = "criterion";
    }
}

/// Why the verdict is not what a passed test has; empty when it is.
std::string failure_of_verdict(const RunResult& result) {
    if (result.verdict.status != Status::valid) {
        return fmt::format("{}: {}", to_text(result.verdict.status), fmt::join(result.verdict.reasons, "; "));
    }
    return result.registrations.succeeded == 0 ? "no registration succeeded" : "";
}

}  // namespace

std::string junit_xml(const RunResult& result) {
    pugi::xml_document document;
    pugi::xml_node declaration = document.append_child(pugi::node_declaration);
    declaration.append_attribute("version") = "1.0";
    declaration.append_attribute("encoding") = "UTF-8";
    const std::string verdict = failure_of_verdict(result);
    std::size_t failures = verdict.empty() ? 0 : 1;
    for (const Criterion& criterion : result.criteria) {
        failures += criterion.passed ? 0 : 1;
    }
    pugi::xml_node suite = document.append_child("testsuite");
    suite.append_attribute("name") = "regstorm";
    suite.append_attribute("tests") = static_cast<unsigned>(result.criteria.size() + 1);
    suite.append_attribute("failures") = static_cast<unsigned>(failures);
    suite.append_attribute("errors") = 0;
    suite.append_attribute("skipped") = 0;
    suite.append_attribute("time") = fmt::format("{:.3f}", result.duration_s).c_str();
    add_case(suite, "verdict", verdict);
    for (const Criterion& criterion : result.criteria) {
        add_case(suite, "not " + criterion.text, criterion.passed ? "" : "measured: " + criterion.measured);
    }
    std::ostringstream text;
    document.save(text, "  ");
    return text.str();
}

}  // namespace regstorm::report
