// SPDX-License-Identifier: Apache-2.0
// A datagram with an unreadable page right after its last byte, or right before its first: a parser that looks outside
// dies, with or without a sanitizer.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

#include "regstorm/base/check.hpp"

namespace regstorm::sip {

class GuardedDatagram {
  public:
    enum class Guard { before, after };

    GuardedDatagram() {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        bytes_ = 2 * page + room;
        void* const pages = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(pages != MAP_FAILED);
        begin_ = static_cast<char*>(pages);
        CHECK(mprotect(begin_, page, PROT_NONE) == 0);
        CHECK(mprotect(begin_ + page + room, page, PROT_NONE) == 0);
        usable_ = begin_ + page;
    }
    ~GuardedDatagram() { munmap(begin_, bytes_); }
    GuardedDatagram(const GuardedDatagram&) = delete;
    GuardedDatagram& operator=(const GuardedDatagram&) = delete;

    /// Copies `datagram` against one of the guards; good until the next place().
    [[nodiscard]] std::string_view place(std::string_view datagram, Guard guard) {
        CHECK(datagram.size() <= room);
        char* const at = guard == Guard::before ? usable_ : usable_ + room - datagram.size();
        std::memcpy(at, datagram.data(), datagram.size());
        return {at, datagram.size()};
    }

  private:
    static constexpr std::size_t room = 65'536;

    char* begin_;
    char* usable_;
    std::size_t bytes_;
};

}  // namespace regstorm::sip
