// SPDX-License-Identifier: Apache-2.0
// Compiled once per test program (a precompiled header, so without a guard): what every test includes anyway. No
// file may rely on it: the headers are also compiled alone (tools/header_test.py).
#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>
