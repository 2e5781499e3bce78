# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One training run: what it holds, one step, one epoch, its checkpoints."""

from __future__ import annotations

import argparse
import copy
import json
import math
import signal
import time

import torch
from tqdm import tqdm

from fastsam_ros.backends.checkpoints import add_names
from fastsam_ros.models.metadata import Metadata
from training import collapse, weights
from training import settings as options
from training.data import batches
from training.layers import choose_trained, have_same_layers
from training.losses.matching import match
from training.losses.names import name_loss
from training.losses.total import total
from training.network import BACKBONE_LAYERS, Network, Output, Saved
from training.ranks import Ranks
from training.stop_signal import StopSignal

LAYOUT = torch.channels_last  # a step takes 0.7 of the time, in bfloat16 on a CPU
FINAL_RATE = 0.02  # share of the highest learning rate at the end of the cosine


class Trainer:
    """
    A run from its settings to its last epoch.

    Everything random is drawn from the seed and the epoch's number, so that a run that was
    interrupted and resumed ends with the weights of one that was not.

    :param settings: as `training.settings.parser` reads them
    """

    def __init__(self, settings: argparse.Namespace) -> None:
        self.settings = settings
        self.ranks = Ranks(torch.device(settings.device))
        self.device = self.ranks.device
        torch.manual_seed(settings.seed)
        names = tuple(Metadata.read(settings.names).names) if settings.names else ()
        self.data = batches.Epoch(
            options.pictures(settings), settings.size, options.jitter(settings), settings.seed,
            names)
        self.student = self._student().to(self.device)
        self.teacher = self._teacher()
        self.shares_backbone = self._shares(BACKBONE_LAYERS, 'head', 'masks', 'names')
        self.shares_neck = self._shares(-1, 'masks', 'names')
        self._add_names()
        self.ranks.share_weights(self.student)
        for network in filter(None, (self.student, self.teacher)):
            network.to(memory_format=LAYOUT)
        self.trained = choose_trained(self.student, settings.train)
        self.averaged = {name: value.detach().clone() for name, value in self.trained.items()}
        self.optimizer = torch.optim.AdamW(self.trained.values(), weight_decay=settings.decay)
        self.weights = options.loss_weights(settings)
        self.epoch = self.step = 0
        self.position = 0  # batches of the epoch under way that are done
        self.sums: dict[str, float] = {}  # of their losses
        self.random: torch.Tensor | None = None  # generator's state there, when it was resumed
        self.signal = StopSignal()
        self.steps = settings.epochs * len(self.data.plan(settings.batch))
        self.seconds = 0.0  # spent in epochs before this one
        self.started: float | None = None  # the epoch under way

    def run(self) -> None:
        """Train from where the run stands to its end; the start and each epoch are kept."""
        if self.step == 0 and self.ranks.first:
            self._save_network()
        with self.signal:
            while self.done < 1:
                record = {'epoch': self.epoch + 1, **self._run_epoch()}
                self._save()
                if self.epoch % self.settings.score_every == 0 or self.done >= 1:
                    record.update(self._scores())
                if self.ranks.first:
                    self._log(record)
        self.ranks.close()

    def _log(self, record: dict[str, float]) -> None:
        line = json.dumps(record)
        with open(self.settings.out / 'log.jsonl', 'a', encoding='utf-8') as file:
            file.write(f'{line}\n')
        print(line, flush=True)

    @property
    def done(self) -> float:
        """How much of the run is over: of its time where that is given, else of its steps."""
        if self.settings.minutes:
            running = time.monotonic() - self.started if self.started else 0.0
            share = (self.seconds + running) / 60 / self.settings.minutes
            return self.ranks.agree(share)
        return self.step / self.steps

    def network(self) -> Network:
        """Copy the network, with the running average of its weights."""
        network = copy.deepcopy(self.student).cpu()
        network.load_state_dict({**network.state_dict(), **self.averaged})
        return network

    def resume(self) -> None:
        """
        Go on from the checkpoint in the output folder.

        :raises FileNotFoundError: when there is none
        """
        path = self.settings.out / 'last.ckpt'
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.student.load_state_dict(state['student'])
        self.optimizer.load_state_dict(state['optimizer'])
        self.averaged = state['averaged']
        self.epoch, self.step, self.seconds = state['epoch'], state['step'], state['seconds']
        self.position, self.sums = state.get('position', 0), state.get('sums', {})
        self.random = state['random'].cpu() if self.position else None

    def _run_epoch(self) -> dict[str, float]:
        """Return the mean of each loss, and how long it took in seconds."""
        self.started = time.monotonic()
        self.data.epoch = self.epoch
        self._seed()
        plan = self.data.plan(self.settings.batch)[self.position :]
        loader = batches.loader(
            self.data, self.settings.batch, self.settings.workers, self.ranks.shares(plan))
        quiet = None if self.ranks.first else True
        with tqdm(loader, desc=f'epoch {self.epoch + 1}', disable=quiet) as progress:
            for batch, whole in zip(progress, plan):
                parts = self._step(batch.to(self.device), len(whole))
                self.position += 1
                self.sums = {name: self.sums.get(name, 0) + value for name, value in parts.items()}
                progress.set_postfix({name: f'{value:.2f}' for name, value in parts.items()})
                self._heed_signals()
                if self.settings.minutes and self.done >= 1:
                    break
        took = time.monotonic() - self.started
        self.seconds, self.started = self.seconds + took, None
        self.epoch += 1
        means = {name: round(v / self.position, 4) for name, v in self.sums.items()}
        self.position, self.sums = 0, {}
        return {**means, 'seconds': round(took)}

    def _seed(self) -> None:
        """Draw on from where a resumed epoch stood, else from the epoch's own seed."""
        torch.manual_seed(self.settings.seed * 10000 + self.epoch)
        if self.random is not None:
            torch.set_rng_state(self.random)
            self.random = None

    def _heed_signals(self) -> None:
        """
        Write the checkpoint that a signal to any process asked for.

        :raises SystemExit: when it asked to end, too
        """
        asked = self.ranks.any(self.signal.asked)
        self.signal.asked = 0
        if asked:
            self._save()
        if asked == StopSignal.END:
            self.ranks.close()
            raise SystemExit(128 + signal.SIGTERM)

    def _step(self, batch: batches.Batch, size: int) -> dict[str, float]:
        """One step; `size` is how many pictures the batch has over all processes."""
        for group in self.optimizer.param_groups:
            group['lr'] = self._rate()
        outputs = self._outputs(batch.images.float().contiguous(memory_format=LAYOUT) / 255)
        student, teacher = (self.ranks.gather(output, size) for output in outputs)
        batch = self.ranks.gather_labels(batch, size)
        if self.settings.train == 'names':
            loss = name_loss(student, teacher, match(student, student.boxes(), batch), batch)
            parts = {'names': float(loss.detach())}
        else:
            loss, parts = total(
                student, teacher, batch, self.weights, self.settings.mask_pairs)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.ranks.sum_gradients(self.trained.values())
        torch.nn.utils.clip_grad_norm_(self.trained.values(), self.settings.clip)
        self.optimizer.step()
        self.step += 1
        self._average()
        return parts

    def _outputs(self, images: torch.Tensor) -> tuple[Output, Output | None]:
        trained, teacher = self.settings.train, None
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.bf16):
            with torch.set_grad_enabled(trained == 'all'):
                features = self.student.backbone(images)
            with torch.set_grad_enabled(trained in ('all', 'head')):
                levels = self.student.levels(features)
            if self.teacher:
                with torch.no_grad():
                    teacher = self.teacher.heads(
                        levels if self.shares_neck else self._teacher_levels(images, features))
            return self.student.heads(levels).float(), teacher and teacher.float()

    def _teacher_levels(self, images: torch.Tensor, features: Saved) -> Saved:
        shared = self.shares_backbone
        return self.teacher.levels(features if shared else self.teacher.backbone(images))

    def _rate(self) -> float:
        warm = min(1.0, (self.step + 1) / self.settings.warm_up)
        cosine = (1 + math.cos(math.pi * min(1.0, self.done))) / 2
        return self.settings.rate * warm * (FINAL_RATE + (1 - FINAL_RATE) * cosine)

    @torch.no_grad()
    def _average(self) -> None:
        keep = min(self.settings.average, (1 + self.step) / (10 + self.step))
        for name, value in self.trained.items():
            self.averaged[name].lerp_(value, 1 - keep)

    def _student(self) -> Network:
        network = weights.load(self.settings.start, self.settings.trust)
        if network.classes > 1:
            every = max(1, len(self.data) // self.settings.collapse_pictures)
            some = batches.Epoch(
                self.data.samples[::every], self.data.size, self.data.jitter, self.settings.seed)
            loader = batches.loader(some, self.settings.batch, 0)
            collapse.collapse(network, (batch.images.float() / 255 for batch in loader))
        return network

    def _add_names(self) -> None:
        """The names' layers begin as the teacher's: a backbone that both share feeds them."""
        wanted = len(self.data.names)
        if not wanted or self.student.names == wanted:
            return
        if self.teacher is None or self.teacher.classes != wanted:
            known = self.teacher.classes if self.teacher else 'no'
            raise ValueError(
                f'--names has {wanted} names and the teacher {known} classes: give the network '
                'whose classes they are as --teacher')
        add_names(self.student.model, [branch[-1] for branch in self.teacher.head.cv3])

    def _teacher(self) -> Network | None:
        if not self.settings.teacher:
            return None
        teacher = weights.load(self.settings.teacher, self.settings.trust).to(self.device)
        return teacher.requires_grad_(False)

    def _shares(self, layers: int, *trained: str) -> bool:
        """
        Whether student and teacher have the same first layers for good, so that they run once.

        :param layers: how many
        :param trained: what may be trained without changing them
        """
        return self.teacher is not None and self.settings.train in trained and have_same_layers(
            self.student, self.teacher, layers)

    def _save(self) -> None:
        """Write what a resumed run needs, and after an epoch the averaged network for use."""
        if self.ranks.first:
            self._write()
        self.ranks.wait()

    def _write(self) -> None:
        running = time.monotonic() - self.started if self.started else 0.0
        state = {
            'student': self.student.state_dict(), 'averaged': self.averaged,
            'optimizer': self.optimizer.state_dict(), 'epoch': self.epoch, 'step': self.step,
            'seconds': self.seconds + running, 'position': self.position, 'sums': self.sums,
            'random': torch.get_rng_state()}
        part = self.settings.out / 'last.part'
        torch.save(state, part)
        if not self.position:
            self._save_network()  # first: what is resumed after it would not write it again
        part.replace(self.settings.out / 'last.ckpt')

    def _save_network(self) -> None:
        name = f'epoch{self.epoch:03d}.safetensors'
        weights.save(self.network(), self.settings.out / name, {'epoch': str(self.epoch)})

    def _scores(self) -> dict[str, float]:
        """Score the averaged network as it would be exported."""
        if not self.settings.validate or not self.ranks.first:
            return {}
        from fastsam_ros.fastsam import FastSam
        from training.export import export
        from training.score import score_folder

        path = self.settings.out / 'last.onnx'
        export(self.network(), path, {'license': 'AGPL-3.0-only'})
        model = FastSam(
            str(path), device='cpu', precision='fp32', image_size=self.settings.size,
            confidence=0.01, iou=0.7)
        return {
            f'{folder.name} {name}': round(value, 4) for folder in self.settings.validate
            for name, value in score_folder(model, folder, self.settings.score_pictures).items()}
