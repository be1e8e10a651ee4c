// SPDX-License-Identifier: Apache-2.0
// `regstorm report` and `regstorm compare`: what is printed where, and what the exit code says.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "regstorm/report/run_result.hpp"

namespace regstorm::app {
namespace {

struct Ended {
    int code = 0;
    std::string out;
    std::string err;
};

class ResultCommands : public testing::Test {
  protected:
    ResultCommands() { std::filesystem::create_directory(folder_); }
    ~ResultCommands() override { std::filesystem::remove_all(folder_); }

    std::string path(const std::string& name) const { return folder_ + "/" + name; }

    std::string result(const std::string& name, int rate) const {
        report::RunResult result;
        result.scenario = {{"run", {{"rate", rate}}}};
        EXPECT_EQ(report::write_result(result, path(name)), "");
        return path(name);
    }

    static Ended run(const std::vector<std::string>& arguments) {
        const CommandLine line = parse_command_line(arguments);
        EXPECT_NE(line.action, Action::error) << line.text;
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        Ended outcome;
        outcome.code = line.action == Action::report ? report_command(line) : compare_command(line);
        outcome.out = testing::internal::GetCapturedStdout();
        outcome.err = testing::internal::GetCapturedStderr();
        return outcome;
    }

    const std::string folder_ = testing::TempDir() + "regstorm-result-commands";
};

TEST_F(ResultCommands, ReportWritesThePageBesideTheResult) {
    const Ended outcome = run({"report", result("a.json", 5)});
    EXPECT_EQ(outcome.code, passed) << outcome.err;
    EXPECT_EQ(outcome.out, path("a.html") + "\n");
    EXPECT_GT(std::filesystem::file_size(path("a.html")), 100'000U);
}

TEST_F(ResultCommands, ReportWritesWhereItIsTold) {
    EXPECT_EQ(run({"report", result("a.json", 5), "-o", path("b.html")}).code, passed);
    EXPECT_TRUE(std::filesystem::exists(path("b.html")));
    EXPECT_FALSE(std::filesystem::exists(path("a.html")));
    EXPECT_TRUE(run({"report", path("a.json"), "-o", "-"}).out.starts_with("<!DOCTYPE html>"));
}

TEST_F(ResultCommands, ReportRefusesInOneLine) {
    const std::string good = result("a.json", 5);
    std::ofstream(path("bad.json")) << "{}";
    std::ofstream(path("deep.json")) << R"({"schema": "regstorm.result/1", "a": )" << std::string(100'000, '[')
                                     << std::string(100'000, ']') << "}";
    const std::pair<std::vector<std::string>, std::string> cases[] = {
        {{"report"}, "regstorm report: needs one result; allowed: regstorm report RESULT.json [-o FILE]\n"},
        {{"report", path("bad.json")},
         "regstorm report: " + path("bad.json") +
             " is no result: it names no schema; allowed: a file that regstorm run --result has written\n"},
        {{"report", path("deep.json")},
         "regstorm report: " + path("deep.json") +
             " is no result: it nests deeper than 64 levels; allowed: a file that regstorm run --result has written\n"},
        {{"report", good, "-o", good},
         "regstorm report: " + good + " is the result itself; name another file with -o\n"},
        {{"report", good, "-o", "/nonexistent/x"},
         "regstorm report: --output: there is no folder /nonexistent; allowed: a file that can be written\n"},
    };
    for (const auto& [arguments, text] : cases) {
        const Ended outcome = run(arguments);
        EXPECT_EQ(outcome.code, bad_usage);
        EXPECT_EQ(outcome.err, text);
    }
    EXPECT_EQ(run({"report", good, "-o", "/dev/full"}).code, cannot_run);
}

TEST_F(ResultCommands, CompareShowsRunsThatWereAlike) {
    const Ended outcome = run({"compare", result("a.json", 5), result("b.json", 5)});
    EXPECT_EQ(outcome.code, passed);
    EXPECT_NE(outcome.out.find("\nverdict "), std::string::npos);
    EXPECT_EQ(outcome.err, "");
}

TEST_F(ResultCommands, CompareRefusesOthersUnlessForced) {
    const std::string left = result("a.json", 5);
    const std::string right = result("b.json", 6);
    const Ended refused = run({"compare", left, right});
    EXPECT_EQ(refused.code, bad_usage);
    EXPECT_EQ(refused.err, "regstorm compare: the runs were not alike: run.rate (5 and 6); --force compares anyway\n");
    EXPECT_EQ(run({"compare", left, right, "--force"}).code, passed);
    EXPECT_EQ(run({"compare", left}).code, bad_usage);
    EXPECT_EQ(run({"compare", left, path("none.json"), "--force"}).code, bad_usage);
}

}  // namespace
}  // namespace regstorm::app
