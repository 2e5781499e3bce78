// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// All kernels: compiled together by NVRTC on the machine that they run on, and by a C++ compiler
// in the tests. So nothing is included but what is here: no header of CUDA's, nor of C++'s.

#include "letterbox.cu"
#include "suppress.cu"
#include "grow.cu"
#include "masks.cu"
