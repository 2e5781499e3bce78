# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node `fastsam`: wiring between ROS and the rest of this folder."""

from __future__ import annotations

import sys

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from fastsam_ros.core import PromptError
from fastsam_ros.core.images import keep_opencv_to_one_thread
from fastsam_ros.fastsam import FastSam
from fastsam_ros.ros import compat, diagnostics, parameters
from fastsam_ros.ros.callback_errors import describe, guarded, transition
from fastsam_ros.ros.inference.camera import Camera
from fastsam_ros.ros.inference.model import Engine
from fastsam_ros.ros.process import run
from fastsam_ros.ros.prompting.service import Services
from fastsam_ros.ros.topics.colour_conversion import find_colour_conversion
from fastsam_ros.ros.topics.image_subscription import Source

PERIOD = 1.0  # seconds between two diagnostics
# Those that may take long have groups of their own: three prompts, clear_prompts, transitions,
# autostart and diagnostics; what is left is for parameters and states. Images are apart.
THREADS = 8
_NEXT = {'unconfigured': 'configure', 'inactive': 'activate'}  # transition of each state
LIVE = ('confidence', 'iou', 'max_segments', 'image_size')  # settings that the model has too


class FastSamNode(LifecycleNode):
    """
    Segments the images of one or several cameras and answers prompts; see interfaces in README.

    :param name: of the node
    :raises ParameterError: when a parameter that was given is not allowed
    """

    def __init__(self, name: str = 'fastsam', **options) -> None:
        super().__init__(name, **options)
        self.logger = self.get_logger()
        self._model: FastSam | None = None
        self._engine: Engine | None = None
        self._cameras: dict[str, Camera] = {}
        self._state, self._error = 'unconfigured', ''
        compat.tame_transitions(self)
        self._settings = parameters.declare(self, self._on_changed)
        self._starting = self._settings['autostart']
        self._prompting = Services(
            self, self._settings, self._active, lambda: list(self._cameras.values()))
        # Where every node's diagnostics go (REP 107), so the one name that is absolute.
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self._every(PERIOD, self._on_tick)
        if self._starting:
            self._starter = self._every(0.01, self._autostart)

    def _every(self, seconds, callback):
        """A timer that goes on while simulated time stands still, in a group of its own."""
        return self.create_timer(
            seconds, callback, callback_group=MutuallyExclusiveCallbackGroup(),
            clock=Clock(clock_type=ClockType.STEADY_TIME))

    # Lifecycle

    @guarded
    def _autostart(self) -> None:
        self._starter.cancel()
        try:
            if self._state == 'unconfigured':
                self.trigger_configure()
            if self._state == 'inactive':
                self.trigger_activate()
        finally:
            self._starting = False

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load and warm the model; make the output topics."""
        self._state = 'configuring'
        try:
            self._load()
        except Exception as error:
            self.logger.error(describe(error))
            self._unload()
            self._error = str(error) or repr(error)
            self.logger.error(
                'the model could not be loaded: put it right, then call '
                f'`ros2 lifecycle set {self.get_fully_qualified_name()} configure`')
            return TransitionCallbackReturn.FAILURE
        return self._prepare(state)

    @transition
    def _prepare(self) -> None:
        names = self._settings['cameras'] or ['']
        cameras = {n: Camera(self, n, self._settings['history']) for n in names}
        for camera in cameras.values():
            camera.source = self._source(camera)
        self._cameras = cameras  # whole, because others look at it in their threads
        self._apply()
        self._state = 'inactive'

    @transition
    def on_activate(self) -> None:
        """Start."""
        self._engine = Engine(self._model, self._cameras, self._settings)
        for camera in self._cameras.values():
            camera.source.start(self._settings['image_reliability'])
        self._state = 'active'
        self.logger.info('active')

    @transition
    def on_deactivate(self) -> None:
        """Stop; the model stays loaded and standing prompts stay."""
        self._halt()

    @transition
    def on_cleanup(self) -> None:
        """Take the topics away and free the model's memory."""
        self._unload()

    @transition
    def on_shutdown(self) -> None:
        """Stop and free everything."""
        self._halt()
        self._unload()
        self._state = 'finalized'

    @transition
    def on_error(self) -> None:
        """Something went wrong in a transition: back to where it can be tried again."""
        self._halt()
        self._unload()

    def close(self) -> None:
        """Stop and take the node out of the graph; for who made it."""
        self._halt()
        self._unload()
        self.destroy_node()

    def _load(self) -> None:
        values, self._error = self._settings, ''
        matcher = None
        if values['text_model']:
            from fastsam_ros.text.matcher import load_text_model
            gates = ('min_area', 'overlap', 'max_candidates')
            matcher = load_text_model(
                values['text_model'], values['text_device'], values['text_threshold'],
                **{name: values[f'text_{name}'] for name in gates})
        conversion = find_colour_conversion()  # now, so that no frame waits for it
        if conversion.problem:
            self.logger.warning(f'{conversion.problem}: {conversion.name} converts images instead')
        options = ('device', 'precision', 'streams', 'trust', *LIVE)
        self._model = FastSam(
            values['model'], matcher=matcher, **{name: values[name] for name in options})
        self._apply()  # what was set while it was loaded
        self._model.warm_up()
        model = self._model
        self.logger.info(
            f'loaded {model.name}: {model.runtime} on {model.device} in {model.precision}')

    def _halt(self) -> None:
        with self._prompting.answering:  # a prompt in flight is answered first
            self._stop_all()

    def _stop_all(self) -> None:
        for camera in self._cameras.values():
            camera.source.stop()
        if self._engine is not None:
            self._engine.stop()
            self._engine = None
        for camera in self._cameras.values():
            camera.rest()
        self._state = 'inactive'

    def _unload(self) -> None:
        with self._prompting.answering:
            self._free_all()

    def _free_all(self) -> None:
        cameras, self._cameras = self._cameras, {}
        for camera in cameras.values():
            camera.outputs.close()
        if self._model is not None:
            self._model.close()
            self._model = None
        self._state = 'unconfigured'

    def _source(self, camera: Camera) -> Source:
        prefix = f'{camera.name}/' if camera.name else ''

        def receive(message) -> None:
            engine = self._engine
            if engine is not None:
                engine.receive(camera, message)

        return Source(self, prefix, self._settings['image_transport'], receive,
                      lambda times: camera.counters.count('lost', times))

    # Parameters

    def _on_changed(self, values: dict[str, object]) -> None:
        self._settings.update(values)
        self._apply()

    def _apply(self) -> None:
        """Give the settings that can change to those that work by them, if they are there."""
        model, values = self._model, self._settings
        if model is not None:
            for name in LIVE:
                setattr(model, name, values[name])
            if model.matcher is not None:
                model.matcher.threshold = values['text_threshold']
        for camera in list(self._cameras.values()):
            camera.history.resize(values['history'])

    def _active(self) -> Engine:
        engine = self._engine
        if engine is None:
            raise PromptError(self._why_inactive())
        return engine

    def _why_inactive(self) -> str:
        if self._starting or self._state == 'configuring':
            return ('the model is still being loaded: ask again; /diagnostics tells when the node '
                    'is active')
        if self._error:
            return f'the model could not be loaded: {self._error}'
        name, step = self.get_fully_qualified_name(), _NEXT.get(self._state, 'configure')
        return f'the node is {self._state}: call `ros2 lifecycle set {name} {step}`'

    # Diagnostics

    @guarded
    def _on_tick(self) -> None:
        name = self.get_fully_qualified_name()
        statuses = [diagnostics.model_status(name, self._state, self._model, self._error)]
        for camera in list(self._cameras.values()):
            camera.source.match(self._settings['image_reliability'])
            camera.source.explain_silence(camera.counters.received)
            camera.outputs.check()
            statuses.append(diagnostics.camera_status(
                name, camera.source.topic, camera.counters.report(), self._state == 'active',
                camera.source.publishers))
        self._diagnostics.publish(
            diagnostics.array(self.get_clock().now().to_msg(), statuses))


def main(arguments: list[str] | None = None) -> int:
    """Run the node until it is interrupted; see `running.run`."""
    keep_opencv_to_one_thread()
    return run('fastsam_node', FastSamNode, THREADS, arguments)


if __name__ == '__main__':
    sys.exit(main())
