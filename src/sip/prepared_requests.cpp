// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/prepared_requests.hpp"

#include "regstorm/base/check.hpp"
#include "regstorm/sip/branch.hpp"
#include "regstorm/sip/copy_text.hpp"
#include "regstorm/sip/decimal.hpp"

namespace regstorm::sip {
namespace {

/// From here on a CSeq has ten digits.
constexpr std::uint32_t cseq_of_ten_digits = 1'000'000'000;

/// The same text to three places, read once where it is short enough.
inline void copy_thrice(char* first, char* second, char* third, std::string_view text) {
    if (text.size() < 8 || text.size() > 16) [[unlikely]] {
        copy_text(first, text);
        copy_text(second, text);
        copy_text(third, text);
        return;
    }
    char start[8];
    char end[8];
    const std::size_t last = text.size() - 8;
    copy_bytes<8>(start, text.data());
    copy_bytes<8>(end, text.data() + last);
    for (char* const place : {first, second, third}) {
        copy_bytes<8>(place, start);
        copy_bytes<8>(place + last, end);
    }
}

}  // namespace

char* PreparedRequests::begin(char* out, const RequestTemplate& form, const RequestFields& fields) noexcept {
    Prepared& entry = entry_of(form, fields);
    const std::uint32_t head_size = entry.places.credentials;
    if (fits(entry, form, fields)) [[likely]] {
        entry.trust = static_cast<std::uint8_t>(entry.trust + (entry.trust < trust_max ? 1 : 0));
        at_hand_ = &entry;
        copy_long_text_rounded(out, entry.text.data(), head_size);
        patch(out, entry.places, fields);
        return out + head_size;
    }
    const bool learn = entry.trust == 0 && form.repeatable() && fields.cseq >= cseq_of_ten_digits;
    entry.trust = static_cast<std::uint8_t>(entry.trust - (entry.trust == 0 ? 0 : 1));
    Prepared& prepared = learn ? entry : single_;
    prepare(prepared, form, fields);
    at_hand_ = &prepared;
    return copy_long_text_rounded(out, prepared.text.data(), prepared.places.credentials);
}

char* PreparedRequests::end(char* at) const noexcept {
    const std::uint32_t head_size = at_hand_->places.credentials;
    return copy_long_text_rounded(at, at_hand_->text.data() + head_size, at_hand_->size - head_size);
}

void PreparedRequests::prepare(Prepared& entry, const RequestTemplate& form, const RequestFields& fields) noexcept {
    constexpr std::array<char, branch_chars> blank{};
    RequestFields bare = fields;
    bare.branch = {blank.data(), blank.size()};
    bare.credentials = {};
    CHECK(form.chars_max(bare) + copy_slack <= entry.text.size());
    entry.form = &form;
    entry.expires_s = fields.expires_s;
    entry.size = form.write(entry.text.data(), bare, entry.places);
    entry.user_size = static_cast<std::uint16_t>(fields.user.size());
    entry.source_size = static_cast<std::uint16_t>(fields.source.size());
    entry.trust = 1;
}

inline PreparedRequests::Prepared& PreparedRequests::entry_of(const RequestTemplate& form,
                                                              const RequestFields& fields) noexcept {
    const std::uintptr_t number = reinterpret_cast<std::uintptr_t>(&form) / sizeof form;
    return entries_[(number + fields.user.size()) % entry_count];
}

inline bool PreparedRequests::fits(const Prepared& entry, const RequestTemplate& form,
                                   const RequestFields& fields) noexcept {
    return entry.form == &form && entry.user_size == fields.user.size() && entry.source_size == fields.source.size() &&
           entry.expires_s == fields.expires_s && fields.cseq >= cseq_of_ten_digits;
}

inline void PreparedRequests::patch(char* out, const RequestPlaces& places, const RequestFields& fields) noexcept {
    copy_text(out + places.source, fields.source);
    copy_text(out + places.contact_source, fields.source);
    copy_thrice(out + places.from_user, out + places.to_user, out + places.contact_user, fields.user);
    write_from_tag(out + places.tag, fields.identity);
    write_call_id(out + places.call_id, fields.identity);
    write_decimal_rounded(out + places.cseq, fields.cseq);
    if (places.instance != 0) {
        write_instance(out + places.instance, fields.device);
    }
}

}  // namespace regstorm::sip
