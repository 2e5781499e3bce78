# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Which segment of this frame is which thing of the last ones, and where it is between them.

`tracker.Tracker` is the way in, one a camera. `motion` has the optical flow, `thing` what a
prompt is bound to and its states, `association` which segment continues which, `looks` what a
segment looks like, `carry` where a thing is on a frame that the network has not seen.
"""
