// SPDX-License-Identifier: Apache-2.0
// Which bytes may differ without another result, and why: the user of From, To and Contact ends at @ and is nowhere
// looked into; branch, tags, Call-ID, sent-by and received are taken as they stand up to a delimiter; a nonce is part
// of a row that is taken whole, and so is Authentication-Info; CSeq, rport and expires are read again. `plain_set` has
// no delimiter of any of these and no white space, so no plain byte in the place of another moves a boundary.
#include "regstorm/sip/answer_shapes.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <type_traits>

#include "byte_sets.hpp"
#include "regstorm/sip/contact.hpp"

namespace regstorm::sip {
namespace {

constexpr ByteSet plain_set =
    make_byte_set([](char byte) { return is_alpha(byte) || is_digit(byte) || is_one_of(byte, "-.+/=_"); });

/// Whether 16 bytes here differ from 16 bytes there where they are fixed, over many sixteens.
class Differences {
  public:
#if defined(__SSSE3__)
    void add(const char* here, const char* there, const std::uint8_t* fixed) {
        const __m128i differ = _mm_xor_si128(_mm_and_si128(load_16(here), load_16(fixed)), load_16(there));
        sum_ = _mm_or_si128(sum_, differ);
    }
    [[nodiscard]] bool any() const { return _mm_movemask_epi8(_mm_cmpeq_epi8(sum_, _mm_setzero_si128())) != 0xffff; }

  private:
    __m128i sum_ = _mm_setzero_si128();
#else
    void add(const char* here, const char* there, const std::uint8_t* fixed) {
        for (std::size_t i = 0; i < 16; ++i) {
            sum_ |= static_cast<unsigned>(there[i] ^ (here[i] & fixed[i]));
        }
    }
    [[nodiscard]] bool any() const { return sum_ != 0; }

  private:
    unsigned sum_ = 0;
#endif
};

/// By steps of 16: for a size like this, compilers take the string instruction, which is slow to start.
void copy_response(const Response& from, Response& to) {
    static_assert(std::is_trivially_copyable_v<Response>);
    const char* const source = reinterpret_cast<const char*>(&from);
    char* const out = reinterpret_cast<char*>(&to);
    for (std::size_t at = 0; at + 16 <= sizeof from; at += 16) {
        std::memcpy(out + at, source + at, 16);
    }
    std::memcpy(out + sizeof from - 16, source + sizeof from - 16, 16);
}

/// Marks bytes as free to differ.
class Marker {
  public:
    Marker(std::string_view datagram, std::span<std::uint8_t> fixed) : datagram_(datagram), fixed_(fixed) {}

    /// The plain bytes of [from, from + size).
    void free(std::size_t from, std::size_t size) {
        for (std::size_t at = from; at < from + size; ++at) {
            if (plain_set.has(datagram_[at])) {
                fixed_[at] = 0;
            }
        }
    }
    void free(Field field) { free(field.offset, field.size); }

    /// The user of "<sip:user@...>".
    void free_user(Field address) {
        const std::string_view text = datagram_.substr(address.offset, address.size);
        const std::size_t at = text.find_first_of("@>");
        if (text.starts_with("<sip:") && at != text.npos && text[at] == '@') {
            free(address.offset + 5U, at - 5);
        }
    }

    /// The value of `nonce="..."` in a row of parameters. An even number of quotes stands before a parameter's name.
    void free_nonce(Field row) {
        constexpr std::string_view name = "nonce=\"";
        const std::string_view text = datagram_.substr(row.offset, row.size);
        const std::size_t at = text.find(name);
        if (at == text.npos || text.find('\\') != text.npos || std::ranges::count(text.substr(0, at), '"') % 2 != 0) {
            return;
        }
        const std::size_t from = at + name.size();
        const std::size_t close = text.find('"', from);
        if (close != text.npos) {
            free(row.offset + from, close - from);
        }
    }

