// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/hdr_log.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <stdexcept>
#include <string_view>
#include <zlib.h>

#include "big_endian.hpp"

namespace regstorm::report {
namespace {

using stats::Histogram;

/// V2, with counts as variable-length integers; the low nibble says words of 8 bytes at most.
constexpr std::uint32_t cookie = 0x1c84'9313;
constexpr std::uint32_t compressed_cookie = 0x1c84'9314;

/// ZigZag, then LEB128 with at most nine bytes, the ninth whole.
void append_number(std::string& out, std::int64_t value) {
    std::uint64_t rest = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
    for (int byte = 0; byte < 8; ++byte) {
        if (rest < 0x80) {
            out += static_cast<char>(rest);
            return;
        }
        out += static_cast<char>((rest & 0x7f) | 0x80);
        rest >>= 7;
    }
    out += static_cast<char>(rest);
}

/// Counts in order; a run of empty buckets is its negative length. What follows the last count is left out.
std::string counts_of(const Histogram& histogram) {
    std::string out;
    std::int64_t empty = 0;
    for (const std::uint64_t count : histogram.counts()) {
        if (count == 0) {
            ++empty;
            continue;
        }
        if (empty != 0) {
            append_number(out, empty == 1 ? 0 : -empty);
            empty = 0;
        }
        append_number(out, static_cast<std::int64_t>(count));
    }
    return out;
}

std::string deflated(const std::string& bytes) {
    uLongf size = compressBound(bytes.size());
    std::string out(size, '\0');
    if (compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                 bytes.size()) != Z_OK) {
        throw std::runtime_error("zlib could not compress a histogram");
    }
    out.resize(size);
    return out;
}

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t there = std::min<std::size_t>(bytes.size() - at, 3);
        std::uint32_t word = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            word = word << 8 | (i < there ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            out += i <= there ? digits[word >> (18 - 6 * i) & 63] : '=';
        }
    }
    return out;
}

double seconds(std::chrono::system_clock::time_point time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

}  // namespace

std::string encode_hdr(const Histogram& histogram) {
    const std::string counts = counts_of(histogram);
    std::string plain;
    append_big_endian(plain, cookie);
    append_big_endian(plain, static_cast<std::uint32_t>(counts.size()));
    append_big_endian(plain, std::uint32_t{0});  // normalizing index offset
    append_big_endian(plain, Histogram::significant_digits);
    append_big_endian(plain, std::uint64_t{1});  // lowest discernible value
    append_big_endian(plain, std::uint64_t{Histogram::highest_trackable_ns});
    append_big_endian(plain, std::bit_cast<std::uint64_t>(1.0));  // integer to double conversion
    plain += counts;
    const std::string small = deflated(plain);
    std::string out;
    append_big_endian(out, compressed_cookie);
    append_big_endian(out, static_cast<std::uint32_t>(small.size()));
    return base64(out + small);
}

HdrLog::HdrLog(std::chrono::system_clock::time_point start)
    : text_(fmt::format("#[registration request delay of regstorm, nanoseconds]\n"
                        "#[Histogram log format version 1.3]\n"
                        "#[StartTime: {:.3f} (seconds since epoch), {:%FT%TZ}]\n"
                        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
                        seconds(start), fmt::gmtime(std::chrono::system_clock::to_time_t(start)))) {}

void HdrLog::add(double start_s, double length_s, const Histogram& delays) {
    // The largest is in milliseconds here, as in every log of this kind.
    text_ += fmt::format("{:.3f},{:.3f},{:.3f},{}\n", start_s, length_s, static_cast<double>(delays.max()) / 1e6,
                         encode_hdr(delays));
}

}  // namespace regstorm::report
