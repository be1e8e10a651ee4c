// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/html.hpp"

#include "regstorm/config/load.hpp"
#include "report/page.hpp"

namespace regstorm::report {
namespace {

/// JSON that can stand in a script element: none of its strings can end the element or begin a comment, whatever they
/// hold. Everything beyond ASCII is escaped too (the second argument of dump), U+2028 with it.
std::string inert(const nlohmann::ordered_json& data) {
    std::string text;
    for (const char c : data.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace)) {
        switch (c) {
            case '<':
                text += "\\u003c";
                break;
            case '>':
                text += "\\u003e";
                break;
            case '&':
                text += "\\u0026";
                break;
            default:
                text += c;
        }
    }
    return text;
}

}  // namespace

std::string html_report(const nlohmann::ordered_json& result) {
    std::string page;
    for (std::size_t i = 0; i < page_before_data_count; ++i) {
        page += page_before_data[i];
    }
    // Of the scenario the page tells first what is not as it would have been.
    page += inert({{"result", result}, {"defaults", config::to_json(config::Scenario{})}});
    for (std::size_t i = 0; i < page_after_data_count; ++i) {
        page += page_after_data[i];
    }
    return page;
}

}  // namespace regstorm::report
