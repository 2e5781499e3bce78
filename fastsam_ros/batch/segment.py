# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam segment`: pictures, folders, videos and bags into masks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import itertools
import json
from pathlib import Path

from fastsam_ros import models
from fastsam_ros.batch.output_layout import Layout, plan
from fastsam_ros.batch.pictures import segment_pictures
from fastsam_ros.batch.resume import Journal
from fastsam_ros.batch.run import Outcome, Progress, Run, Stopped
from fastsam_ros.core import ParameterError, Prompt, Selection, TextError
from fastsam_ros.core.errors import HOW_TO_GET_A_TEXT_MODEL
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.sources import Source, find_sources

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class PromptOptions:
    """
    What was typed as prompts.

    :param points: x, y of things that are wanted
    :param background: x, y of things that are not
    :param boxes: x0, y0, x1, y1
    :param texts: descriptions
    :param selection: best, all or union
    :param separate: each point, box and text by itself, not all together
    :param id: a name for what is asked; in videos and bags all prompts are parts of one thing then
    """

    points: Sequence[Numbers] = ()
    background: Sequence[Numbers] = ()
    boxes: Sequence[Numbers] = ()
    texts: Sequence[str] = ()
    selection: str = 'best'
    separate: bool = False
    id: str = ''

    def prompts(self) -> list[Prompt]:
        """
        What is asked; nothing: everything.

        Together: one prompt for each box and text, each with all points.

        :raises PromptError: when one cannot be understood
        """
        Selection.parse(self.selection)
        if not (self.points or self.background or self.boxes or self.texts):
            return []
        if not self.separate:
            pairs = itertools.product(self.boxes or [None], self.texts or [''])
            return [self._prompt(self.points, box, text) for box, text in pairs]
        parts = [([point], None, '') for point in self.points]
        parts += [([], box, '') for box in self.boxes] + [([], None, text) for text in self.texts]
        return [self._prompt(*part) for part in parts or [([], None, '')]]

    def _prompt(self, points: Sequence[Numbers], box: Numbers | None, text: str) -> Prompt:
        labels = [1] * len(points) + [0] * len(self.background)
        return Prompt(
            [*points, *self.background], labels, box, text, self.selection, self.id)


def segment(
    model: FastSam,
    prompts: Sequence[Prompt],
    sources: Sequence[Source],
    layout: Layout,
    progress: Progress,
    *,
    track: bool = True,
    fixed: bool = False,
    every: int = 1,
    topic: str = '',
    depth: str | None = None,
    fresh: bool = False,
    annotations: Path | None = None,
    listed: bool = False,
    stopping: object = False,
) -> Run:
    """
    Segment everything, going on from an interrupted run of the same kind.

    :param model: the network
    :param prompts: what is asked; none: everything
    :param sources: pictures, videos and bags
    :param layout: where outputs go
    :param progress: is told how far the run is
    :param track: give objects in videos and bags numbers that stay
    :param fixed: in videos and bags points and boxes mean the same pixels on every frame; else the
        thing that answers them first, which is followed
    :param every: the network sees each N-th frame of videos and bags; between them what it found
        moves along with the picture
    :param topic: of the images in bags; '': the only one
    :param depth: of a bag, brings points and boxes in space; '': the only one; None: not wanted
    :param fresh: begin anew, whatever an earlier run left
    :param annotations: COCO's instances, whose `image_id` results take over; or None
    :param listed: keep what was found in pictures, for the report
    :param stopping: true once the user asked for the end
    :return: what was done and what went wrong
    :raises FastSamError: when the network fails; what was done by then is kept
    """
    for text in (prompt.text for prompt in prompts if prompt.text):
        if model.matcher is None:
            raise TextError(f'--text needs --text-model. {HOW_TO_GET_A_TEXT_MODEL}')
        getattr(model.matcher, 'check', len)(text)  # now, and not at each picture
    options = {'track': track, 'fixed': fixed, 'every': every, 'topics': [topic, depth]}
    request = _request(model, prompts, layout, options)
    with Journal(layout.journal, request, fresh) as journal:
        run = Run(
            model, prompts, layout, journal, progress, stopping, track, fixed, every, topic, depth,
            annotations, listed)
        if len(journal):
            progress.note('Going on from an earlier run.')
        _segment_all(run, sources)
        if 'coco' in layout.formats:
            run.write_coco(sources)
        if not run.failed and not stopping:
            journal.discard()
    return run


def _segment_all(run: Run, sources: Sequence[Source]) -> None:
    pictures = [source for source in sources if source.kind == 'picture']
    if pictures:
        segment_pictures(run, pictures)
    for source in sources:
        if run.stopping or source.kind == 'picture':
            continue
        try:
            _segment_one(run, source)
        except Stopped:
            return


