// SPDX-License-Identifier: Apache-2.0
// Compiled once per test program: what every test includes anyway. No file may rely on it; each header is also
// compiled alone (tools/header_test.py), and each file without it by clang-tidy.
#pragma once

#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>
