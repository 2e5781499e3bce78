# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is written of a picture, and of videos and the images in bags frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import cv2
import numpy as np

from fastsam_ros.batch.output_layout import Layout
from fastsam_ros.core.errors import OutputError
from fastsam_ros.core.prompts import Prompt
from fastsam_ros.core.scene import Scene
from fastsam_ros.drawing.captions import caption, write_captions, write_notes
from fastsam_ros.drawing.overlay import draw, label_map
from fastsam_ros.drawing.palette import colours
from fastsam_ros.drawing.prompt_marks import mark_prompt
from fastsam_ros.media.atomic_files import replacing
from fastsam_ros.media.frames import Clock, Frame
from fastsam_ros.media.results import Result
from fastsam_ros.media.sources import Source

# Colours at full resolution: halved, as is usual, thin lines lose theirs.
JPEG = (
    cv2.IMWRITE_JPEG_QUALITY, 92,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
WriteFrame = Callable[[int, Frame, Result], None]  # its number, itself and its segments


def overlay(
    image: np.ndarray, result: Result, prompts: Sequence[Prompt],
    marked: Sequence[Prompt] | None = None,
) -> np.ndarray:
    """
    The picture with its segments, what was asked, and what is searched for.

    :param image: (H, W, 3) uint8 RGB
    :param result: its segments
    :param prompts: what was asked; none: everything
    :param marked: those whose points and boxes are shown; None: all
    :return: (H, W, 3) uint8 RGB
    """
    picture = draw(image, result.runs, result.ids)
    for prompt in prompts if marked is None else marked:
        mark_prompt(picture, prompt)
    if prompts:  # captions last, so that no box is drawn over them
        texts = [caption(s.label, s.prompt_score) for s in result.segments]
        write_captions(picture, result.runs, texts, colours(result.ids))
    write_notes(picture, [
        f'{state.name}: {state.state}' for state in result.states if state.state != 'followed'])
    return picture


def numbered_segments(result: Result) -> np.ndarray:
    """
    One number a pixel: 0 background, n the n-th segment; smaller segments lie on top.

    :param result: the segments
    :return: (H, W) uint16
    """
    return label_map(result.runs, result.height, result.width).astype(np.uint16)


def write_picture(path: Path, picture: np.ndarray) -> None:
    """
    Write a picture in the format of its ending; the file is there whole or not at all.

    :param path: of the file
    :param picture: (H, W, 3) uint8 RGB, or (H, W) uint8 or uint16
    :raises OutputError: when the format holds no such picture, or somebody else's file is there
    """
    pixels = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    settings = JPEG if _is_jpeg(path) else []
    try:
        encoded, data = cv2.imencode(path.suffix, pixels, settings)
    except cv2.error as error:
        raise OutputError(
            f'{path} cannot be written: this OpenCV has no encoder for {path.suffix}'
        ) from error
    if not encoded:
        height, width = picture.shape[:2]
        raise OutputError(
            f'{path} cannot be written: a {width}x{height} picture is more than {path.suffix} '
            'holds; choose another --format')
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_masks(folder: Path, result: Result) -> None:
    """
    Write a folder of masks, 000.png the first segment's, 0 or 255; it is whole or not there.

    :param folder: to write
    :param result: the segments
    :raises OutputError: when somebody else's files are in it
    """
    with replacing(folder) as temporary:
        temporary.mkdir()
        for number, runs in enumerate(result.runs):
            mask = np.zeros((result.height, result.width), np.uint8)
            mask[runs.window] = runs.mask() * np.uint8(255)
            write_picture(temporary / f'{number:03d}.png', mask)


def write_edges(path: Path, scene: Scene) -> None:
    """
    Write the probability of an edge at each pixel, times 255.

    :param path: of the file
    :param scene: all that was found in a picture, whatever was asked
    :raises OutputError: as `write_picture`
    """
    edges = scene.without_candidates.edges()
    write_picture(path, np.rint(edges * 255).astype(np.uint8))


def write_files(
    layout: Layout, source: Source, image: np.ndarray, result: Result, prompts: Sequence[Prompt]
) -> None:
    """
    Write all files of a picture; the list of results is made from the journal at the end.

    :param layout: which, and where
    :param source: the picture
    :param image: (H, W, 3) uint8 RGB
    :param result: its segments
    :param prompts: what was asked; none: everything
    :raises OutputError: when one cannot be written
    """
    if 'overlay' in layout.formats:
        write_picture(layout.overlay(source), overlay(image, result, prompts))
    if 'masks' in layout.formats:
        write_masks(layout.masks(source), result)
    if 'labels' in layout.formats:
        write_picture(layout.labels(source), numbered_segments(result))


def frame_writers(
    layout: Layout, source: Source, clock: Clock, prompts: Sequence[Prompt], fixed: bool = True
) -> list[AbstractContextManager[WriteFrame]]:
    """
    Contexts that give functions to write a frame with.

    :param layout: what is wanted, and where
    :param source: a video or bag
    :param clock: of its frames
    :param prompts: what was asked; none: everything
    :param fixed: points and boxes mean pixels of every frame, not a thing of the first one
    """
    writers = []
    if 'overlay' in layout.formats:
        writers.append(_video(layout.overlay(source), clock, prompts, fixed))
    if 'masks' in layout.formats:
        writers.append(_folder(layout.masks(source), write_masks))
    if 'labels' in layout.formats:
        writers.append(_folder(layout.labels(source), _write_labels))
    return writers


@contextmanager
def _video(
    path: Path, clock: Clock, prompts: Sequence[Prompt], fixed: bool
) -> Iterator[WriteFrame]:
    """Make a video with segments painted over it."""
    from fastsam_ros.media.video import MovieWriter

    def write(number: int, frame: Frame, result: Result) -> None:
        marked = prompts if fixed or not number else ()
        writer.write(overlay(frame.image, result, prompts, marked), frame.time)

    with replacing(path) as temporary, MovieWriter(temporary, clock) as writer:
        yield write


@contextmanager
def _folder(path: Path, save: Callable[[Path, Result], None]) -> Iterator[WriteFrame]:
    """Make a folder with something for each frame."""

    def write(number: int, frame: Frame, result: Result) -> None:
        save(folder / f'{number:06d}', result)

    with replacing(path) as folder:
        folder.mkdir()
        yield write


def _write_labels(path: Path, result: Result) -> None:
    write_picture(path.with_suffix('.png'), numbered_segments(result))


def _is_jpeg(path: Path) -> bool:
    return path.suffix.lower() in ('.jpg', '.jpeg', '.jpe')