  private:
    std::string_view datagram_;
    std::span<std::uint8_t> fixed_;
};

/// The run of digits at `at`; none when there are more than read_again() takes.
[[nodiscard]] Field digits_at(std::string_view datagram, std::size_t at) {
    const std::size_t end = std::min(datagram.find_first_not_of("0123456789", at), datagram.size());
    const std::size_t size = end - at <= 2 * 8 ? end - at : 0;
    return {static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(size)};
}

/// All of the field is digits still, and not above `largest`. Its size is known, so it is read from its end: one word,
/// or two. Something of 16 bytes stands before it in every datagram.
[[nodiscard]] bool read_again(const char* datagram, Field digits, std::uint32_t largest, std::uint32_t& out) {
    const char* const end = datagram + digits.offset + digits.size;
    const std::uint32_t low_count = std::min<std::uint32_t>(digits.size, 8);
    const std::uint64_t low = load_8(end - 8) >> 8 * (8 - low_count);
    if (count_digits(low) < low_count) {
        return false;
    }
    std::uint64_t value = digits_value(low, low_count);
    if (digits.size > 8) {
        const std::uint32_t high_count = digits.size - 8U;
        const std::uint64_t high = load_8(end - 16) >> 8 * (8 - high_count);
        if (count_digits(high) < high_count) {
            return false;
        }
        value += digits_value(high, high_count) * 100'000'000;
    }
    out = static_cast<std::uint32_t>(value);
    return value <= largest;
}

/// The digits of the CSeq. A row of that name before the body is the only one: two are refused by the parser.
[[nodiscard]] bool find_cseq(std::string_view datagram, const Response& response, Field& out) {
    constexpr std::string_view name = "\r\nCSeq: ";
    const std::size_t row = datagram.find(name);
    // The empty line's own end may be what precedes the name: then it stands in the body.
    if (row == datagram.npos || row + 2 >= response.body.offset) {
        return false;
    }
    out = digits_at(datagram, row + name.size());
    return out.size != 0;
}

/// How often `word`, in lower case, stands anywhere in `text`, in whatever case.
[[nodiscard]] std::size_t count_words(std::string_view text, std::string_view word) {
    std::size_t count = 0;
    for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
        count += is_text({text.data() + at, text.data() + at + word.size()}, word) ? 1 : 0;
    }
    return count;
}

/// The digits of the topmost Via's rport; absent when it has none. False when it is not certain which they are.
[[nodiscard]] bool find_rport(std::string_view datagram, const Response& response, Field& out) {
    constexpr std::string_view name = ";rport=";
    out = {};
    if (response.rport == 0) {
        return true;
    }
    const std::size_t from = std::size_t{response.sent_by.offset} + response.sent_by.size;
    const std::string_view parameters = datagram.substr(from, datagram.find('\n', from) - from);
    const std::size_t at = parameters.find(name);
    if (at == parameters.npos || parameters.find_first_of("\", \t") != parameters.npos ||
        count_words(parameters, "rport") != 1) {
        return false;
    }
    out = digits_at(datagram, from + at + name.size());
    const char after = datagram[std::size_t{out.offset} + out.size];  // the row has an end, so this is inside
    return out.size != 0 && (after == ';' || after == '\r');
}

/// Where the sole Contact's URI stands and its expiry, when it is of the form <uri>;expires=digits and nothing after.
void find_sole_contact(std::string_view datagram, Response& response, Field& expires) {
    ContactReader reader(response);
    Contact contact;
    Contact another;
    if (response.contacts.count != 1 || !reader.next(contact) || !contact.has_expires || reader.next(another) ||
        reader.malformed()) {
        return;
    }
    constexpr std::string_view name = ">;expires=";
    const std::size_t uri = static_cast<std::size_t>(contact.uri.data() - datagram.data());
    const std::size_t after = uri + contact.uri.size();
    const Field row = response.contacts.row[0];
    const Field digits = digits_at(datagram, after + name.size());
    if (datagram.substr(after, name.size()) != name || digits.size == 0 ||
        digits.offset + digits.size != row.offset + row.size) {
        return;
    }
    response.sole_contact_uri = {static_cast<std::uint16_t>(uri), static_cast<std::uint16_t>(contact.uri.size())};
    response.sole_contact_expires_s = contact.expires_s;
    expires = digits;
}

}  // namespace

ParseError AnswerShapes::parse(std::string_view datagram, Response& out) noexcept {
    Shape& shape = shapes_[datagram.size() % shapes];
    if (shape.size == datagram.size() && fits(shape, datagram) && take(shape, datagram, out)) [[likely]] {
        shape.trust = std::min<std::uint8_t>(shape.trust + 1, trust_max);
        return ParseError::none;
    }
    out.shape = 0;  // whatever the parser leaves there, it is not a copy of a shape any more
    const ParseError error = parse_response(datagram, out);
    if (error == ParseError::none && datagram.size() >= window_bytes_min && datagram.size() <= bytes_max) {
        if (shape.trust == 0) {
            learn(shape, datagram, out);
        } else {
            --shape.trust;
        }
    }
    return error;
}

