# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One model that serves all cameras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import Condition

from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.backends.processing import Inference
from fastsam_ros.fastsam import FastSam
from fastsam_ros.ros.callback_errors import Refused, complain
from fastsam_ros.ros.inference.camera import Camera
from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.ros.inference.threads import STOP, Pipeline
from fastsam_ros.ros.inference.warm_up import WarmUp
from fastsam_ros.ros.topics.result import Result
from fastsam_ros.ros.worker import NewestWorker
from fastsam_ros.srv import Prompt

# Frames by camera, and what the network said of each.
Batch = tuple[dict[str, Frame], list[Inference]]


class Engine:
    """
    Frames in, results out, while it runs.

    :param model: the network
    :param cameras: by their names
    """

    def __init__(self, model: FastSam, cameras: Mapping[str, Camera]) -> None:
        self._model, self._cameras = model, cameras
        self._warm_up = WarmUp(model, len(cameras))
        # What may be slow, of each camera for itself, so that none holds up another.
        self._words = {name: self._worker('words', name) for name in cameras}
        self._overlays = {name: self._worker('overlay', name) for name in cameras}
        self._tracked = {name: self._worker('tracked', name) for name in cameras}
        self._users = 0
        self._open = True
        self._left = Condition()
        self._pipeline = Pipeline(
            self._infer, self._publish, self._drop, self._fail, model.streams, model.batches)

    def _worker(self, work: str, camera: str) -> NewestWorker:
        return NewestWorker(f'fastsam-{work}-{camera}', self._fail)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """
        Keep the model loaded for who answers a request.

        :raises Refused: when the engine was stopped
        """
        with self._left:
            if not self._open:
                raise Refused(Prompt.Response.NOT_READY, (
                    'the node was deactivated meanwhile, or is inactive: ask again once it is '
                    'active'))
            self._users += 1
        try:
            yield
        finally:
            with self._left:
                self._users -= 1
                self._left.notify_all()

    def stop(self) -> bool:
        """
        End the work; requests in flight are answered first, and nothing more is published.

        :return: whether the network is idle; False when it does not come back
        """
        with self._left:
            self._open = False
            answered = self._left.wait_for(lambda: not self._users, STOP)
        workers = [
            worker for kind in (self._words, self._overlays, self._tracked)
            for worker in kind.values()]
        for worker in workers:
            worker.end()
        ended = [self._pipeline.stop(), *(worker.stop() for worker in workers)]
        return answered and all(ended)

    @property
    def waiting(self) -> int:
        """Cameras whose newest frame waits for the network."""
        return self._pipeline.waiting

    def receive(self, camera: Camera, message: Image | CompressedImage) -> None:
        """Take an image; the network sees it when it is free and somebody wants to know."""
        frame = camera.receive(message)
        if frame is None:
            return
        if camera.is_streaming() and camera.may_run():
            self._pipeline.offer(camera.name, frame)
        else:
            frame.settled.set()
        if camera.wants_tracked():
            replaced = self._tracked[camera.name].offer(partial(camera.track, frame))
            camera.counters.count('untracked', int(replaced))

    def segmented(self, camera: Camera, frame: Frame) -> Result:
        """
        A frame's result; the network runs now if it has not seen the frame.

        :raises ImageError: when the message cannot be read
        :raises BackendError: when the network fails
        """
        result = frame.segmented(self._model, partial(camera.identify, frame))
        if frame.session >= 0:
            camera.history.segmented(frame)
        return result

    def camera(self, name: str) -> Camera:
        """
        One of the cameras.

        :param name: '' for the only or first one
        :raises Refused: when there is none of that name
        """
        if not name:
            return next(iter(self._cameras.values()))
        if name not in self._cameras:
            raise no_such_camera(name, self._cameras)
        return self._cameras[name]

    def _infer(self, frames: dict[str, Frame]) -> Batch | None:
        readable = {name: f for name, f in frames.items() if self._is_readable(name, f)}
        if not readable:
            return None
        try:
            pictures = [frame.picture() for frame in readable.values()]
            self._warm_up(pictures)
            return readable, self._model.infer(pictures)
        except Exception as error:
            self._give_up(readable, error)
            return None

    def _is_readable(self, name: str, frame: Frame) -> bool:
        try:
            frame.picture()
        except Exception as error:
            self._cameras[name].fail(frame, error)
            return False
        return True

    def _publish(self, batch: Batch) -> None:
        frames, inferences = batch
        try:
            scenes = self._model.scenes(inferences)
        except Exception as error:
            self._give_up(frames, error)
            return
        shown = []
        for (name, frame), scene in zip(frames.items(), scenes):
            camera = self._cameras[name]
            try:
                shown.append((camera, frame, camera.process(frame, scene)))
            except Exception as error:
                camera.fail(frame, error)
        for camera, frame, result in shown:  # after what everybody waits for, of all cameras
            try:
                self._respond(camera, frame, result)
            except Exception as error:
                camera.fail(frame, error)

    def _respond(self, camera: Camera, frame: Frame, result: Result) -> None:
        """Say how what stands stands; texts and painting go to threads of their own."""
        statuses = camera.statuses(frame, result)
        camera.place(frame, result, statuses)
        if camera.standing.words():
            self._words[camera.name].offer(partial(camera.ask_words, frame))
        if camera.publishers.wants_pictures():
            self._overlays[camera.name].offer(partial(camera.paint, frame, result, statuses))
        camera.count(frame, result)

    def _give_up(self, frames: Mapping[str, Frame], error: Exception) -> None:
        for name, frame in frames.items():
            self._cameras[name].fail(frame, error)

    def _drop(self, name: str, frame: Frame) -> None:
        self._cameras[name].drop(frame)

    def _fail(self, error: Exception) -> None:
        complain(next(iter(self._cameras.values())).logger, error)


def no_such_camera(name: str, cameras: Mapping[str, Camera]) -> Refused:
    """What to say about a camera that is not there."""
    known = ', '.join(filter(None, cameras))
    return Refused(Prompt.Response.NO_CAMERA, f'there is no camera {name!r}: ' + (
        f'there are {known}' if known
        else 'this node has one without a name, so leave camera empty'))
