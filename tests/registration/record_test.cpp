// SPDX-License-Identifier: Apache-2.0
#include "regstorm/registration/record.hpp"

#include <gtest/gtest.h>

namespace regstorm::registration {
namespace {

TEST(Record, KnowsItsFirstSendToTheMicrosecondAlsoWhereTheTickWraps) {
    constexpr base::Nanoseconds wrap_ns = (base::Nanoseconds{1} << 32) * base::ns_per_ms;
    for (const base::Nanoseconds sent_ns :
         {base::ns_per_s, base::ns_per_s + 1, base::ns_per_s + 999'999, base::ns_per_s + 123'456, wrap_ns - 1, wrap_ns,
          wrap_ns + 500'000, wrap_ns - 10 * base::ns_per_ms - 7}) {
        Record record;
        record.first_sent = static_cast<base::Tick>((sent_ns + base::ns_per_ms - 1) / base::ns_per_ms);
        note_first_send(record, sent_ns);
        for (const base::Nanoseconds took_ns :
             {base::Nanoseconds{0}, base::Nanoseconds{1'000}, base::Nanoseconds{400'000}, base::ns_per_ms,
              20 * base::ns_per_ms + 1, 32 * base::ns_per_s}) {
            const base::Nanoseconds said_ns = since_first_send(record, sent_ns + took_ns);
            EXPECT_LE(said_ns, took_ns);
            EXPECT_GE(said_ns + base::ns_per_us, took_ns) << sent_ns << " + " << took_ns;
        }
    }
}

TEST(Record, REG_7_AsksForNoMoreThanItCanHold) {
    Record record;
    ask_for(record, 64'800 * 60);
    EXPECT_EQ(record.expires_s, 64'800U * 60);
    ask_for(record, 4'294'967'295);
    EXPECT_EQ(record.expires_s, asked_expires_s_max);
    EXPECT_GT(asked_expires_s_max, 45U * 24 * 3600) << "the longest that a phone can be given";
}

}  // namespace
}  // namespace regstorm::registration
