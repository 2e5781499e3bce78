# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An engine's file, and the kernels for all around it."""

import pytest
from tensorrt_fixtures import cuda_engine, cuda_runtime, engine, network, orin_cubin

__all__ = ['cuda_engine', 'cuda_runtime', 'engine', 'network', 'orin_cubin']  # fixtures


@pytest.fixture(params=[False, True], ids=['', 'backwards'])
def kernels(cuda_runtime, orin_cubin, request):
    """The kernels, loaded there; their threads run from the first to the last or back."""
    from fastsam_ros.backends.tensorrt.driver import Kernels

    cuda_runtime.backwards = request.param
    return Kernels(orin_cubin)
