// SPDX-License-Identifier: Apache-2.0
// The Via branch is the transaction table. A server must echo it (RFC 3261 8.1.3.3, 8.2.6.2), so it carries the
// endpoint's row and decoding it replaces a lookup:
//
//     z9hG4bK  ww  k  iiiiiiii  gggg  ccccc        27 characters
//              |   |  |         |     check: 20 bits of a keyed hash of the rest
//              |   |  |         generation: which of the endpoint's transactions
//              |   |  endpoint index in the worker's table
//              |   transaction kind (REGISTER, OPTIONS, ...)
//              worker
//
// The key is the run's salt, so a branch of an earlier run, a mangled or a guessed one fails the check (1 in a
// million passes; the generation then still has to be the outstanding one). Hex is written in lower case and read
// in either: branches that differ only in case are the same token (RFC 3261 7.3.1; MAT-4).
#pragma once

#include <cstdint>
#include <string_view>

#include "regstorm/base/units.hpp"

namespace regstorm::sip {

enum class TransactionKind : std::uint8_t { register_, options, subscribe };

struct BranchId {
    base::EndpointIndex endpoint = 0;
    std::uint16_t generation = 0;
    std::uint8_t worker = 0;
    TransactionKind kind = TransactionKind::register_;

    friend bool operator==(const BranchId&, const BranchId&) = default;
};

inline constexpr std::uint32_t branch_chars = 27;

/// Writes the 27 characters, returns one past the last.
char* encode_branch(char* out, BranchId id, std::uint64_t salt) noexcept;

/// True when `branch` is one of ours; ~5 ns. Any other text, of any length, gives false.
[[nodiscard]] bool decode_branch(std::string_view branch, std::uint64_t salt, BranchId& out) noexcept;

}  // namespace regstorm::sip
