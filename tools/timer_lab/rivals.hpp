// SPDX-License-Identifier: Apache-2.0
// The wheel of regstorm, and what one would reach for instead.
#pragma once

#include <algorithm>
#include <boost/heap/d_ary_heap.hpp>
#include <boost/heap/pairing_heap.hpp>
#include <functional>
#include <map>
#include <queue>
#include <vector>

#include "facility.hpp"
#include "regstorm/base/arena.hpp"
#include "regstorm/timer/wheel.hpp"

namespace regstorm::timer_lab {

/// Fires of one advance() of regstorm's wheel; what is left waits for the next poll (engine/phones.hpp).
inline constexpr std::uint32_t wheel_fires_max = 256;

class RegstormWheel {
  public:
    static constexpr const char* name = "regstorm";
    static constexpr const char* note = "hierarchical wheel of {id, deadline} in chunks; at most 256 fires a call";

    RegstormWheel(std::span<Record> records, Tick now, Tick /*span*/)
        : count_(static_cast<std::uint32_t>(records.size())),
          table_{records},
          arena_(timer::Wheel<Table>::bytes_for(count_)),
          wheel_(arena_, table_, count_, now) {
        for (Record& record : records) {
            record.begin<Truth>();
        }
    }
    void arm(std::uint32_t id, Tick when) { wheel_.arm(id, when); }
    void cancel(std::uint32_t id) { wheel_.cancel(id); }
    template <class Fire>
    bool advance(Tick now, Fire&& fire) {
        wheel_.advance(now, wheel_fires_max, fire);
        return wheel_.next_due(now) != now;
    }
    [[nodiscard]] std::size_t bytes() const { return timer::Wheel<Table>::bytes_for(count_); }

  private:
    struct Truth {
        Tick deadline;
        Tick armed;
    };
    struct Table {
        std::span<Record> records;
        Tick& deadline(std::uint32_t id) { return records[id].as<Truth>().deadline; }
        Tick& armed(std::uint32_t id) { return records[id].as<Truth>().armed; }
        [[gnu::always_inline]] void prefetch(std::uint32_t id) { __builtin_prefetch(&records[id], 1); }
    };

    std::uint32_t count_;
    Table table_;
    base::Arena arena_;
    timer::Wheel<Table> wheel_;
};

/// A binary heap cannot find an entry again, so cancelled and moved ones stay until they come up.
class PriorityQueue {
  public:
    static constexpr const char* name = "priority_queue";
    static constexpr const char* note = "std::priority_queue; what is cancelled stays until its time";

    PriorityQueue(std::span<Record> records, Tick /*now*/, Tick /*span*/) : records_(records) {
        for (Record& record : records) {
            record.begin<Truth>();
        }
    }
    void arm(std::uint32_t id, Tick when) {
        Truth& truth = records_[id].as<Truth>();
        truth.armed = true;
        heap_.push({when, id, ++truth.version});
    }
    void cancel(std::uint32_t id) {
        Truth& truth = records_[id].as<Truth>();
        truth.armed = false;
        ++truth.version;
    }
    template <class Fire>
    bool advance(Tick now, Fire&& fire) {
        while (!heap_.empty() && heap_.top().when <= now) {
            const Item item = heap_.top();
            heap_.pop();
            Truth& truth = records_[item.id].as<Truth>();
            if (truth.armed && truth.version == item.version) {
                truth.armed = false;
                fire(item.id, item.when);
            }
        }
        return true;
    }
    [[nodiscard]] std::size_t bytes() const { return allocated_bytes(); }

  private:
    struct Truth {
        std::uint32_t version;
        bool armed;
    };
    struct Item {
        Tick when;
        std::uint32_t id;
        std::uint32_t version;
        friend bool operator>(const Item& left, const Item& right) { return left.when > right.when; }
    };
    std::span<Record> records_;
    std::priority_queue<Item, std::vector<Item, CountingAllocator<Item>>, std::greater<>> heap_;
};

class Multimap {
  public:
    static constexpr const char* name = "multimap";
    static constexpr const char* note = "std::multimap from deadline to id, its iterator in the record";

    Multimap(std::span<Record> records, Tick /*now*/, Tick /*span*/) : records_(records) {
        for (Record& record : records) {
            record.begin<Place>();
        }
    }
    void arm(std::uint32_t id, Tick when) {
        Place& place = records_[id].as<Place>();
        if (place.armed) {
            map_.erase(place.at);
        }
        place = {map_.emplace(when, id), true};
    }
    void cancel(std::uint32_t id) {
        Place& place = records_[id].as<Place>();
        if (place.armed) {
            map_.erase(place.at);
            place.armed = false;
        }
    }
    template <class Fire>
    bool advance(Tick now, Fire&& fire) {
        while (!map_.empty() && map_.begin()->first <= now) {
            const auto [when, id] = *map_.begin();
            map_.erase(map_.begin());
            records_[id].as<Place>().armed = false;
            fire(id, when);
        }
        return true;
    }
    [[nodiscard]] std::size_t bytes() const { return allocated_bytes(); }

