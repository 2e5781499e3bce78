// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef PROCESSORS_HPP_
#define PROCESSORS_HPP_

// A copy of the function for each generation of x86 processors; the loader takes the right one.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

// For a function that such a copy calls: else it would be the same for all processors.
#if defined(__GNUC__)
#define INTO_EACH inline __attribute__((always_inline))
#else
#define INTO_EACH inline
#endif

#endif  // PROCESSORS_HPP_
