// SPDX-License-Identifier: Apache-2.0
// The bytes of a log; tests/interop/hdr_log_test.py has hdr-histogram-js read whole ones.
#include "regstorm/report/hdr_log.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>
#include <zlib.h>

namespace regstorm::report {
namespace {

std::string from_base64(const std::string& text) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    std::uint32_t word = 0;
    int bits = 0;
    for (const char c : text.substr(0, text.find('='))) {
        word = word << 6 | static_cast<std::uint32_t>(digits.find(c));
        if ((bits += 6) >= 8) {
            out += static_cast<char>(word >> (bits -= 8) & 0xff);
        }
    }
    return out;
}

std::uint64_t number(const std::string& bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
        value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
    }
    return value;
}

std::string inflated(const std::string& encoded) {
    const std::string outer = from_base64(encoded);
    EXPECT_EQ(number(outer, 0, 4), 0x1c84'9314U);
    EXPECT_EQ(number(outer, 4, 4), outer.size() - 8);
    std::string out(100'000, '\0');
    uLongf size = out.size();
    EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(outer.data()) + 8,
                         outer.size() - 8),
              Z_OK);
    out.resize(size);
    return out;
}

/// What a reader does: zigzag LEB128; a negative number skips so many buckets.
std::vector<std::uint64_t> counts(const std::string& plain) {
    std::vector<std::uint64_t> out;
    for (std::size_t at = 40; at < plain.size();) {
        std::uint64_t value = 0;
        for (int shift = 0;; shift += 7) {
            const auto byte = static_cast<unsigned char>(plain[at++]);
            value |= std::uint64_t{shift == 56 ? byte : byte & 0x7fU} << shift;
            if (shift == 56 || byte < 0x80) {
                break;
            }
        }
        const auto decoded = static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
        if (decoded < 0) {
            out.insert(out.end(), static_cast<std::size_t>(-decoded), 0);
        } else {
            out.push_back(static_cast<std::uint64_t>(decoded));
        }
    }
    return out;
}

TEST(HdrLog, EncodesEveryCountInItsBucket) {
    stats::Histogram histogram;
    for (const std::uint64_t ns : {0ULL, 1ULL, 3ULL, 3ULL, 255ULL, 256ULL, 100'000ULL, 32'000'000'000ULL, ~0ULL}) {
        histogram.record(ns);
    }
    const std::string plain = inflated(encode_hdr(histogram));
    EXPECT_EQ(number(plain, 0, 4), 0x1c84'9313U);
    EXPECT_EQ(number(plain, 4, 4), plain.size() - 40);
    EXPECT_EQ(number(plain, 12, 4), 2U) << "significant digits";
    EXPECT_EQ(number(plain, 24, 8), stats::Histogram::highest_trackable_ns);
    std::vector<std::uint64_t> decoded = counts(plain);
    decoded.resize(stats::Histogram::counts_size);
    EXPECT_TRUE(std::equal(decoded.begin(), decoded.end(), histogram.counts().begin()));
}

TEST(HdrLog, EncodesCountsOfAnySize) {
    stats::Histogram histogram;
    histogram.record(5);
    for (int doublings = 0; doublings < 40; ++doublings) {
        histogram.merge(stats::Histogram(histogram));
    }
    EXPECT_EQ(counts(inflated(encode_hdr(histogram))).back(), std::uint64_t{1} << 40);
}

TEST(HdrLog, OfNothingIsStillAHistogram) { EXPECT_EQ(counts(inflated(encode_hdr({}))).size(), 0U); }

TEST(HdrLog, HasARowForEachInterval) {
    HdrLog log(std::chrono::system_clock::time_point(std::chrono::milliseconds(1'441'812'279'474)));
    stats::Histogram delays;
    delays.record(2'769'000);
    log.add(0.127, 1.007, delays);
    EXPECT_NE(log.text().find("#[StartTime: 1441812279.474 (seconds since epoch), 2015-09-09T15:24:39Z]\n"),
              std::string::npos)
        << log.text();
    EXPECT_NE(log.text().find("\n0.127,1.007,2.769,HISTFAAAA"), std::string::npos) << log.text();
}

}  // namespace
}  // namespace regstorm::report
