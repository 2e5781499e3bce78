// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The library that Python finds as fastsam_ros._native: C functions, called through ctypes. It
// needs no headers of Python or numpy, fits all of their versions, and runs without the GIL.

#include <cstdint>

// Goes up with every change of a function's signature or meaning, here and in
// fastsam_ros/core/native.py, so that a stale build is refused instead of crashing.
constexpr int64_t ABI_VERSION = 26;

extern "C" int64_t fastsam_abi_version() {return ABI_VERSION;}
