# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures from files."""

from __future__ import annotations

from contextlib import suppress
import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from fastsam_ros.core.errors import ImageError

WIDE = {'I;16', 'I;16B', 'I;16L', 'I;16N', 'I'}  # modes of 16 bit grey pictures
# As it is before ultralytics, once imported, puts one in its place that installs packages.
_open = Image.open
MOST_PIXELS = 400_000_000  # beyond that a small file that claims a huge size is refused


def load_formats() -> None:
    """
    Import Pillow's readers, which it does when the first picture is opened.

    Two threads that do it at the same time wait for each other's imports. The plugin for HEIC,
    what phones take, joins where it is installed; AVIF is Pillow's own from 11.3 on.
    """
    Image.init()
    with suppress(ModuleNotFoundError):
        import pillow_heif

        pillow_heif.register_heif_opener()


def read_picture(path: Path) -> np.ndarray:
    """
    A picture as a person sees it: turned upright as its EXIF orientation says.

    Prompts and all outputs are in pixels of the upright picture. Of 16 bits the upper 8 are
    taken, transparency is dropped, and of an animation the first picture counts.

    :param path: of the file
    :return: (H, W, 3) uint8 RGB
    :raises ImageError: when it is not there, truncated or no picture
    """
    return _read(path, str(path))


def decode_picture(data: bytes, name: str) -> np.ndarray:
    """
    The same of a file's bytes.

    :param data: of a whole file
    :param name: of the picture, for the message when it cannot be read
    :return: (H, W, 3) uint8 RGB
    :raises ImageError: when it is truncated or no picture
    """
    return _read(io.BytesIO(data), name)


def _read(source: Path | io.BytesIO, name: str) -> np.ndarray:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with _open(source) as file:
            if file.width * file.height > MOST_PIXELS:  # Pillow refuses twice as much
                raise ImageError(
                    f'{name} is {file.width}x{file.height}, more than {MOST_PIXELS:,} pixels')
            return _rgb(ImageOps.exif_transpose(file))
    except (UnidentifiedImageError, ImportError) as error:
        # ImportError: ultralytics, once imported, wants a HEIF reader for unknown formats.
        raise ImageError(f'{name} is not a picture, or one of an unknown format') from error
    except ImageError:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise ImageError(f'{name} cannot be read: {error}') from error


def _rgb(image: Image.Image) -> np.ndarray:
    if image.mode in WIDE:
        grey = (np.asarray(image).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    return np.array(image.convert('RGB'))
