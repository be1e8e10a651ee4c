// SPDX-License-Identifier: Apache-2.0
// The only way two cores talk: Boost.Lockfree's single-producer single-consumer queue with its bound in its type.
// Push on a full ring fails and is counted by the caller; nobody ever waits.
#pragma once

#include <boost/lockfree/spsc_queue.hpp>
#include <cstddef>
#include <type_traits>

namespace regstorm::base {

template <class T, std::size_t Depth>
class SpscRing {
    static_assert(std::is_trivially_copyable_v<T>, "only plain data crosses cores");

  public:
    [[nodiscard]] bool push(const T& item) { return queue_.push(item); }
    [[nodiscard]] bool pop(T& item) { return queue_.pop(item); }

  private:
    boost::lockfree::spsc_queue<T, boost::lockfree::capacity<Depth>> queue_;
};

}  // namespace regstorm::base
