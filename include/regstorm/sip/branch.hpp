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
#include <cstring>
#include <string_view>

#include "regstorm/base/prng.hpp"
#include "regstorm/base/units.hpp"
#include "regstorm/sip/hex.hpp"

namespace regstorm::sip {

enum class TransactionKind : std::uint8_t { register_, options, subscribe };
inline constexpr std::uint8_t branch_kind_max = static_cast<std::uint8_t>(TransactionKind::subscribe);

struct BranchId {
    base::EndpointIndex endpoint = 0;
    std::uint16_t generation = 0;
    std::uint8_t worker = 0;
    TransactionKind kind = TransactionKind::register_;

    friend bool operator==(const BranchId&, const BranchId&) = default;
};

inline constexpr std::uint32_t branch_chars = 27;

/// "z9hG4bK" in lower case, above a byte that does not count; and the bits that make its letters lower case.
inline constexpr std::uint64_t branch_cookie_word = 0x6b62346768397a00ULL;
inline constexpr std::uint64_t branch_cookie_letters = 0x2020002020002000ULL;

/// The 60 bits that a branch says, in the order of its digits.
[[nodiscard]] constexpr std::uint64_t branch_payload(BranchId id) {
    return std::uint64_t{id.worker} << 52 | std::uint64_t{static_cast<std::uint8_t>(id.kind)} << 48 |
           std::uint64_t{id.endpoint} << 16 | id.generation;
}

/// The 20 bits that vouch for them.
[[nodiscard]] constexpr std::uint32_t branch_check(std::uint64_t payload, std::uint64_t salt) {
    return static_cast<std::uint32_t>(base::mix64(payload ^ salt) >> 44);
}

/// Writes the 27 characters, returns one past the last. ~5 ns (bench_sip, EncodeBranch).
inline char* encode_branch(char* out, BranchId id, std::uint64_t salt) noexcept {
    const std::uint64_t payload = branch_payload(id);
    const std::uint32_t check = branch_check(payload, salt);
    std::memcpy(out, "z9hG4bK", 8);  // the NUL is overwritten at once
    write_hex16(out + 7, payload << 4 | check >> 16);
    const std::uint64_t rest = hex_digits4(static_cast<std::uint16_t>(check));
    std::memcpy(out + 23, &rest, 4);
    return out + branch_chars;
}

/// True when `branch` is one of ours; ~8 ns. Any other text, of any length, gives false.
[[nodiscard]] inline bool decode_branch(std::string_view branch, std::uint64_t salt, BranchId& out) noexcept {
    if (branch.size() != branch_chars) {
        return false;
    }
    std::uint64_t start = 0;
    std::memcpy(&start, branch.data(), sizeof start);
    // All twenty digits in two overlapping reads; the first fifteen are the payload, the last five its check.
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    const bool first_hex = read_hex16(branch.data() + 7, first);
    const bool last_hex = read_hex16(branch.data() + 11, last);
    const std::uint64_t payload = first >> 4;
    const std::uint32_t kind = static_cast<std::uint32_t>(payload >> 48) & 0xf;
    // Every difference is a bit of one sum: what is not ours is rare, and why it is not ours does not matter.
    const std::uint64_t differences =
        ((start << 8 | branch_cookie_letters) ^ branch_cookie_word) | ((last & 0xfffff) ^ branch_check(payload, salt));
    if (differences != 0 || !first_hex || !last_hex || kind > branch_kind_max) {
        return false;
    }
    out.worker = static_cast<std::uint8_t>(payload >> 52);
    out.kind = static_cast<TransactionKind>(kind);
    out.endpoint = static_cast<base::EndpointIndex>(payload >> 16);
    out.generation = static_cast<std::uint16_t>(payload);
    return true;
}

}  // namespace regstorm::sip
