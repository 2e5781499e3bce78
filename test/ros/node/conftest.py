# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the tests of prompts that stand share."""

import pytest


@pytest.fixture(scope='module')
def standing(start):
    """A node with mailboxes for its segments and for what stands."""
    from standing import listen

    return listen(start)


@pytest.fixture
def robot(standing):
    """The same node, shown one picture first; each test ends without a prompt."""
    from scripted_model import picture
    from standing import SCENE

    standing.segmentations.at(standing.publish(picture(**SCENE)))
    standing.prompted.messages.clear()
    yield standing
    assert standing.clear().success
