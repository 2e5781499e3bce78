# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where the tests of torch run; a GPU only where there is one, so that none is skipped."""

import torch

DEVICES = ['cpu', *(['cuda'] if torch.cuda.is_available() else [])]
