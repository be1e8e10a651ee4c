// SPDX-License-Identifier: Apache-2.0
#include "regstorm/report/csv.hpp"

#include <gtest/gtest.h>

#include "example.hpp"

namespace regstorm::report {
namespace {

TEST(SeriesCsv, HasOneRowForEachInterval) {
    EXPECT_EQ(series_csv(example_run().series),
              "t_s,registered,clearings,attempted,succeeded,failed,retransmitted,rrd_p50_us,rrd_p99_us\r\n"
              "1.000,4000,0,4100,4000,20,10,120.000,800.000\r\n"
              "2.500,9900,0,5900,5900,40,100,121.000,990.000\r\n");
}

TEST(SeriesCsv, NamesItsColumnsAsTheJsonDoes) {
    std::string names;
    const nlohmann::ordered_json result = to_json(example_run());
    for (const auto& [name, value] : result["series"][0].items()) {
        names += (names.empty() ? "" : ",") + name;
    }
    EXPECT_TRUE(series_csv({}).starts_with(names + "\r\n"));
}

}  // namespace
}  // namespace regstorm::report
