# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam segment`, as it is typed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fastsam_ros.cli import options
from fastsam_ros.cli.groups import EVERYTHING, USUAL, Asked, Network, grouped
from fastsam_ros.cli.interrupt import INTERRUPT
from fastsam_ros.core.errors import ImageError, OutputError, ParameterError, PromptError

OUTPUT = Path('out')
EXAMPLES = (
    'Examples:\n\n'
    '- `fastsam segment dogs.jpg --point 320,240 --output out/`\n'
    "- `fastsam segment 'photos/*.jpg' --format masks --format labels --output out/`\n"
    '- `fastsam segment folder/ --format coco --output results.json`\n'
    '- `fastsam segment clip.mp4 --output out.mp4`\n'
    '- `fastsam segment clip.mp4 --point 320,240 --every 3 --output cup.mp4`\n'
    '- `fastsam segment drive.mcap --topic /camera/image_raw --output segmented/`\n'
    '- `fastsam segment drive.mcap --depth`\n'
)


@grouped
def segment(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar='SOURCE...',
            help='Pictures, videos, ROS 2 bags (mcap or sqlite3), folders of these, patterns, or '
            "a picture's address on the web. With --show also the number of a webcam or the "
            'address of a camera.',
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            '--output',
            '-o',
            help='Folder for the outputs; or a file, when there is just one to write.',
        ),
    ] = OUTPUT,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            '--format',
            '-f',
            metavar='NAME',
            help='**overlay**: the picture with segments painted over it. **masks**: a PNG a '
            'segment. **labels**: a 16 bit PNG, 0 background and n the n-th segment. **edges**: '
            'an 8 bit PNG of a picture, how likely an edge is. **coco**: one JSON list for all. '
            '**bag**: a copy of a bag with segments beside its images. May be repeated. Usual: '
            'bag for bags, else overlay.',
            autocompletion=options.one_of('overlay', 'masks', 'labels', 'edges', 'coco', 'bag'),
        ),
    ] = None,
    asked: Asked = EVERYTHING,
    id: options.Id = '',
    fixed: options.Fixed = False,
    topic: Annotated[
        str, typer.Option(help='Of the images in a bag, when it has several.', metavar='NAME')
    ] = '',
    depth: Annotated[
        bool,
        typer.Option(
            '--depth',
            help='Where a bag has depth: write points, markers and boxes in space beside the '
            'segments.',
        ),
    ] = False,
    depth_topic: Annotated[
        str, typer.Option(help='Of the depth in a bag, when it has several.', metavar='NAME')
    ] = '',
    track: Annotated[
        bool, typer.Option(help='Keep the numbers and colours of objects over a video or bag.')
    ] = True,
    every: Annotated[
        int,
        typer.Option(
            help='The network sees each N-th frame of videos and bags; in between, what it found '
            'moves along with the picture.',
            min=1, max=30,
        ),
    ] = 1,
    annotations: Annotated[
        Path | None,
        typer.Option(
            metavar='JSON',
            help="For --format coco: COCO's instances of these pictures; results take over its "
            '`image_id`. Else pictures are counted from 1.',
        ),
    ] = None,
    show: Annotated[
        bool,
        typer.Option(
            '--show',
            help='Show pictures, videos or a webcam in a window instead of writing anything; Q '
            'or Esc ends it, N goes on to the next.',
        ),
    ] = False,
    fresh: Annotated[
        bool,
        typer.Option('--fresh', help='Begin anew instead of going on from an interrupted run.'),
    ] = False,
    network: Network = USUAL,
    as_json: options.Json = False,
) -> None:
    """
    Segment pictures, videos and bags.

    Finds every segment, or those that answer points, boxes and text. Pixels are those of the
    picture as it is shown: x to the right, y down, after its EXIF orientation is applied. In
    videos and bags, what points and boxes mean in the first frame is followed.
    Ctrl-C keeps what is done, and the same command goes on from there. Pictures that can't be
    read are listed at the end, and the others are done.
    """
    from fastsam_ros.batch.segment import check_bags, check_frames, prepare, report
    from fastsam_ros.batch.segment import segment as segment_all
    from fastsam_ros.cli.progress import Progress
    from fastsam_ros.following.tracker import CANDIDATES
    from fastsam_ros.media import coco

    if show:
        unheard = {
            '--output': output != OUTPUT, '--format': formats, '--topic': topic, '--depth': depth,
            '--depth-topic': depth_topic, '--no-track': not track, '--every': every > 1,
            '--annotations': annotations, '--fresh': fresh, '--json': as_json}
        options.refuse(unheard, 'with --show, which shows all frames and writes nothing')
        show_window(sources, asked, id, fixed, network)
        return
    try:
        prompts = asked.prompts(id)
        found, layout = prepare(sources, output, formats or ())
        check_frames(found, fixed, every)
        check_bags(found, {'--topic': topic, '--depth': depth, '--depth-topic': depth_topic})
        if 'coco' not in layout.formats:
            options.refuse({'--annotations': annotations}, 'without --format coco')
        coco.Numbers(annotations)
    except (PromptError, ParameterError, OutputError, FileNotFoundError, ImageError) as error:
        raise typer.BadParameter(str(error)) from error
    loaded = network.load(candidates=None if fixed or not prompts else CANDIDATES)
    with Progress() as progress, INTERRUPT.deferred() as stopping:
        run = segment_all(
            loaded,
            prompts,
            found,
            layout,
            progress,
            track=track,
            fixed=fixed,
            every=every,
            topic=topic,
            depth=depth_topic or ('' if depth else None),
            fresh=fresh,
            annotations=annotations,
            listed=as_json,
            stopping=stopping,
        )
    report(run, as_json)
    raise typer.Exit(stopping.exit_code if stopping else int(bool(run.failed)))


def show_window(sources: list[str], asked: Asked, id: str, fixed: bool, network: Network) -> None:
    """What `--show` does."""
    from fastsam_ros.web.local.shows import find_shows
    from fastsam_ros.web.local.window import Window, show_all

    try:
        prompts = asked.prompts(id)
        shows = find_shows(sources)
        window = Window('FastSAM')
    except (ImageError, PromptError, ParameterError, OutputError, FileNotFoundError) as error:
        raise typer.BadParameter(str(error)) from error
    with INTERRUPT.deferred() as stopping:
        show_all(network.load(), shows, prompts, fixed, window, stopping)
