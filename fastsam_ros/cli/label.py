# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam label`, as it is typed."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from fastsam_ros.cli import options
from fastsam_ros.cli.groups import EVERYTHING, USUAL, Asked, Network, grouped
from fastsam_ros.cli.interrupt import INTERRUPT
from fastsam_ros.core.errors import OutputError, ParameterError, PromptError

WORK = 'How the work is shared'
EXAMPLES = (
    'Examples:\n\n'
    '- `fastsam label photos/ --output labels/`\n'
    '- `fastsam label s3://bucket/tars/ --output s3://bucket/labels/ --shard 3/100`\n'
    '- `fastsam label bags.txt --output labels/ --topic /camera/image_raw`\n'
    '- `fastsam label tars/ --output labels/ --ray --workers 8`\n'
)


@grouped
def label(
    source: Annotated[
        str,
        typer.Argument(
            help='A folder of pictures, tars and bags; a tar (WebDataset, SA-1B); a bag; or a '
            '.txt with one of these a line. A path, or a URL such as s3://bucket/folder.',
        ),
    ],
    output: Annotated[
        str, typer.Option('--output', '-o', metavar='DIR', help='Folder or URL for the labels.')
    ],
    shard: Annotated[
        str,
        typer.Option(
            metavar='I/N',
            help='Do the I-th of N equal parts. Usual: the task of a SLURM array, else 1/1.',
            rich_help_panel=WORK,
        ),
    ] = '',
    chunk: Annotated[
        int,
        typer.Option(
            min=1, help='Pictures of a folder that make one partition.', rich_help_panel=WORK
        ),
    ] = 500,
    ray: Annotated[
        bool, typer.Option('--ray', help='On Ray; one is started here.', rich_help_panel=WORK)
    ] = False,
    ray_address: Annotated[
        str,
        typer.Option(
            metavar='ADDRESS', help='Of a Ray cluster: auto, or ray://HOST:10001.',
            rich_help_panel=WORK,
        ),
    ] = '',
    workers: Annotated[
        int,
        typer.Option(
            min=1, help='With Ray: actors, each with a model.', rich_help_panel=WORK),
    ] = 1,
    gpus: Annotated[
        float,
        typer.Option(
            min=0, help='With Ray: GPUs that each actor takes, such as 0.5.', rich_help_panel=WORK
        ),
    ] = 0.0,
    max_failures: Annotated[
        int | None,
        typer.Option(min=0, help='End when more pictures cannot be read. Usual: never.'),
    ] = None,
    retry: Annotated[
        bool, typer.Option('--retry', help='Do partitions again of which some pictures failed.')
    ] = False,
    topic: Annotated[
        str, typer.Option(help='Of the images in bags, where they have several.', metavar='NAME')
    ] = '',
    asked: Asked = EVERYTHING,
    network: Network = USUAL,
    as_json: options.Json = False,
) -> None:
    """
    Label a great many pictures into Parquet, on one machine, in shards or on a Ray cluster.

    The source is cut into partitions, the same wherever it is listed; one that is done is not done
    again, so the same command goes on after whatever ended it. Pictures that cannot be read are
    noted, and the others are done.
    """
    from fastsam_ros.batch.label import manifest, partitions, run
    from fastsam_ros.batch.label.work import Job
    from fastsam_ros.cli.progress import Progress
    from fastsam_ros.media.storage import Place

    if not (ray or ray_address):
        options.refuse({'--workers': workers != 1, '--gpus': gpus}, 'without --ray')
    try:
        prompts = asked.prompts()
        mine = partitions.take_shard(partitions.list_partitions(source, chunk), _shard(shard))
    except (PromptError, ParameterError) as error:
        raise typer.BadParameter(str(error)) from error
    loaded = network.load()
    try:
        mark = manifest.claim(
            Place(output), manifest.describe(loaded, prompts, source, chunk, topic))
    except OutputError as error:
        raise typer.BadParameter(str(error)) from error
    job = Job(Place(output), mark, prompts, topic)
    with Progress() as progress, INTERRUPT.deferred() as stopping:
        known, left = run.split_finished(mine, job, retry)
        if not left:
            made = iter(())
        elif ray or ray_address:
            from fastsam_ros.batch.label.on_ray import label_on_ray

            loaded.close()
            made = label_on_ray(
                network.settings(), left, job, address=ray_address, workers=workers, gpus=gpus)
            made = run.shown(made, len(left), progress, stopping)
        else:
            made = run.label_here(loaded, left, job, progress, stopping)
        reports = run.collect(known, made, max_failures)
        summary = run.summarise(reports, output, len(mine) - len(reports), bool(stopping))
        run.tell(summary, progress, as_json)
    raise typer.Exit(stopping.exit_code if stopping else int(bool(summary['failed'])))


def _shard(text: str) -> tuple[int, int]:
    """
    Which part of how many, counted from 1.

    :raises ParameterError: when it is none
    """
    task = os.environ.get('SLURM_ARRAY_TASK_ID')
    if not text and task is not None:
        first = int(os.environ.get('SLURM_ARRAY_TASK_MIN', '0'))
        step = int(os.environ.get('SLURM_ARRAY_TASK_STEP', '1'))
        number = (int(task) - first) // step + 1
        text = f'{number}/{os.environ.get("SLURM_ARRAY_TASK_COUNT", "1")}'
    number, _, count = (text or '1/1').partition('/')
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise ParameterError(f'--shard {text!r} is not I/N, such as 3/100 for the third of 100')
    return int(number), int(count)
