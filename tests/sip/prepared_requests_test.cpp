// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/prepared_requests.hpp"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "regstorm/base/prng.hpp"

namespace regstorm::sip {
namespace {

std::vector<RequestTemplate> forms() {
    std::vector<RequestTemplate> made;
    for (const RequestKind kind : {RequestKind::register_, RequestKind::remove, RequestKind::remove_all,
                                   RequestKind::options, RequestKind::subscribe}) {
        for (const bool instance : {false, true}) {
            for (const bool mac : {false, true}) {
                made.emplace_back(TemplateSpec{.kind = kind,
                                               .domain = "sip.example",
                                               .user_agent = "Desk Phone 1.0",
                                               .event = "message-summary",
                                               .accept = "application/simple-message-summary",
                                               .instance = instance,
                                               .mac_in_agent = mac,
                                               .mac_row = mac,
                                               .mac_row_elsewhere = mac});
            }
        }
    }
    return made;
}

/// Owns what RequestFields refers to.
struct Values {
    std::string branch;
    std::string source;
    std::string user;
    std::string credentials;
    RequestFields fields;
};

/// Mostly of the lengths that a fleet has; now and then of others.
Values draw(base::Prng& prng) {
    const auto text = [&](std::string prefix, std::size_t size) {
        while (prefix.size() < size) {
            prefix += static_cast<char>('a' + prng.below(26));
        }
        return prefix;
    };
    const auto odd = [&] { return prng.below(8) == 0; };
    Values made;
    made.branch = text("z9hG4bK", 27);
    made.source = text("198.18.", odd() ? 12 + prng.below(30) : 15);
    made.user = text("", odd() ? 1 + prng.below(128) : 10);
    made.credentials = prng.below(2) == 0 ? "" : text("Authorization: ", 16 + prng.below(300)) + "\r\n";
    made.fields.branch = made.branch;
    made.fields.source = made.source;
    made.fields.user = made.user;
    made.fields.credentials = made.credentials;
    made.fields.identity = prng.next();
    made.fields.device = prng.next() | 1;
    made.fields.cseq = odd() ? static_cast<std::uint32_t>(prng.below(0x7fff'ffff))
                             : cseq_first + static_cast<std::uint32_t>(prng.below(1'000'000'000));
    made.fields.expires_s = odd() ? static_cast<std::uint32_t>(prng.below(100'000)) : 3600;
    return made;
}

std::string written(std::uint32_t bound, auto&& write) {
    std::string text(bound + 1, '?');
    const std::uint32_t size = write(text.data());
    EXPECT_LE(size, bound);
    EXPECT_EQ(text.back(), '?') << "wrote too far";
    text.resize(size);
    return text;
}

void expect_same(PreparedRequests& prepared, const RequestTemplate& form, const RequestFields& fields) {
    const std::uint32_t bound = form.chars_max(fields);
    const auto write = [&](char* out) {
        char* const at = prepared.begin(out, form, fields);
        fields.branch.copy(out + prepared.branch_at(), fields.branch.size());
        return static_cast<std::uint32_t>(prepared.end(at + fields.credentials.copy(at, std::string::npos)) - out);
    };
    ASSERT_EQ(written(bound, write), written(bound, [&](char* out) { return form.write(out, fields); }));
}

TEST(PreparedRequests, AreWhatTheTemplateWritesWhateverWasWrittenBefore) {
    const std::vector<RequestTemplate> all = forms();
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        base::Prng prng(seed);
        PreparedRequests prepared;
        for (int i = 0; i < 2000; ++i) {
            // Runs of one form, so that it is trusted, and changes between them.
            const RequestTemplate& form = all[(static_cast<std::size_t>(i) / 20 + prng.below(2)) % all.size()];
            const Values values = draw(prng);
            expect_same(prepared, form, values.fields);
            if (HasFatalFailure()) {
                FAIL() << "seed " << seed << ", request " << i;
            }
        }
    }
}

TEST(PreparedRequests, AFirstCSeqOfFewerDigitsIsNoPatternForTenDigits) {
    const std::vector<RequestTemplate> all = forms();
    PreparedRequests prepared;
    base::Prng prng(7);
    for (const std::uint32_t cseq : {999'999'999U, 1'000'000'000U, 2'147'483'647U, 1U, 1'000'000'000U}) {
        Values values = draw(prng);
        values.user = "user000001";
        values.source = "198.18.0.1:5060";
        values.fields.user = values.user;
        values.fields.source = values.source;
        values.fields.expires_s = 60;
        values.fields.cseq = cseq;
        expect_same(prepared, all.front(), values.fields);
    }
}

TEST(PreparedRequests, ARequestMayBeAsLongAsItsTemplateMakesIt) {
    TemplateSpec spec;
    spec.domain = "sip.example";
    spec.extra_headers = "X-Padding: " + std::string(2500, 'x') + "\r\n";
    const RequestTemplate form(spec);
    PreparedRequests prepared;
    base::Prng prng(3);
    for (int i = 0; i < 10; ++i) {
        const Values values = draw(prng);
        expect_same(prepared, form, values.fields);
    }
}

TEST(PreparedRequests, AnOpenDialogIsNotCopiedFromARequestOutsideOne) {
    const RequestTemplate form({.kind = RequestKind::subscribe, .domain = "sip.example", .event = "reg"});
    PreparedRequests prepared;
    base::Prng prng(5);
    for (int i = 0; i < 10; ++i) {
        Values values = draw(prng);
        if (i % 2 == 1) {
            values.fields.dialog = {.to_tag = "abc", .target = "sip:there.example"};
        }
        expect_same(prepared, form, values.fields);
    }
}

}  // namespace
}  // namespace regstorm::sip
