# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a training run can be told, and what it does when it is not told."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.data.augment import Jitter
from training.data.composites import with_composites
from training.data.samples import Sample, read_folder
from training.layers import TRAINED
from training.losses.total import Weights

FLAG = argparse.BooleanOptionalAction


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    p = argparse.ArgumentParser(
        prog='python -m training.train', formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        description='Train a YOLOv8-seg with one class on folders of labelled pictures.')
    _add_files(p.add_argument_group('files'))
    _add_run(p.add_argument_group('the run'))
    _add_optimizer(p.add_argument_group('optimizer'))
    _add_jitter(p.add_argument_group('changes to pictures'))
    _add_weights(p.add_argument_group('losses'))
    return p


def pictures(settings: argparse.Namespace) -> list[Sample]:
    """
    Read the pictures that are learned from.

    :raises ValueError: when one of the folders is of no known kind
    """
    found = [
        sample for folder in settings.data for sample in read_folder(folder, settings.leave_out)]
    return [with_composites(sample) for sample in found] if settings.composites else found


def jitter(settings: argparse.Namespace) -> Jitter:
    """Collect how much pictures are changed."""
    return Jitter(
        settings.jitter_scale, settings.jitter_shift, settings.jitter_mirror,
        settings.jitter_light)


def loss_weights(settings: argparse.Namespace) -> Weights:
    """Collect how much each part of the loss counts."""
    return Weights(
        settings.loss_box, settings.loss_sides, settings.loss_score, settings.loss_mask,
        settings.teacher_box, settings.teacher_mask, settings.teacher_score,
        settings.background, settings.unknown, settings.loss_names)


def _add_files(p: argparse._ArgumentGroup) -> None:
    p.add_argument(
        '--data', type=Path, nargs='+', required=True, metavar='FOLDER',
        help='with images/ and instances.json (COCO) or regions/ (partitions), or tars as SA-1B '
        'has them; named twice, a folder is seen twice an epoch')
    p.add_argument(
        '--leave-out', nargs='+', default=[], metavar='PATTERN',
        help="pictures whose file names match are not read, such as 'balloons*'")
    p.add_argument(
        '--composites', action=FLAG, default=False,
        help="riders and what they ride, by COCO's names, count as one thing besides")
    p.add_argument(
        '--names', type=Path, metavar='FILE',
        help="a model's .meta.json; learn the names in it, from the annotations and from the "
        'teacher, whose classes they must be')
    p.add_argument(
        '--validate', type=Path, nargs='*', default=[], metavar='FOLDER',
        help='scored on the way, as --data')
    p.add_argument(
        '--start', type=Path, required=True, metavar='FILE',
        help='.safetensors or .pt; of many classes one is made first')
    p.add_argument(
        '--teacher', type=Path, metavar='FILE',
        help='frozen network whose finds must not be lost, mostly the start itself')
    p.add_argument(
        '--out', type=Path, required=True, metavar='FOLDER', help='for checkpoints and a log')
    p.add_argument('--trust', action='store_true', help='load .pt files, which are pickles')
    p.add_argument('--resume', action='store_true', help='go on from the last checkpoint in --out')


def _add_run(p: argparse._ArgumentGroup) -> None:
    p.add_argument('--epochs', type=int, default=20)
    p.add_argument('--minutes', type=float, help='plan and end the run by time, not by epochs')
    p.add_argument('--size', type=int, default=640, help='longer side of the canvas, pixels')
    p.add_argument('--batch', type=int, default=8, help='pictures a step')
    p.add_argument('--device', default='cpu', help='cpu, cuda, cuda:1, mps')
    p.add_argument('--bf16', action=FLAG, default=False, help='forward passes in bfloat16')
    p.add_argument('--workers', type=int, default=1, help='processes that prepare pictures')
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--score-every', type=int, default=5, help='epochs between two validations')
    p.add_argument('--score-pictures', type=int, help='only so many pictures of each folder')


def _add_optimizer(p: argparse._ArgumentGroup) -> None:
    p.add_argument('--rate', type=float, default=5e-4, help='highest learning rate of AdamW')
    p.add_argument('--warm-up', type=int, default=50, help='steps until that rate is reached')
    p.add_argument('--decay', type=float, default=1e-4, help='weight decay')
    p.add_argument('--clip', type=float, default=10.0, help="largest norm of a step's gradient")
    p.add_argument('--average', type=float, default=0.99, help='decay of the kept weights')
    p.add_argument(
        '--train', choices=list(TRAINED), default='head',
        help='neck and head; or backbone and all; or nothing but the layers of masks or of names')
    p.add_argument(
        '--collapse-pictures', type=int, default=160,
        help='pictures on which one score is fitted to those of many classes')


def _add_jitter(p: argparse._ArgumentGroup) -> None:
    of = Jitter()
    p.add_argument(
        '--jitter-scale', type=float, default=of.scale, help="deviation of the scale's logarithm")
    p.add_argument('--jitter-shift', type=float, default=of.shift, help='0: centred, 1: anywhere')
    p.add_argument('--jitter-mirror', type=float, default=of.mirror, help='probability')
    p.add_argument('--jitter-light', type=float, default=of.light, help='largest change, a share')


def _add_weights(p: argparse._ArgumentGroup) -> None:
    of = Weights()
    p.add_argument('--loss-box', type=float, default=of.box, help='overlap of boxes')
    p.add_argument('--loss-sides', type=float, default=of.sides, help="distances to boxes' sides")
    p.add_argument('--loss-score', type=float, default=of.score)
    p.add_argument('--loss-mask', type=float, default=of.mask)
    p.add_argument('--loss-names', type=float, default=of.names)
    p.add_argument(
        '--teacher-box', type=float, default=of.teacher_box, help="likeness to teacher's boxes")
    p.add_argument('--teacher-mask', type=float, default=of.teacher_mask, help='and to its masks')
    p.add_argument(
        '--teacher-score', action=FLAG, default=of.teacher_score,
        help="no score shall be lower than the teacher's")
    p.add_argument(
        '--background', type=float, default=of.background,
        help='score loss without label, where all is labelled (partitions)')
    p.add_argument(
        '--unknown', type=float, default=of.unknown,
        help='score loss without label, where more may be there (COCO)')
    p.add_argument(
        '--mask-pairs', type=int, default=48,
        help="masks an image that are compared with labels; half as many with the teacher's")
