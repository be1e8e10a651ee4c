// SPDX-License-Identifier: Apache-2.0
// Answers that a delay rule holds back, until the poll in which they are due. A binary heap by due time, and among
// equals by age; the bytes wait in a pool of blocks, of which a usual answer takes one. What finds no room is refused,
// and the caller counts it. One per lane: an answer leaves by the port its request came in at.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "regstorm/base/arena.hpp"
#include "regstorm/base/socket_address.hpp"
#include "regstorm/base/units.hpp"

namespace regstorm::registrar {

struct HeldAnswer {
    base::Nanoseconds due_ns = 0;
    std::uint64_t sequence = 0;
    base::SocketAddress remote;
    base::Source source;
    std::uint32_t first_block = 0;
    std::uint32_t size = 0;
};
static_assert(sizeof(HeldAnswer) == 48);

class HeldAnswers {
  public:
    HeldAnswers() = default;
    /// Room for `answers` of usual size; longer ones take the room of several.
    HeldAnswers(base::Arena& arena, std::uint32_t answers)
        : heap_(arena.make<HeldAnswer>(answers)), blocks_(arena.make<Block>(answers)) {
        for (std::uint32_t block = answers; block > 0; --block) {
            give_back(block);
        }
    }

    [[nodiscard]] static std::size_t bytes_for(std::uint32_t answers) {
        return base::Arena::bytes_for<HeldAnswer>(answers) + base::Arena::bytes_for<Block>(answers);
    }

    /// Keeps a copy of `bytes` until `due_ns`; false when there is no room.
    [[nodiscard]] bool hold(base::Nanoseconds due_ns, base::Source source, const base::SocketAddress& remote,
                            std::string_view bytes) {
        const std::size_t needed = (bytes.size() + block_bytes - 1) / block_bytes;
        if (count_ == heap_.size() || needed > free_blocks_) {
            return false;
        }
        HeldAnswer& answer = heap_[count_++];
        answer = {due_ns, next_sequence_++, remote, source, 0, static_cast<std::uint32_t>(bytes.size())};
        for (std::uint32_t* link = &answer.first_block; !bytes.empty();) {
            *link = take();
            Block& block = blocks_[*link - 1];
            bytes.remove_prefix(bytes.copy(block.bytes.data(), block_bytes));
            block.next = 0;
            link = &block.next;
        }
        std::push_heap(heap_.begin(), heap_.begin() + count_, is_later);
        return true;
    }

    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] bool is_due(base::Nanoseconds now_ns) const { return count_ != 0 && heap_[0].due_ns <= now_ns; }
    /// The earliest; only while count() is not 0.
    [[nodiscard]] const HeldAnswer& front() const { return heap_[0]; }

    /// Copies the earliest answer to `out` and forgets it.
    void take_front(char* out) {
        for (std::uint32_t row = heap_[0].first_block, left = heap_[0].size; row != 0;) {
            const Block& block = blocks_[row - 1];
            const std::uint32_t bytes = std::min(left, block_bytes);
            std::memcpy(out, block.bytes.data(), bytes);
            out += bytes;
            left -= bytes;
            const std::uint32_t next = block.next;
            give_back(row);
            row = next;
        }
        std::pop_heap(heap_.begin(), heap_.begin() + count_, is_later);
        --count_;
    }

  private:
    static constexpr std::uint32_t block_bytes = 764;
    struct Block {
        std::uint32_t next = 0;  ///< counted from 1
        std::array<char, block_bytes> bytes;
    };
    static_assert(sizeof(Block) == 12 * base::cache_line_bytes);

    [[nodiscard]] static bool is_later(const HeldAnswer& left, const HeldAnswer& right) {
        return left.due_ns != right.due_ns ? left.due_ns > right.due_ns : left.sequence > right.sequence;
    }
    [[nodiscard]] std::uint32_t take() {
        const std::uint32_t row = free_;
        free_ = blocks_[row - 1].next;
        --free_blocks_;
        return row;
    }
    void give_back(std::uint32_t row) {
        blocks_[row - 1].next = free_;
        free_ = row;
        ++free_blocks_;
    }

    std::span<HeldAnswer> heap_;
    std::span<Block> blocks_;
    std::uint32_t count_ = 0;
    std::uint32_t free_ = 0;
    std::uint32_t free_blocks_ = 0;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace regstorm::registrar
