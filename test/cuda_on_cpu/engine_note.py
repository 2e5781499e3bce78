# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What stands beside a TensorRT engine in tests."""

NOTE = {
    'tensorrt': '10.3.0', 'gpu': 'NVIDIA Orin', 'compute_capability': '8.7', 'precision': 'fp16',
    'source': 'weights.safetensors', 'source_sha256': 'ab' * 32,
}
