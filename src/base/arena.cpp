// SPDX-License-Identifier: Apache-2.0
#include "regstorm/base/arena.hpp"

#include <sys/mman.h>

#include <algorithm>

#include "regstorm/base/units.hpp"

namespace regstorm::base {
namespace {

std::size_t round_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

void* map(std::size_t bytes, int extra_flags) {
    return mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | extra_flags, -1, 0);
}

}  // namespace

Arena::Arena(std::size_t bytes) : mapped_(round_up(std::max<std::size_t>(bytes, 1), huge_page_bytes)) {
    void* memory = map(mapped_, MAP_HUGETLB);
    huge_ = memory != MAP_FAILED;
    if (!huge_) {
        memory = map(mapped_, 0);
    }
    if (memory == MAP_FAILED) {
        throw std::bad_alloc();
    }
    // Without reserved huge pages, transparent ones still halve the TLB misses. Refusal costs only speed.
    if (!huge_) {
        static_cast<void>(madvise(memory, mapped_, MADV_HUGEPAGE));
    }
    memory_ = static_cast<std::byte*>(memory);
}

Arena::~Arena() { munmap(memory_, mapped_); }

void* Arena::take(std::size_t bytes, std::size_t alignment) {
    CHECK(!sealed_);
    const std::size_t offset = round_up(used_, std::max<std::size_t>(alignment, cache_line_bytes));
    CHECK(offset + bytes <= mapped_);
    used_ = offset + bytes;
    return memory_ + offset;
}

}  // namespace regstorm::base
