// SPDX-License-Identifier: Apache-2.0
#include "regstorm/sip/datagram_shape.hpp"

#include <algorithm>
#include <cstring>

#include "byte_sets.hpp"
#include "shape_kernels.hpp"

namespace regstorm::sip {
namespace {

ShapeCompare fastest() {
    ShapeCompare best = nullptr;
    for (const ShapeKernel& kernel : shape_kernels()) {
        best = kernel.runs_here() ? kernel.agrees : best;
    }
    return best;
}

const ShapeCompare compare = fastest();

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
    return compare(datagram.data(), text_.data(), fixed_.data(), datagram.size());
}

void DatagramShape::start(std::string_view datagram) noexcept {
    size_ = none;  // until all of it is known: half a new one must not pass for the old one
    next_size_ = static_cast<std::uint32_t>(datagram.size());
    fixed_.fill(0xff);
    std::memcpy(text_.data(), datagram.data(), datagram.size());
}

void DatagramShape::loosen(std::size_t offset, std::size_t size) noexcept {
    for (std::size_t at = offset; at < offset + size; ++at) {
        if (plain_set.has(text_[at])) {
            fixed_[at] = 0;
        }
    }
}

void DatagramShape::loosen_user(Field address) noexcept {
    const std::string_view text(text_.data() + address.offset, address.size);
    const std::size_t at = text.find_first_of("@>");
    if (text.starts_with("<sip:") && at != text.npos && text[at] == '@') {
        loosen(address.offset + 5U, at - 5);
    }
}

void DatagramShape::loosen_quoted(Field row, std::string_view name) noexcept {
    const std::string_view text(text_.data() + row.offset, row.size);
    const std::size_t at = find_parameter(text, name);
    const std::size_t close = at == text.npos ? at : text.find('"', at + name.size());
    if (close != text.npos) {
        loosen(row.offset + at + name.size(), close - at - name.size());
    }
}

void DatagramShape::keep() noexcept {
    for (std::uint32_t at = 0; at < next_size_; ++at) {
        text_[at] = static_cast<char>(text_[at] & fixed_[at]);
    }
    size_ = next_size_;
    trust_ = 1;
}

}  // namespace regstorm::sip