def _segment_one(run: Run, source: Source) -> None:
    """A video or a bag; their libraries are imported only when there is one."""
    if source.kind == 'video':
        from fastsam_ros.batch.videos import segment_video

        segment_video(run, source)
    else:
        from fastsam_ros.batch.bags import segment_bag

        segment_bag(run, source)


def _request(
    model: FastSam, prompts: Sequence[Prompt], layout: Layout, options: dict[str, object]
) -> dict:
    """All that the outputs depend on besides the sources: only such a run can be gone on with."""
    settings = ('runtime', 'device', 'precision', 'image_size')
    settings += ('confidence', 'iou', 'max_segments', 'candidates')
    return {
        'model': models.sha256(model.path),
        'settings': {name: getattr(model, name) for name in settings},
        'text': [getattr(model.matcher, name, None) for name in ('name', 'threshold')],
        'words': getattr(getattr(model, 'words', None), 'state', None),
        'prompts': [_description(prompt) for prompt in prompts],
        'formats': layout.formats,
        **options,
    }


def _description(prompt: Prompt) -> list:
    box = None if prompt.box is None else prompt.box.tolist()
    points, labels = prompt.points.tolist(), prompt.labels.tolist()
    return [points, labels, box, prompt.text, int(prompt.selection), prompt.id]


def prepare(
    arguments: Sequence[str], output: Path, formats: Sequence[str]
) -> tuple[list[Source], Layout]:
    """
    Find what is to be segmented, and where it goes.

    :param arguments: files, folders and patterns
    :param output: a folder or file
    :param formats: what is wanted
    :raises FileNotFoundError: when an argument stands for nothing
    :raises ParameterError: when the output does not fit
    """
    sources = find_sources(arguments, output)
    return sources, plan(output, formats, sources)


def check_frames(sources: Sequence[Source], fixed: bool, every: int) -> None:
    """
    Refuse what says how frames follow one another where there are only pictures.

    :param fixed: as for `segment`
    :param every: likewise
    :raises ParameterError: when none of the sources has frames
    """
    asked = [option for option, given in (('--fixed', fixed), ('--every', every > 1)) if given]
    if asked and all(source.kind == 'picture' for source in sources):
        verb = 'means' if len(asked) == 1 else 'mean'
        raise ParameterError(
            f'{" and ".join(asked)} {verb} something for videos and bags, and there are only '
            'pictures here: each is segmented by itself')


def check_bags(sources: Sequence[Source], given: Mapping[str, object]) -> None:
    """
    Refuse what is said about bags where there are none.

    :param given: options, and whether each was given
    :raises ParameterError: when one was, and none of the sources is a bag
    """
    asked = [option for option, value in given.items() if value]
    if asked and all(source.kind != 'bag' for source in sources):
        verb = 'means' if len(asked) == 1 else 'mean'
        raise ParameterError(
            f'{" and ".join(asked)} {verb} something for bags, and there are none here')


def report(run: Run, as_json: bool) -> None:
    """
    Say what was done, and what to do about what was not.

    :param run: that ended
    :param as_json: for a program
    """
    if as_json:
        print(json.dumps(_summary(run), indent=2))
    else:
        _tell(run)


def _tell(run: Run) -> None:
    done = [outcome for outcome in run.outcomes if not outcome.error]
    segments = sum(outcome.segments for outcome in done)
    files = 'file' if len(done) == 1 else 'files'
    print(f'{len(done)} {files}, {segments} segments: {run.layout.output}')
    say = run.progress.note
    if run.failed:
        say(f'{len(run.failed)} could not be done:', 'bold')
        for outcome in run.failed:
            say(f'  {outcome.error}')
        say('The same command tries these again and leaves the others as they are.')
    if run.stopping:
        say('Stopped. What is done is kept: the same command goes on from here.')


def _summary(run: Run) -> dict:
    done = [outcome for outcome in run.outcomes if not outcome.error]
    model = run.model
    return {
        'model': str(model.path),
        'runtime': model.runtime,
        'device': model.device,
        'precision': model.precision,
        'done': [_row(outcome) for outcome in done],
        'failed': [{'source': str(o.source.path), 'error': o.error} for o in run.failed],
        'interrupted': bool(run.stopping),
        'results': str(run.layout.coco) if 'coco' in run.layout.formats else None,
    }


def _row(outcome: Outcome) -> dict:
    row = {
        'source': str(outcome.source.path),
        'kind': outcome.source.kind,
        'frames': outcome.frames,
        'segments': outcome.segments,
        'outputs': [str(path) for path in outcome.outputs],
    }
    if outcome.source.kind == 'picture':
        row['found'] = [*outcome.found]
    return row
