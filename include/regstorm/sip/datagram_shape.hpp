// SPDX-License-Identifier: Apache-2.0
// Datagrams of one fleet look alike: the same rows in the same places, and in them other users, tags and numbers. A
// shape is what they share: one datagram, and which of its bytes may differ in another that says the same in the same
// places. Which those are, and why, is for its owner to know (AnswerShapes, RequestShapes); here they are compared.
//
// A byte may differ only where it is plain and the other one is: letters, digits and "-.+/=_", none of which ends
// anything in a SIP message. So no boundary moves, whatever stands in a free place.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "regstorm/base/units.hpp"
#include "regstorm/sip/message.hpp"

namespace regstorm::sip {

/// 2 KB. Empty, it fits nothing.
class DatagramShape {
  public:
    static constexpr std::uint32_t bytes_max = 1024;  ///< longer datagrams have no shape

    /// Whether `datagram` is of this shape.
    [[nodiscard]] bool fits(std::string_view datagram) const noexcept {
        return size_ == datagram.size() && agrees(datagram);
    }

    /// A datagram was of this shape: it is trusted more, up to a limit.
    void trust_more() noexcept { trust_ = static_cast<std::uint8_t>(trust_ + (trust_ < trust_max ? 1 : 0)); }
    /// Another one wants its place: it is trusted less, and gives way when it is not trusted at all.
    [[nodiscard]] bool gives_way() noexcept {
        const bool now = trust_ == 0;
        trust_ = static_cast<std::uint8_t>(trust_ - (now ? 0 : 1));
        return now;
    }

    /// Starts anew with `datagram`, which bytes_max holds; until keep() this shape fits nothing.
    void start(std::string_view datagram) noexcept;
    /// These bytes may differ, as far as they are plain.
    void loosen(std::size_t offset, std::size_t size) noexcept;
    void loosen(Field field) noexcept { loosen(field.offset, field.size); }
    /// The user of an address "<sip:user@...>", which no parser looks into.
    void loosen_user(Field address) noexcept;
    /// What stands between the quotes after `name`, such as `nonce="`, in a row of parameters.
    void loosen_quoted(Field row, std::string_view name) noexcept;
    void keep() noexcept;

  private:
    static constexpr std::uint32_t none = ~0U;  ///< no datagram is as long, not even an empty one
    static constexpr std::uint8_t trust_max = 4;

    [[nodiscard]] bool agrees(std::string_view datagram) const noexcept;

    std::uint32_t size_ = none;  ///< of the datagrams
    std::uint32_t next_size_ = 0;
    std::uint8_t trust_ = 0;
    alignas(base::cache_line_bytes) std::array<char, bytes_max> text_;           ///< with 0 where bytes may differ
    alignas(base::cache_line_bytes) std::array<std::uint8_t, bytes_max> fixed_;  ///< 0xff where they may not
};

/// A few shapes, each for one length of datagrams, found without a search. `Shape` has its DatagramShape as `bytes`.
template <class Shape, std::uint8_t places>
class ShapeTable {
  public:
    /// The shape for datagrams as long as this one; nullptr when there is none.
    [[nodiscard]] Shape* find(std::string_view datagram) noexcept {
        const std::uint8_t place = datagram.size() <= DatagramShape::bytes_max ? place_of_[datagram.size()] : 0;
        return place == 0 ? nullptr : &shapes_[place - 1U];
    }
    [[nodiscard]] const Shape* find(std::string_view datagram) const noexcept {
        return const_cast<ShapeTable*>(this)->find(datagram);
    }

    /// Where this datagram, which was read and fits no shape, is to be learned; nullptr when it is not worth that, yet.
    [[nodiscard]] Shape* place_for(std::string_view datagram) noexcept {
        if (datagram.size() < datagram_bytes_min || datagram.size() > DatagramShape::bytes_max) {
            return nullptr;
        }
        if (Shape* const same = find(datagram); same != nullptr) {
            return same->bytes.gives_way() ? same : nullptr;
        }
        const std::uint8_t place = next_;
        next_ = static_cast<std::uint8_t>((next_ + 1) % places);
        if (!shapes_[place].bytes.gives_way()) {
            return nullptr;
        }
        place_of_[size_at_[place]] = 0;
        size_at_[place] = static_cast<std::uint16_t>(datagram.size());
        place_of_[datagram.size()] = static_cast<std::uint8_t>(place + 1);
        return &shapes_[place];
    }

  private:
    /// Shorter ones hold no SIP message, and could not be compared in steps.
    static constexpr std::uint32_t datagram_bytes_min = 64;

    std::array<std::uint8_t, DatagramShape::bytes_max + 1> place_of_{};  ///< by size; counted from 1, 0: none
    std::array<std::uint16_t, places> size_at_{};
    std::uint8_t next_ = 0;  ///< whose turn it is to give way to another length
    std::array<Shape, places> shapes_{};
};

}  // namespace regstorm::sip
