# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An open_clip model of small size, for tests."""

NAME = 'small-clip'
OTHER = 'other-clip'  # of another size
CONFIG = {
    'embed_dim': 32,
    'vision_cfg': {'image_size': 48, 'layers': 2, 'width': 64, 'head_width': 32, 'patch_size': 16},
    'text_cfg': {'context_length': 77, 'vocab_size': 49408, 'width': 64, 'heads': 2, 'layers': 2},
}
