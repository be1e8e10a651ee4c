// SPDX-License-Identifier: Apache-2.0
// A folder of a test's own, which is also its working directory, so that messages name files as a user would.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "regstorm/config/load.hpp"

namespace regstorm::config {

class InScratchFolder : public testing::Test {
  protected:
    InScratchFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "regstorm-test-XXXXXX").string();
        folder_ = mkdtemp(name.data());
        before_ = std::filesystem::current_path();
        std::filesystem::current_path(folder_);
    }
    ~InScratchFolder() override {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(folder_);
    }

    static void write(const std::string& path, std::string_view text) {
        std::ofstream(path, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
    }

    /// The problems of `text` as the scenario my.toml, with `sets` after it.
    static std::vector<std::string> problems(std::string_view text, const std::vector<std::string>& sets = {}) {
        write("my.toml", text);
        return lines(load(request("my.toml", sets)));
    }

    static Request request(const std::string& scenario, const std::vector<std::string>& sets) {
        Request request;
        request.scenario = scenario;
        for (const std::string& set : sets) {
            request.settings.push_back(parse_set(set));
        }
        return request;
    }

    static std::vector<std::string> lines(const Loaded& loaded) {
        std::vector<std::string> out;
        for (const Problem& problem : loaded.problems) {
            out.push_back(to_text(problem));
        }
        return out;
    }

  private:
    std::filesystem::path folder_;
    std::filesystem::path before_;
};

using Lines = std::vector<std::string>;

}  // namespace regstorm::config
