# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What must be known of a text model besides its graphs: sizes, colours, token ids."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
import json
from pathlib import Path

from fastsam_ros.core.errors import ModelError

CARD = 'model.json'  # in the folder of an exported text model
TOKENIZER = 'tokenizer.json'  # beside it
CLEANINGS = ('lower', 'canonicalize', 'whitespace')
INTERPOLATIONS = ('bicubic', 'bilinear')
RESIZE_MODES = ('shortest', 'longest', 'squash')


@dataclass(frozen=True)
class Card:
    """
    What a text model expects and gives.

    :param name: for people
    :param size: side of the square image that the image network takes, pixels
    :param mean: of the images it was trained on, RGB, of 0 to 1; subtracted
    :param std: likewise; divided by
    :param interpolation: how images are resized: bicubic or bilinear
    :param resize_mode: 'shortest' (then cut to a square), 'longest' (then filled up with black)
        or 'squash'
    :param context: tokens that the text network takes
    :param start: token id before a text; None: none
    :param end: token id after a text
    :param padding: token id of the rest
    :param clean: what happens to a text first: 'lower', 'canonicalize' (also no punctuation) or
        'whitespace' (only spaces are tidied up)
    :param scale: what cosines are multiplied with
    """

    name: str
    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str
    resize_mode: str
    context: int
    start: int | None
    end: int
    padding: int
    clean: str
    scale: float

    def __post_init__(self) -> None:
        for value, known in (
            (self.clean, CLEANINGS),
            (self.interpolation, INTERPOLATIONS),
            (self.resize_mode, RESIZE_MODES),
        ):
            if value not in known:
                raise ModelError(f'{self.name}: {value!r} is none of {", ".join(known)}')

    def write(self, folder: Path) -> None:
        """Write it into a folder."""
        (folder / CARD).write_text(json.dumps(asdict(self), indent=2) + '\n')

    @classmethod
    def read(cls, folder: Path) -> Card:
        """
        Read it from a folder.

        :raises ModelError: when it is not there or says something else than a card
        """
        path = folder / CARD
        try:
            content = json.loads(path.read_text())
            known = {field.name: content[field.name] for field in fields(cls)}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f'{path} does not describe a text model ({error!r}): make the folder again with '
                '`fastsam export --text-model`'
            ) from error
        return cls(**{**known, 'mean': tuple(known['mean']), 'std': tuple(known['std'])})
