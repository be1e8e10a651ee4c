// SPDX-License-Identifier: Apache-2.0
#include "regstorm/base/arena.hpp"

#include <gtest/gtest.h>

namespace regstorm::base {
namespace {

TEST(Arena, GivesZeroedAlignedTablesThatDoNotOverlap) {
    Arena arena(Arena::bytes_for<std::uint8_t>(3) + Arena::bytes_for<std::uint64_t>(1000));
    const std::span<std::uint8_t> small = arena.make<std::uint8_t>(3);
    const std::span<std::uint64_t> large = arena.make<std::uint64_t>(1000);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(large.data()) % 64, 0U);
    EXPECT_GE(reinterpret_cast<std::byte*>(large.data()), reinterpret_cast<std::byte*>(small.data()) + 3);
    for (const std::uint64_t value : large) {
        ASSERT_EQ(value, 0U);
    }
    EXPECT_LE(arena.bytes_used(), arena.bytes_mapped());
}

TEST(ArenaDeath, RefusesToAllocateOnceSealed) {
    Arena arena(4096);
    arena.seal();
    EXPECT_DEATH(static_cast<void>(arena.make<char>(1)), "expected !sealed_");
}

TEST(ArenaDeath, RefusesToGiveMoreThanThePlanSaid) {
    Arena arena(1);
    EXPECT_DEATH(static_cast<void>(arena.make<char>(std::size_t{3} << 20)), "expected");
}

TEST(Arena, SaysWhenTheMachineHasNotEnoughMemory) { EXPECT_THROW(Arena(std::size_t{1} << 60), std::bad_alloc); }

}  // namespace
}  // namespace regstorm::base
