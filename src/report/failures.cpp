// SPDX-License-Identifier: Apache-2.0
// Why registrations failed, in a sentence that says what to look at. The causes are the keys of
// registrations.failed_by: a status code, or a word for what never became an answer.
#include <charconv>
#include <fmt/format.h>

#include "regstorm/report/summary.hpp"

namespace regstorm::report {
namespace {

struct Explanation {
    std::string_view cause;
    std::string_view sentence;
};

constexpr Explanation explanations[] = {
    {"400", "the registrar finds the request malformed"},
    {"401", "the registrar refuses the credentials: check auth.user and auth.password"},
    {"403", "the registrar refuses the credentials: check auth.user and auth.password"},
    {"404", "the registrar does not know the users: check auth.user and auth.domain"},
    {"405", "the server does not take REGISTER: is it a registrar?"},
    {"407", "the proxy refuses the credentials: check auth.user and auth.password"},
    {"408", "a proxy got no answer from the registrar behind it"},
    {"420", "the registrar does not support an extension that the phones require"},
    {"423", "the lifetime is too short for the registrar: raise device.register_expiration"},
    {"429", "the registrar limits the rate of registrations"},
    {"480", "the registrar is temporarily unavailable to these users"},
    {"500", "the registrar failed inside"},
    {"501", "the server does not know REGISTER: is it a registrar?"},
    {"502", "a proxy got a bad answer from the registrar behind it"},
    {"503", "the registrar is overloaded or shut down"},
    {"504", "a proxy waited too long for the registrar behind it"},
    {"store", "the generator had no room to keep the challenge: fewer phones, or device.auth_header_on_re_register"},
    {"redirect",
     "a 3xx names none of this run's registrars, and phones go nowhere else: name it as device.secondary_registrar, or "
     "as the target of a group"},
    {"local", "the registrar's challenge is too long to be kept or sent"},
};

std::string_view by_class(std::string_view cause) {
    unsigned status = 0;
    std::from_chars(cause.data(), cause.data() + cause.size(), status);
    switch (status / 100) {
        case 3:
            return "the registrar sends the phones elsewhere, once more or without a place to go to";
        case 4:
            return "the registrar refuses the request";
        case 5:
            return "the registrar has a problem of its own";
        case 6:
            return "the registrar refuses the users everywhere";
        default:
            return "";
    }
}

}  // namespace

std::string explain_failure(std::string_view cause, std::string_view target, std::string_view timeout) {
    if (cause == "timeout") {
        return fmt::format("no answer within {}: is a registrar listening at {}?", timeout, target);
    }
    if (cause == "transport") {
        return fmt::format("ICMP port unreachable: nobody listens at {}", target);
    }
    for (const Explanation& explanation : explanations) {
        if (explanation.cause == cause) {
            return std::string(explanation.sentence);
        }
    }
    return std::string(by_class(cause));
}

}  // namespace regstorm::report
