# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
How well a thing is followed where that is hard.

    python -m benchmark.hard DATA [--only FILM ...] [--backwards] [--scenes FOLDER] [--json FILE]

The thing of each sequence of DATA, asked for by its box, in films that are made of the sequence;
`films` says what happens in them. J: mean IoU over the frames in which it is seen. Best: the same
of the best segment of each frame. Wrong: frames FOLLOWED with an IoU below .1. Back: frames until
it is FOLLOWED again, from when half of it is seen again. Parts are the plain sequence, asked for
by the boxes of the segments that show the thing best together; pieces by those that lie in it.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
import json
from pathlib import Path

import numpy as np

from benchmark.hard.films import FILMS, Frame
from benchmark.hard.followed import Outcome, by_box, by_parts, by_pieces, count, follow
from benchmark.hard.scenes import scenes_of
from fastsam_ros.evaluate.follow import MaskedVideo, sequences
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.tracker import CANDIDATES

# What is filmed and how it is asked for, by the name of the row.
ROWS = {**{name: (film, by_box) for name, film in FILMS.items()},
        'parts': (FILMS['plain'], by_parts), 'pieces': (FILMS['plain'], by_pieces)}


def load(data: Path, backwards: bool) -> dict[str, list[Frame]]:
    """The sequences of a folder by their names."""
    order = -1 if backwards else 1
    return {path.name: [*MaskedVideo(path)][::order] for path in sequences(data)}


def measure(
    model: FastSam, videos: Mapping[str, Sequence[Frame]], row: str, folder: Path | None
) -> dict[str, Outcome]:
    """What comes of each sequence's film; the one after it is what else is seen there."""
    make, ask = ROWS[row]
    names, outcomes = [*videos], {}
    for name, other in zip(names, [*names[1:], names[0]]):
        film = make(videos[name], videos[other])
        scenes = scenes_of(model, film, folder)
        outcomes[name] = count(film, scenes, follow(film, scenes, ask))
    return outcomes


def table(rows: Mapping[str, Mapping[str, Outcome]]) -> str:
    """A line for each kind of film: means of the sequences."""
    lines = ['| | J | best | wrong | back | J of each |', '|---|---|---|---|---|---|']
    for name, outcomes in rows.items():
        some = [*outcomes.values()]
        j, best, wrong = (
            float(np.mean([getattr(of, key) for of in some])) for key in ('j', 'best', 'wrong'))
        back = ', '.join(str(of.back) for of in some if of.back is not None)
        each = ', '.join(f'{of.j:.3f}' for of in some)
        lines.append(f'| {name} | {j:.3f} | {best:.3f} | {wrong:.1%} | {back} | {each} |')
    return '\n'.join(lines)


def main() -> None:
    """Follow through each film and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data', type=Path, help='folder of sequences with images/ and masks/')
    parser.add_argument('--only', nargs='+', choices=ROWS, default=[*ROWS])
    parser.add_argument('--backwards', action='store_true', help='last frames first')
    parser.add_argument('--scenes', type=Path, help='where to keep what the network finds')
    parser.add_argument('--json', type=Path, help='where to write all figures')
    options = parser.parse_args()
    model = FastSam(device='cpu', precision='fp32', candidates=CANDIDATES)
    videos = load(options.data, options.backwards)
    rows = {row: measure(model, videos, row, options.scenes) for row in options.only}
    print(table(rows))
    if options.json:
        figures = {row: {name: asdict(of) for name, of in outcomes.items()}
                   for row, outcomes in rows.items()}
        options.json.write_text(json.dumps(figures, indent=2) + '\n')


if __name__ == '__main__':
    main()
