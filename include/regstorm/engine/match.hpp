// SPDX-License-Identifier: Apache-2.0
// Which request a response answers (RFC 3261 17.1.3), and that it is safe to believe it. Anything that is not
// exactly an answer to the outstanding request of a phone of this worker is named, counted and dropped.
#pragma once

#include <cstring>
#include <string_view>

#include "regstorm/engine/endpoint_table.hpp"
#include "regstorm/engine/sender.hpp"
#include "regstorm/registration/record.hpp"
#include "regstorm/sip/branch.hpp"
#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/message.hpp"
#include "regstorm/stats/counters.hpp"

namespace regstorm::engine {

/// sent-by may come back with blanks around its colon or in other case (RFC 3261 7.3.1, 20.42); seldom, so slowly.
[[gnu::cold]] inline bool same_ignoring_blanks_and_case(std::string_view left, std::string_view right) {
    std::size_t i = 0;
    for (const char c : left) {
        if (c == ' ' || c == '\t') {
            continue;
        }
        if (i == right.size() || (c | 0x20) != (right[i] | 0x20)) {
            return false;
        }
        ++i;
    }
    return i == right.size();
}

template <class Port>
[[gnu::cold]] bool is_alike(std::string_view sent_by, base::Source source, const Sender<Port>& sender) {
    std::array<char, source_chars_max> ours;
    return same_ignoring_blanks_and_case(sent_by, sender.text_of(source, ours));
}

/// What a correct answer repeats of the request it answers.
struct Expected {
    std::uint64_t identity = 0;
    std::uint32_t cseq = 0;
    sip::Method method = sip::Method::register_;
    base::Source source{};
};

/// Our own identifiers as a correct answer must repeat them: CSeq and method (MAT-1), sent-by (MAT-2), Call-ID and
/// From tag (MAT-6, beyond the RFC: a registrar that mixes up calls must not be believed). Inline: a call would be a
/// fifth of what it costs.
template <class Port>
[[nodiscard, gnu::always_inline]] inline bool repeats_ours(const sip::Response& response, const Expected& expected,
                                                           const Sender<Port>& sender) {
    if (response.cseq_method != expected.method || response.cseq != expected.cseq) {
        return false;
    }
    const std::string_view sent_by = response.text(response.sent_by);
    if (!sender.is_source(sent_by, expected.source) && !is_alike(sent_by, expected.source, sender)) [[unlikely]] {
        return false;
    }
    std::array<char, sip::call_id_chars> call_id;
    std::array<char, sip::from_tag_chars> from_tag;
    sip::write_call_id(call_id.data(), expected.identity);
    sip::write_from_tag(from_tag.data(), expected.identity);
    // Sizes that the compiler knows: a compare instead of a call.
    return response.call_id.size == call_id.size() && response.from_tag.size == from_tag.size() &&
           std::memcmp(response.data + response.call_id.offset, call_id.data(), call_id.size()) == 0 &&
           std::memcmp(response.data + response.from_tag.offset, from_tag.data(), from_tag.size()) == 0;
}

/// The counter that a response with a branch of ours belongs in; `record` is what that branch names: of the
/// registration, or of what runs beside it. `provisional` and `final_` mean: it answers the outstanding request.
template <class Port, class Any>
[[nodiscard]] stats::Counter match(const sip::Response& response, sip::BranchId id, const Any& record,
                                   base::Source source, sip::Method method, const Sender<Port>& sender) {
    using stats::Counter;
    if (id.generation != record.generation) {
        return Counter::late;
    }
    if (!repeats_ours(response, {sender.identity_of(id.endpoint, id.kind), record.cseq, method, source}, sender)) {
        return Counter::mismatched;
    }
    if (!registration::outstanding(record)) {
        return record.transaction == registration::Transaction::completed ? Counter::duplicate : Counter::late;
    }
    return response.status < 200 ? Counter::provisional : Counter::final_;
}

}  // namespace regstorm::engine
