# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An engine's file, and a CUDA that is not there."""

from tensorrt_fixtures import cuda_engine, cuda_runtime, engine, network, orin_cubin

__all__ = ['cuda_engine', 'cuda_runtime', 'engine', 'network', 'orin_cubin']  # fixtures
