// SPDX-License-Identifier: Apache-2.0
// Compiled once per room: the libraries whose headers cost more to read than our own files. No file may rely on it.
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>
