# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The benchmark's command line: measures, prints tables, and writes them with JSON and a plot."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
import json
from pathlib import Path
import sys

from benchmark.report import machine, tables
from benchmark.rig import networks

SIZES = {'640x480': (480, 640), '854x480': (480, 854), '1280x720': (720, 1280),
         '1920x1080': (1080, 1920)}
SLOW_SIZES = ('854x480', '1920x1080')
PARTS = ('images', 'stages', 'prompts', 'following', 'memory', 'messages', 'node', 'gpu')


def parser() -> argparse.ArgumentParser:
    """What the command line takes."""
    result = argparse.ArgumentParser('fastsam benchmark', description=__doc__)
    result.add_argument('--parts', nargs='+', choices=PARTS, default=list(PARTS),
                        help='what to measure; node and messages need ROS, gpu needs CUDA')
    result.add_argument('--models', nargs='+', default=['fastsam-n', *networks.GRAPHS],
                        choices=['fastsam-n', *networks.GRAPHS])
    result.add_argument('--sizes', nargs='+', default=list(SIZES), choices=list(SIZES))
    result.add_argument('--segments', type=int, default=100, help='a picture, on average')
    result.add_argument('--rounds', type=int, default=15)
    result.add_argument('--seconds', type=float, default=8.0, help='of each window of the node')
    result.add_argument('--output', type=Path, default=Path('benchmark-results'))
    result.add_argument('--quick', action='store_true', help='fastsam-n, two sizes, few rounds')
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Measure and report.

    :param arguments: of the command line
    :return: exit code
    """
    options = parser().parse_args(arguments)
    if options.quick:
        options.models, options.sizes = ['fastsam-n'], ['854x480', '1920x1080']
        options.rounds, options.seconds = 5, 4.0
    about = machine.describe()
    rows, others, text = [], [], ''
    for part, found in measurements(options):
        print(f'{part}: {len(found)} results', file=sys.stderr, flush=True)
        for entry in found:
            (others if isinstance(entry, dict) else rows).append(entry)
        text = report(options.output, about, rows, others)  # an interrupted run leaves its part
    print(text)
    return 0


def measurements(options: argparse.Namespace) -> Iterator[tuple[str, list]]:
    """What each part gives, in turn; what cannot be measured here says so and is left out."""
    chosen = [networks.get(name) for name in options.models]
    steps = {'images': images, 'stages': stages, 'prompts': prompts, 'following': following,
             'memory': memory,
             'messages': messages, 'node': node, 'gpu': gpu}
    for part in options.parts:
        try:
            yield part, list(steps[part](options, chosen))
        except ModuleNotFoundError as error:
            print(f'{part}: not measured, {error.name} is not installed', file=sys.stderr)


def images(options: argparse.Namespace, chosen: list[networks.Network]) -> Iterator:
    """All masks of a picture; the network that ships also at its default threshold."""
    from benchmark.images import Plan, measure

    for network in chosen:
        own = network.name not in networks.GRAPHS
        for size in options.sizes:
            for segments in (options.segments, 0) if own else (options.segments,):
                yield from measure(Plan(
                    network, *SIZES[size], segments=segments, rounds=options.rounds))


def stages(options: argparse.Namespace, chosen: list[networks.Network]) -> Iterator:
    """Each stage of this package; the largest network is left out, it only adds to one."""
    from benchmark.stages import measure

    for network in chosen:
        for size in options.sizes if network.name != 'FastSAM-x' else ():
            yield from measure(network, *SIZES[size], 640, options.segments, options.rounds)


def prompts(options: argparse.Namespace, chosen: list[networks.Network]) -> Iterator:
    """Prompts on a scene of 1080p."""
    from benchmark.prompts import measure

    return iter(measure(chosen[0], options.segments, 4 * options.rounds))


def following(options: argparse.Namespace, chosen: list[networks.Network]) -> Iterator:
    """Things that are followed, on frames of 854x480."""
    from benchmark.following import measure

    return iter(measure(chosen[0], 2 * options.rounds))


def memory(options: argparse.Namespace, chosen: list[networks.Network]) -> Iterator:
    """Memory for a picture of 1080p."""
    from benchmark.memory import measure

    return iter(measure(chosen[0], options.segments))


def messages(options: argparse.Namespace, chosen: list[networks.Network]) -> Iterator:
    """What ROS adds."""
    from benchmark.messages import measure

    for size in options.sizes:
        yield from measure(chosen[0], *SIZES[size], options.segments, options.rounds)


def node(options: argparse.Namespace, chosen: list[networks.Network]) -> Iterator:
    """The whole node, at its default threshold and with many segments."""
    from benchmark.node import measure

    for segments in (0, options.segments):
        yield measure(chosen[0], segments, options.seconds, rounds=max(options.rounds // 3, 1))


def gpu(options: argparse.Namespace, chosen: list[networks.Network]) -> Iterator:
    """The largest picture and input on a GPU."""
    import torch

    if not torch.cuda.is_available():
        for network in chosen:
            yield {'section': 'gpu', 'model': network.name, 'size': '1920x1080',
                   'image size': 1024, 'measured': 'no, torch sees no CUDA device'}
        return
    from benchmark.gpu.pictures import measure

    for network in chosen:
        yield from measure(network, 1080, 1920, 1024, options.segments, 4 * options.rounds)


def report(folder: Path, about: dict, rows: list, others: list) -> str:
    """Write the tables, the numbers and the plot; the tables are returned too."""
    folder.mkdir(parents=True, exist_ok=True)
    text = f'{machine.sentence(about)}\n\n{tables.document(rows, others)}'
    (folder / 'benchmark.md').write_text(text)
    numbers = {'machine': about, 'results': [row.as_json() for row in rows] + others}
    (folder / 'benchmark.json').write_text(json.dumps(numbers, indent=1) + '\n')
    if any(row.section == 'images' for row in rows):
        from benchmark.report.plot import draw

        draw(rows, folder / 'benchmark.png')
    return text


if __name__ == '__main__':
    sys.exit(main())
