// SPDX-License-Identifier: Apache-2.0
// As gtest.hpp, and the whole simulation: every test of the engine stands on it.
#include "gtest.h"

#include "../engine/script.hpp"
