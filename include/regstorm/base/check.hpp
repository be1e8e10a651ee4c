// SPDX-License-Identifier: Apache-2.0
// The two ways to say "this is a bug in regstorm": CHECK always, DCHECK in debug and sanitizer builds.
// Neither is for input: bytes from the network are counted, configuration gets a message.
#pragma once

namespace regstorm::base {

/// Prints the broken expectation to stderr and aborts. Never returns.
[[noreturn, gnu::cold]] void check_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace regstorm::base

#define CHECK(expression) \
    (__builtin_expect(!!(expression), 1) ? void() : ::regstorm::base::check_failed(#expression, __FILE__, __LINE__))

#ifdef NDEBUG
#define DCHECK(expression) static_cast<void>(sizeof(!(expression)))
#else
#define DCHECK(expression) CHECK(expression)
#endif
