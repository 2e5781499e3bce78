# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One model that serves all cameras."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.backends.processing import Inference
from fastsam_ros.core import PromptError
from fastsam_ros.fastsam import FastSam
from fastsam_ros.ros.callback_errors import complain
from fastsam_ros.ros.inference.camera import Camera
from fastsam_ros.ros.inference.frames import Frame, Segments
from fastsam_ros.ros.inference.newest import Latest
from fastsam_ros.ros.inference.threads import Pipeline
from fastsam_ros.ros.topics.conversions import to_rgb
from fastsam_ros.ros.topics.publishers import Result


@dataclass(frozen=True, eq=False)
class Batch:
    """Frames of several cameras on their way through the network."""

    cameras: list[Camera]
    frames: list[Frame]
    pictures: list[np.ndarray]
    inferences: list[Inference] | None = None


class Engine:
    """
    Frames in, results out, while it runs.

    :param model: the network
    :param cameras: by their names
    :param settings: the node's parameters, always up to date
    """

    def __init__(
        self, model: FastSam, cameras: dict[str, Camera], settings: dict[str, object]
    ) -> None:
        self._model, self._cameras, self._settings = model, cameras, settings
        # Texts and overlays: each camera for itself, so that none holds up another.
        self._slow = {name: Latest(f'fastsam-slow-{name}', self._fail) for name in cameras}
        self._pipeline = Pipeline(
            self._infer, self._publish, self._drop, self._fail, model.streams, model.batches)

    def stop(self) -> None:
        """End the work; returns when the network is idle and nothing more is published."""
        for worker in self._slow.values():
            worker.end()
        self._pipeline.stop()
        for worker in self._slow.values():
            worker.stop()

    def receive(self, camera: Camera, message: Image | CompressedImage) -> None:
        """Take an image; the network sees it when it is free and somebody wants to know."""
        frame = Frame(message)
        camera.counters.image()
        camera.history.add(frame)
        if self._settings['mode'] == 'everything' or camera.expects_answers():
            self._pipeline.offer(camera.name, frame)
        else:
            frame.settled.set()

    def found(self, camera: Camera, frame: Frame) -> Segments:
        """
        A frame's segments; the network runs now if it has not seen the frame.

        :raises ImageError: when the message cannot be read
        :raises BackendError: when the network fails
        """
        on_demand = self._settings['mode'] == 'on_demand'
        segments = frame.found(self._model, partial(
            camera.number, frame, self._settings['tracking'], on_demand))
        if not frame.foreign:
            camera.history.processed(frame)
        return segments

    def camera(self, name: str) -> Camera:
        """
        One of the cameras.

        :param name: '' for the only or first one
        :raises PromptError: when there is none of that name
        """
        if not name:
            return next(iter(self._cameras.values()))
        if name not in self._cameras:
            known = ', '.join(filter(None, self._cameras))
            raise PromptError(
                f'there is no camera {name!r}: ' + (f'there are {known}' if known else (
                    'this node has one without a name, so leave camera empty')))
        return self._cameras[name]

    def _infer(self, frames: dict[str, Frame]) -> Batch | None:
        batch = self._readable(frames)
        if not batch.frames:
            return None
        try:
            inferences = self._model.infer(batch.pictures)
        except Exception as error:
            self._give_up(batch, error)
            return None
        return Batch(batch.cameras, batch.frames, batch.pictures, inferences)

    def _readable(self, frames: dict[str, Frame]) -> Batch:
        batch = Batch([], [], [])
        for name, frame in frames.items():
            camera = self._cameras[name]
            try:
                picture = to_rgb(frame.message)
            except Exception as error:
                camera.fail(frame, error)
                continue
            batch.cameras.append(camera)
            batch.frames.append(frame)
            batch.pictures.append(picture)
        return batch

    def _publish(self, batch: Batch) -> None:
        try:
            scenes = self._model.scenes(batch.inferences)
        except Exception as error:
            self._give_up(batch, error)
            return
        shown = []
        for camera, frame, scene, picture in zip(
                batch.cameras, batch.frames, scenes, batch.pictures):
            try:
                result = camera.process(frame, scene, self._settings['tracking'])
                shown.append((camera, frame, result, picture))
            except Exception as error:
                camera.fail(frame, error)
        self._respond(shown)

    def _respond(self, shown: list[tuple[Camera, Frame, Result, np.ndarray]]) -> None:
        """Answer what stands, after what everybody waits for: the segments of all cameras."""
        for camera, frame, result, picture in shown:
            try:
                camera.respond(frame, result, picture, self._slow[camera.name].offer)
            except Exception as error:
                camera.fail(frame, error)

    def _give_up(self, batch: Batch, error: Exception) -> None:
        for camera, frame in zip(batch.cameras, batch.frames):
            camera.fail(frame, error)

    def _drop(self, name: str, frame: Frame) -> None:
        self._cameras[name].drop(frame)

    def _fail(self, error: Exception) -> None:
        complain(next(iter(self._cameras.values())).logger, error)
