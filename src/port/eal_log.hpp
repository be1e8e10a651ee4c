// SPDX-License-Identifier: Apache-2.0
// DPDK talks a lot and means little of it. It talks into memory, and only the last words are kept for error messages.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace regstorm::port {

/// A stream that keeps its last few kilobytes in memory, and copies to stderr where `verbose`. Lives forever.
std::FILE* open_log_capture(bool verbose);

/// What the stream has kept, from the first whole line on.
std::string captured_log();

/// How much was ever written: a mark for first_complaint_since().
std::uint64_t log_mark();

/// The first line written since the mark that is neither of libbpf nor of libxdp, which warn when all is well. Of a
/// driver that fails, it is the line that names the cause. Empty when there is none.
std::string first_complaint_since(std::uint64_t mark);

/// The last lines, on one.
std::string last_words(std::size_t lines);

/// libbpf and libxdp, which the af_xdp driver loads, write to stderr on their own; send them to the same place.
void capture_bpf_libraries();

}  // namespace regstorm::port
