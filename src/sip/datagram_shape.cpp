// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/datagram_shape.hpp"

#include <algorithm>
#include <cstring>

#include "byte_sets.hpp"

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

/// Where `name` stands at the start of a parameter, outside quotes; npos when it does not, or when that is not certain.
std::size_t find_parameter(std::string_view row, std::string_view name) {
    if (row.find('\\') != row.npos) {
        return row.npos;
    }
    for (std::size_t at = row.find(name); at != row.npos; at = row.find(name, at + 1)) {
        const bool starts = at == 0 || is_one_of(row[at - 1], " ,;\t");
        if (starts && std::ranges::count(row.substr(0, at), '"') % 2 == 0) {
            return at;
        }
    }
    return row.npos;
}

}  // namespace

bool DatagramShape::agrees(std::string_view datagram) const noexcept {
    const char* const data = datagram.data();
    const std::size_t last = datagram.size() - block;
    Differences differences;
    std::size_t at = 0;
    for (; at + 3 * block <= last; at += 4 * block) {
        for (std::size_t step = 0; step < 4 * block; step += block) {
            differences.add(data + at + step, text_.data() + at + step, fixed_.data() + at + step);
        }
    }
    for (; at < last; at += block) {
        differences.add(data + at, text_.data() + at, fixed_.data() + at);
    }
    differences.add(data + last, text_.data() + last, fixed_.data() + last);
    if (differences.any()) {
        return false;
    }
    std::uint32_t plain = 0xffff;
    for (std::uint32_t i = 0; i < mixed_count_; ++i) {
        plain &= members_16<plain_set>(data + mixed_at_[i]) | fixed_bits_[i];
    }
    return plain == 0xffff;
}

void DatagramShape::start(std::string_view datagram) noexcept {
    size_ = none;  // until all of it is known: half a new one must not pass for the old one
    next_size_ = static_cast<std::uint32_t>(datagram.size());
    fixed_.fill(0xff);
    std::memcpy(text_.data(), datagram.data(), datagram.size());
}

void DatagramShape::free(std::size_t offset, std::size_t size) noexcept {
    for (std::size_t at = offset; at < offset + size; ++at) {
        if (plain_set.has(text_[at])) {
            fixed_[at] = 0;
        }
    }
}

void DatagramShape::free_user(Field address) noexcept {
    const std::string_view text(text_.data() + address.offset, address.size);
    const std::size_t at = text.find_first_of("@>");
    if (text.starts_with("<sip:") && at != text.npos && text[at] == '@') {
        free(address.offset + 5U, at - 5);
    }
}

void DatagramShape::free_quoted(Field row, std::string_view name) noexcept {
    const std::string_view text(text_.data() + row.offset, row.size);
    const std::size_t at = find_parameter(text, name);
    const std::size_t close = at == text.npos ? at : text.find('"', at + name.size());
    if (close != text.npos) {
        free(row.offset + at + name.size(), close - at - name.size());
    }
}

void DatagramShape::keep() noexcept {
    mixed_count_ = 0;
    for (std::uint32_t at = 0; at < next_size_; ++at) {
        text_[at] = static_cast<char>(text_[at] & fixed_[at]);
    }
    const std::uint32_t last = next_size_ - block;
    for (std::uint32_t at = 0;; at = std::min(at + block, last)) {
        std::uint32_t bits = 0;
        for (std::uint32_t i = 0; i < block; ++i) {
            bits |= std::uint32_t{fixed_[at + i] & 1U} << i;
        }
        if (bits != 0xffff) {
            mixed_at_[mixed_count_] = static_cast<std::uint16_t>(at);
            fixed_bits_[mixed_count_++] = static_cast<std::uint16_t>(bits);
        }
        if (at == last) {
            break;
        }
    }
    size_ = next_size_;
    trust_ = 1;
}

}  // namespace regstorm::sip