  private:
    using Map =
        std::multimap<Tick, std::uint32_t, std::less<>, CountingAllocator<std::pair<const Tick, std::uint32_t>>>;
    struct Place {
        Map::iterator at;
        bool armed;
    };
    std::span<Record> records_;
    Map map_;
};

struct HeapItem {
    Tick when;
    std::uint32_t id;
    friend bool operator>(const HeapItem& left, const HeapItem& right) { return left.when > right.when; }
};

/// One of Boost's heaps that can change an entry where it lies.
template <class Heap>
class BoostHeap {
  public:
    BoostHeap(std::span<Record> records, Tick /*now*/, Tick /*span*/) : records_(records) {
        for (Record& record : records) {
            record.begin<Place>();
        }
    }
    void arm(std::uint32_t id, Tick when) {
        Place& place = records_[id].as<Place>();
        if (place.armed) {
            heap_.update(place.at, {when, id});
        } else {
            place.at = heap_.push({when, id});
            place.armed = true;
        }
    }
    void cancel(std::uint32_t id) {
        Place& place = records_[id].as<Place>();
        if (place.armed) {
            heap_.erase(place.at);
            place.armed = false;
        }
    }
    template <class Fire>
    bool advance(Tick now, Fire&& fire) {
        while (!heap_.empty() && heap_.top().when <= now) {
            const HeapItem item = heap_.top();
            heap_.pop();
            records_[item.id].template as<Place>().armed = false;
            fire(item.id, item.when);
        }
        return true;
    }
    [[nodiscard]] std::size_t bytes() const { return allocated_bytes(); }

  private:
    struct Place {
        typename Heap::handle_type at;
        bool armed;
    };
    std::span<Record> records_;
    Heap heap_;
};

using DaryHeap = boost::heap::d_ary_heap<HeapItem, boost::heap::arity<4>, boost::heap::mutable_<true>,
                                         boost::heap::compare<std::greater<HeapItem>>,
                                         boost::heap::allocator<CountingAllocator<HeapItem>>>;
struct BoostDaryHeap : BoostHeap<DaryHeap> {
    using BoostHeap::BoostHeap;
    static constexpr const char* name = "boost_d_ary";
    static constexpr const char* note = "boost::heap::d_ary_heap, four children, entries can be moved";
};

using PairingHeap = boost::heap::pairing_heap<HeapItem, boost::heap::compare<std::greater<HeapItem>>,
                                              boost::heap::allocator<CountingAllocator<HeapItem>>>;
struct BoostPairingHeap : BoostHeap<PairingHeap> {
    using BoostHeap::BoostHeap;
    static constexpr const char* name = "boost_pairing";
    static constexpr const char* note = "boost::heap::pairing_heap, a node for each timer";
};

/// One round of slots, each a doubly linked list through the records: what is farther than a round is met in every
/// round, and passed over.
class HashedWheel {
  public:
    static constexpr const char* name = "hashed_wheel";
    static constexpr const char* note = "4096 slots of 1 ms, linked lists through the records";

    HashedWheel(std::span<Record> records, Tick now, Tick /*span*/) : records_(records), heads_(slots, nobody) {
        for (Record& record : records) {
            record.begin<Links>();
        }
        now_ = now;
    }
    void arm(std::uint32_t id, Tick when) {
        cancel(id);
        Links& links = records_[id].as<Links>();
        std::uint32_t& head = heads_[when % slots];
        links = {when, nobody, head, true};
        if (head != nobody) {
            records_[head].as<Links>().before = id;
        }
        head = id;
    }
    void cancel(std::uint32_t id) {
        Links& links = records_[id].as<Links>();
        if (!links.armed) {
            return;
        }
        (links.before == nobody ? heads_[links.when % slots] : records_[links.before].as<Links>().after) = links.after;
        if (links.after != nobody) {
            records_[links.after].as<Links>().before = links.before;
        }
        links.armed = false;
    }
    template <class Fire>
    bool advance(Tick now, Fire&& fire) {
        for (; now_ != now; ++now_) {
            // What is fired may arm into this very slot, a round ahead: only its head is read anew.
            for (std::uint32_t id = heads_[(now_ + 1) % slots]; id != nobody;) {
                const Links links = records_[id].as<Links>();
                if (links.when == now_ + 1) {
                    cancel(id);
                    fire(id, links.when);
                }
                id = links.after;
            }
        }
        return true;
    }
    [[nodiscard]] std::size_t bytes() const { return heads_.size() * sizeof heads_[0]; }

  private:
    static constexpr std::uint32_t slots = 4096;
    static constexpr std::uint32_t nobody = ~0U;
    struct Links {
        Tick when;
        std::uint32_t before;
        std::uint32_t after;
        bool armed;
    };
    std::span<Record> records_;
    std::vector<std::uint32_t> heads_;
    Tick now_;
};

static_assert(TimerFacility<RegstormWheel> && TimerFacility<PriorityQueue> && TimerFacility<Multimap> &&
              TimerFacility<BoostDaryHeap> && TimerFacility<BoostPairingHeap> && TimerFacility<HashedWheel>);

}  // namespace regstorm::timer_lab
