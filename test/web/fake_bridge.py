# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A stand-in for the node, for tests of the server and for work on the page without ROS.

    python test/web/fake_bridge.py [--port 8080] [--still] [--picture coffee]
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
import sys
import threading
import time
from types import SimpleNamespace

import cv2
import numpy as np

from fastsam_ros.core.errors import FastSamError
from fastsam_ros.web.session.clients import Packet
from fastsam_ros.web.session.hub import Reply
from fastsam_ros.web.session.packets import columns, pack

NAME = '/fastsam'


def segment(runs, id, score=0.9, prompt_id='', prompt_score=0.0, label=''):
    """What `msg/Segmentation` holds."""
    box = SimpleNamespace(
        x_offset=runs.x, y_offset=runs.y, width=runs.width, height=runs.height)
    return SimpleNamespace(
        id=id, prompt_id=prompt_id, score=score, prompt_score=prompt_score, label=label, box=box,
        area=runs.area, counts=runs.counts.astype(np.uint32))


def frame_packet(camera, stamp, picture, segments, size, kind='frame'):
    """A packet as the bridge makes it; `picture` is JPEG."""
    table, counts = columns(segments)
    header = {
        'kind': kind, 'camera': camera, 'stamp': stamp, 'width': size[0], 'height': size[1],
        'age': 42.0, 'media': 'image/jpeg', 'segments': table}
    return Packet(kind, camera, stamp, pack(header, counts, picture))


def places_packet(camera, places):
    """Where segments are in space; `places` is by the segment's id."""
    header = {'kind': 'places', 'camera': camera, 'stamp': (0, 0), 'places': places}
    return Packet('places', camera, (0, 0), pack(header))


class FakeBridge:
    """
    Answers as it is told to; remembers what it was asked.

    :param cameras: their names
    """

    def __init__(self, cameras=('',)):
        self.deliver = lambda packet: None
        self.cameras = list(cameras)
        self.node = True
        self.publishers = 1  # of each camera's pictures
        self.watched: set[str] = set()
        self.smooth: set[str] = set()
        self.kept = []  # what stands
        self.asked = []
        self.forgotten = []
        self.taught, self.lessons = [], []  # what was taught, and replies to give, in turn
        self.replies = []  # to give, in turn; the last one again and again

    def watch(self, cameras, smooth=()):
        self.watched, self.smooth = set(cameras) | set(smooth), set(smooth)

    def state(self):
        return {
            'node': self.node, 'name': NAME,
            'message': '' if self.node else f'the node {NAME} is not running',
            'kept': [dict(entry) for entry in self.kept if self.node],
            'cameras': [
                {'name': name, 'topic': f'/{name}/image'.replace('//', '/'),
                 'publishers': self.publishers}
                for name in self.cameras]}

    async def ask(self, question, picture=None):
        self.asked.append((question, picture))
        if not self.replies:
            return Reply(False, 'nothing is known here')
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if reply.success and question.keep:
            self.kept = [entry for entry in self.kept if entry['id'] != question.prompt.id]
            self.kept.append(question.describe())
        return reply

    async def teach(self, lesson, picture=None):
        self.taught.append((lesson, picture))
        return self.lessons.pop(0) if self.lessons else Reply(True, 'learned')

    async def forget(self, ids):
        self.forgotten.append(ids)
        self.kept = [entry for entry in self.kept if entry['id'] not in ids]
        return Reply(True)


class ModelBridge(FakeBridge):
    """Shows a photograph with FastSAM's segments, and answers prompts about it."""

    def __init__(self, model, photograph, still, rate=8.0):
        super().__init__()
        self._model, self._photograph, self._still, self._rate = model, photograph, still, rate
        self._scenes = {}
        self._prompts = {}
        threading.Thread(target=self._run, daemon=True).start()

    async def ask(self, question, picture=None):
        return await asyncio.to_thread(self._answer, question)

    async def forget(self, ids):
        for name in ids:
            self._prompts.pop(name, None)
        return await super().forget(ids)

    def _answer(self, question):
        scene = self._scenes.get(question.stamp)
        if scene is None:
            return Reply(False, 'no frame has that stamp: 30 are kept')
        try:
            segments = self._segments(scene, question.prompt)
        except FastSamError as error:
            return Reply(False, str(error))
        if question.keep:
            self._prompts[question.prompt.id] = question.prompt
            self.kept.append(question.describe())
        table, counts = columns(segments)
        return Reply(True, '', ({
            'id': question.prompt.id, 'camera': '', 'stamp': question.stamp, 'segments': table,
            'width': scene.width, 'height': scene.height}, counts))

    def _segments(self, scene, prompt):
        answer = scene.prompt(
            prompt.points, prompt.labels, prompt.box, prompt.text or None, prompt.selection)
        return [
            segment(runs, int(n) + 1, float(scene.scores[n]), prompt.id, float(score), label)
            for runs, n, score, label in zip(
                answer.run_lengths(), answer.indices, answer.scores, answer.labels)]

    def _run(self):
        count = 0
        while True:
            start = time.monotonic()
            if self.watched:
                self._step(count)
                count += 1
            time.sleep(max(0.0, 1 / self._rate - (time.monotonic() - start)))

    def _step(self, count):
        view = self._view(count)
        now = time.time_ns()
        stamp = divmod(now, 10**9)
        scene = self._model(view)
        self._scenes[stamp] = scene
        while len(self._scenes) > 30:
            self._scenes.pop(next(iter(self._scenes)))
        order = np.argsort(-scene.areas)
        segments = [
            segment(runs, int(n) + 1, float(scene.scores[n]))
            for runs, n in zip(scene.run_lengths(order), order)]
        picture = cv2.imencode('.jpg', view[..., ::-1])[1].tobytes()
        size = view.shape[1::-1]
        prompts = list(self._prompts.values())
        kept = [found for prompt in prompts for found in self._segments(scene, prompt)]
        if self._prompts:
            self.deliver(frame_packet('', stamp, b'', kept, size, 'prompted'))
        self.deliver(frame_packet('', stamp, picture, segments, size))

    def _view(self, count):
        if self._still:
            return self._photograph
        height, width = self._photograph.shape[:2]
        h, w = int(height * 0.85), int(width * 0.85)
        y = int((height - h) * (0.5 + 0.5 * np.sin(count / 40)))
        x = int((width - w) * (0.5 + 0.5 * np.cos(count / 31)))
        return np.ascontiguousarray(self._photograph[y : y + h, x : x + w])


def main():
    """Serve the page."""
    import skimage.data
    import uvicorn

    from fastsam_ros.fastsam import FastSam
    from fastsam_ros.web.application import make_application
    from fastsam_ros.web.session.hub import Hub

    parser = argparse.ArgumentParser()
    parser.add_argument('--port', type=int, default=8080)
    parser.add_argument('--still', action='store_true')
    parser.add_argument('--picture', default='coffee')
    parser.add_argument('--model', default='')
    options = parser.parse_args()
    path = Path(options.picture)
    if not path.exists():
        path = next(Path(skimage.data.__file__).parent.glob(f'{options.picture}.*'))
    bridge = ModelBridge(
        FastSam(options.model), cv2.imread(str(path))[..., ::-1].copy(), options.still)
    hub = Hub(bridge)
    bridge.deliver = hub.deliver
    uvicorn.run(make_application(hub), port=options.port, log_level='warning')


if __name__ == '__main__':
    sys.exit(main())
