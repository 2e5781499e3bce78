# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Who converts colours: cv_bridge where it is sound, else OpenCV, which gives the same pixels.

A cv_bridge that was compiled for numpy 1 is imported beside numpy 2 without a word, and then kills
the process at its first conversion: Humble's and Jazzy's, once pip has brought another numpy. So
it is tried in a process of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
import subprocess
import sys
from types import SimpleNamespace

import numpy as np

from fastsam_ros.media.image_encodings import Converter, convert_by_opencv

PATIENCE = 60.0  # seconds; the trial takes about one, on a small computer several
TRIAL = """
from types import SimpleNamespace
from cv_bridge import CvBridge
message = SimpleNamespace(
    height=1, width=2, encoding='mono8', is_bigendian=0, step=2, data=bytes([1, 200]))
pixels = CvBridge().imgmsg_to_cv2(message, 'rgb8')
assert pixels.tolist() == [[[1] * 3, [200] * 3]], f'wrong pixels: {pixels.tolist()}'
"""


@dataclass(frozen=True)
class ColourConversion:
    """
    What converts colours.

    :param name: of the library
    :param convert: see `fastsam_ros.media.image_encodings`
    :param problem: why a cv_bridge that is installed is not it; or empty
    """

    name: str
    convert: Converter
    problem: str = ''


@cache
def find_colour_conversion() -> ColourConversion:
    """Look for a sound cv_bridge, once a process; takes about a second where there is one."""
    if find_spec('cv_bridge') is None:
        return ColourConversion('OpenCV', convert_by_opencv)
    problem = try_cv_bridge()
    if problem:
        return ColourConversion('OpenCV', convert_by_opencv, problem)
    return ColourConversion('cv_bridge', _cv_bridge())


def try_cv_bridge() -> str:
    """
    Convert an image in a process of its own.

    :return: what went wrong, in words; or empty
    """
    try:
        done = subprocess.run(
            [sys.executable, '-c', TRIAL], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, errors='replace', timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f'cv_bridge could not be tried: {error}'
    if done.returncode < 0:
        return (f'cv_bridge crashes (signal {-done.returncode}); it was probably compiled for '
                f'another numpy than {np.__version__}')
    if done.returncode:
        return f'cv_bridge fails: {(done.stderr.strip().splitlines() or ["no reason given"])[-1]}'
    return ''


def _cv_bridge() -> Converter:
    from cv_bridge import CvBridge

    bridge = CvBridge()

    def convert(pixels: np.ndarray, encoding: str) -> np.ndarray:
        height, width, channels = pixels.shape
        message = SimpleNamespace(
            height=height, width=width, encoding=encoding, is_bigendian=0, step=width * channels,
            data=pixels.data)
        return bridge.imgmsg_to_cv2(message, 'rgb8')

    return convert