bool AnswerShapes::fits(const Shape& shape, std::string_view datagram) noexcept {
    const char* const data = datagram.data();
    const std::size_t last = datagram.size() - block;
    Differences differences;
    std::size_t at = 0;
    for (; at + 3 * block <= last; at += 4 * block) {
        for (std::size_t step = 0; step < 4 * block; step += block) {
            differences.add(data + at + step, shape.text.data() + at + step, shape.fixed.data() + at + step);
        }
    }
    for (; at < last; at += block) {
        differences.add(data + at, shape.text.data() + at, shape.fixed.data() + at);
    }
    differences.add(data + last, shape.text.data() + last, shape.fixed.data() + last);
    if (differences.any()) {
        return false;
    }
    std::uint32_t plain = 0xffff;
    for (std::uint32_t i = 0; i < shape.mixed_count; ++i) {
        plain &= members_16<plain_set>(data + shape.mixed_at[i]) | shape.fixed_bits[i];
    }
    return plain == 0xffff;
}

bool AnswerShapes::take(const Shape& shape, std::string_view datagram, Response& out) noexcept {
    const char* const data = datagram.data();
    if (out.shape != shape.response.shape) {
        copy_response(shape.response, out);
    }
    out.data = data;
    std::uint32_t rport = 0;
    const bool good =
        read_again(data, shape.cseq, 0x7fff'ffff, out.cseq) &&
        (!shape.rport.present() || (read_again(data, shape.rport, 65535, rport) && rport != 0)) &&
        (!shape.expires.present() || read_again(data, shape.expires, 0xffff'ffff, out.sole_contact_expires_s));
    out.rport = static_cast<std::uint16_t>(rport);
    return good;
}

void AnswerShapes::learn(Shape& shape, std::string_view datagram, const Response& parsed) noexcept {
    shape.size = none;  // until all of it is known: half a new one must not pass for the old one
    shape.fixed.fill(0xff);
    Marker marker(datagram, shape.fixed);
    shape.response = parsed;
    shape.expires = {};
    if (!find_cseq(datagram, parsed, shape.cseq) || !find_rport(datagram, parsed, shape.rport)) {
        return;  // not as servers write it: not worth a shape
    }
    find_sole_contact(datagram, shape.response, shape.expires);
    for (const Field field : {parsed.branch, parsed.sent_by, parsed.received, parsed.from_tag, parsed.to_tag,
                              parsed.call_id, parsed.authentication_info, shape.cseq, shape.rport, shape.expires}) {
        marker.free(field);
    }
    marker.free_user(parsed.from);
    marker.free_user(parsed.to);
    const Field contact = shape.response.sole_contact_uri;
    constexpr std::string_view scheme = "sip:";
    if (contact.size > scheme.size() && shape.response.text(contact).starts_with(scheme)) {
        marker.free(contact.offset + scheme.size(), contact.size - scheme.size());
    }
    for (const Rows* rows : {&parsed.www_authenticate, &parsed.proxy_authenticate}) {
        for (std::uint32_t row = 0; row < rows->count; ++row) {
            marker.free_nonce(rows->row[row]);
        }
    }
    shape.text.fill(0);
    shape.mixed_count = 0;
    for (std::uint32_t at = 0; at < datagram.size(); ++at) {
        shape.text[at] = static_cast<char>(datagram[at] & shape.fixed[at]);
    }
    const auto last = static_cast<std::uint32_t>(datagram.size()) - block;
    for (std::uint32_t at = 0;; at = std::min(at + block, last)) {
        std::uint32_t bits = 0;
        for (std::uint32_t i = 0; i < block; ++i) {
            bits |= std::uint32_t{shape.fixed[at + i] & 1U} << i;
        }
        if (bits != 0xffff) {
            shape.mixed_at[shape.mixed_count] = static_cast<std::uint16_t>(at);
            shape.fixed_bits[shape.mixed_count++] = static_cast<std::uint16_t>(bits);
        }
        if (at == last) {
            break;
        }
    }
    shape.size = static_cast<std::uint32_t>(datagram.size());
    shape.trust = 1;
    shape.response.shape = ++learned_;
}

}  // namespace regstorm::sip
