# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The node `fastsam`: wiring between ROS and the rest of this folder."""

from __future__ import annotations

if __name__ == '__main__':  # what follows takes a second to import
    from fastsam_ros.early_interrupt import leave_quietly
    leave_quietly()

from collections.abc import Iterator
import sys

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rclpy.lifecycle.node import LifecycleNodeMixin
from rclpy.node import Node

from fastsam_ros.core.images import keep_opencv_to_one_thread
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.tracker import CANDIDATES
from fastsam_ros.msg import PromptStatus
from fastsam_ros.ros import diagnostics, parameters
from fastsam_ros.ros.callback_errors import Refused, describe, guarded, transition
from fastsam_ros.ros.callback_groups import LifecycleServices
from fastsam_ros.ros.depth.transforms import NoTransforms, Transforms, open_transforms
from fastsam_ros.ros.inference.camera import Camera
from fastsam_ros.ros.inference.engine import Engine
from fastsam_ros.ros.inference.loading import apply_settings, load_model
from fastsam_ros.ros.process import run
from fastsam_ros.ros.prompting.boxes import BoxSubscription
from fastsam_ros.ros.prompting.clicks import Clicks
from fastsam_ros.ros.prompting.service import REQUESTS, Services
from fastsam_ros.ros.prompting.status_board import StatusBoard
from fastsam_ros.ros.topics import messages
from fastsam_ros.ros.topics.colour_conversion import find_colour_conversion
from fastsam_ros.ros.topics.image_subscription import ImageSubscription
from fastsam_ros.srv import Prompt

PERIOD = 1.0  # seconds between two diagnostics
# For all that may take long, images apart. One is made when it is needed, so mostly there are few.
THREADS = REQUESTS + 10
_NEXT = {'unconfigured': 'configure', 'inactive': 'activate'}  # transition of each state


class FastSamNode(LifecycleNodeMixin, Node):
    """
    Segments the images of one or several cameras and answers prompts; see interfaces in README.

    :param name: of the node
    :raises ParameterError: when a parameter that was given is not allowed
    """

    def __init__(self, name: str = 'fastsam', **options) -> None:
        Node.__init__(self, name, **options)
        LifecycleNodeMixin.__init__(self, callback_group=LifecycleServices(self.get_logger()))
        self.logger = self.get_logger()
        self.model: FastSam | None = None
        self.engine: Engine | None = None
        self.cameras: dict[str, Camera] = {}
        self.state, self.error = 'unconfigured', ''
        self._transforms: Transforms = NoTransforms()
        self.settings = parameters.declare(
            self, self._on_changed, lambda: self.state != 'unconfigured')
        self._starting = self.settings['autostart']
        self._board = StatusBoard(self, self._statuses)
        self._prompting = Services(
            self, self.settings, self._active, lambda: self.cameras, lambda: self.model)
        self._boxes: dict[str, BoxSubscription] = {}
        self._clicks = Clicks(
            self, self.settings, self._active, lambda: self.cameras, self._board.changed)
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
            if self.state == 'unconfigured':
                self.trigger_configure()
            if self.state == 'inactive':
                self.trigger_activate()
        finally:
            self._starting = False

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load and warm the model; make the output topics."""
        self.state = 'configuring'
        try:
            self._load()
        except Exception as error:
            self.logger.error(describe(error))
            self._unload()
            self.error = f'the model could not be loaded: {str(error) or repr(error)}'
            self.logger.error(
                'put it right (parameters can be set now), then call '
                f'`ros2 lifecycle set {self.get_fully_qualified_name()} configure`')
            return TransitionCallbackReturn.FAILURE
        return self._prepare(state)

    @transition
    def _prepare(self) -> None:
        cameras: dict[str, Camera] = {}
        self._transforms = open_transforms(self, always=self.settings['depth'])
        try:
            for name in self.settings['cameras'] or ['']:
                cameras[name] = Camera(
                    self, name, self.settings, self._on_prompts_changed, self._transforms)
                cameras[name].subscription = self._subscription(cameras[name])
                self._boxes[name] = BoxSubscription(
                    self, cameras[name], self.settings, self._active)
        except Exception:
            _close(cameras)
            raise
        self.cameras = cameras  # whole, because others look at it in their threads
        self._apply()
        self._prompting.show_names()
        self.state = 'inactive'
        self._board.publish()

    @transition
    def on_activate(self) -> None:
        """Start."""
        self.engine = Engine(self.model, self.cameras)
        for listener in (*self.cameras.values(), *self._boxes.values()):
            listener.start()
        self._clicks.start()
        self.state, self.error = 'active', ''
        self.logger.info('active')

    @transition
    def on_deactivate(self) -> None:
        """Stop; the model stays loaded and standing prompts stay."""
        if not self._halt():
            raise RuntimeError('the network does not come back: the node cleans up, and the model '
                               'is freed when it does')

    @transition
    def on_cleanup(self) -> None:
        """Take the topics away and free the model's memory."""
        self._unload()

    @transition
    def on_shutdown(self) -> None:
        """Stop and free everything."""
        self._halt()
        self._unload()
        self.state = 'finalized'

    @transition
    def on_error(self) -> None:
        """Something went wrong in a transition: back to where it can be tried again."""
        self._halt()
        self._unload()

    def close(self) -> None:
        """Stop and take the node out of the graph; for who made it."""
        self._halt()
        self._unload()
        self._board.close()
        self.destroy_node()

    def _load(self) -> None:
        self.error = ''
        conversion = find_colour_conversion()  # now, so that no frame waits for it
        if conversion.problem:
            self.logger.warning(f'{conversion.problem}: {conversion.name} converts images instead')
        self.model = load_model(FastSam, self.settings)
        self._apply()  # what was set while it was loaded
        self.model.warm_up()
        model = self.model
        self.logger.info(
            f'loaded {model.name}: {model.runtime} on {model.device} in {model.precision}')

    def _halt(self) -> bool:
        """Stop what runs; False when the network does not end, which then keeps its model."""
        self._clicks.stop()
        for listener in (*self._boxes.values(), *self.cameras.values()):
            listener.stop()
        engine, self.engine = self.engine, None
        ended = engine is None or engine.stop()
        if not ended:
            self.logger.error('the network does not come back; its model is left to it')
            self.model = None
        for camera in self.cameras.values():
            camera.pause()
        self.state = 'inactive'
        return ended

    def _unload(self) -> None:
        cameras, self.cameras, self._boxes = self.cameras, {}, {}
        _close(cameras)
        self._transforms.close()
        model, self.model = self.model, None
        if model is not None:
            model.close()
        self.state = 'unconfigured'
        self._prompting.show_names()
        self._board.publish()

    def _subscription(self, camera: Camera) -> ImageSubscription:
        prefix = f'{camera.name}/' if camera.name else ''

        def receive(message) -> None:
            engine = self.engine
            if engine is not None:
                engine.receive(camera, message)

        return ImageSubscription(
            self, prefix, self.settings['image_transport'], receive,
            lambda times: camera.counters.count('lost', times))

    # Parameters

    def _on_changed(self, values: dict[str, object]) -> None:
        self.settings.update(values)
        self._apply()

    def _apply(self) -> None:
        """Give the settings that can change to those that work by them, if they are there."""
        if self.model is not None:
            apply_settings(self.model, self.settings)
        for camera in list(self.cameras.values()):
            camera.apply()

    # Prompts

    def _on_prompts_changed(self) -> None:
        """Look for what is followed among less sure segments too, as long as anything is."""
        model = self.model
        if model is not None:
            stand = any(len(camera.standing) for camera in self.cameras.values())
            model.candidates = CANDIDATES if stand else None
        self._board.changed()

    def _active(self) -> Engine:
        engine = self.engine
        if engine is None:
            raise Refused(Prompt.Response.NOT_READY, self._why_inactive())
        return engine

    def _why_inactive(self) -> str:
        if self._starting or self.state == 'configuring':
            return ('the model is still being loaded: ask again; /diagnostics tells when the node '
                    'is active')
        name, step = self.get_fully_qualified_name(), _NEXT.get(self.state, 'configure')
        advice = f'call `ros2 lifecycle set {name} {step}`'
        return f'{self.error}; {advice}' if self.error else f'the node is {self.state}: {advice}'

    def _statuses(self) -> Iterator[PromptStatus]:
        for name, camera in self.cameras.items():
            yield from self._clicks.explain(name, (
                messages.status_message(name, prompt.status, prompt.messages)
                for prompt in camera.standing.all()))

    # Diagnostics

    @guarded
    def _on_tick(self) -> None:
        self._prompting.show_names()  # another program may have taught a word
        name = self.get_fully_qualified_name()
        statuses = [diagnostics.model_status(name, self.state, self.model, self.error)]
        for camera in list(self.cameras.values()):
            camera.look_around()
            if self.engine is not None:
                self._boxes[camera.name].match()
            statuses.append(diagnostics.camera_status(name, camera, self.state == 'active'))
        self._diagnostics.publish(diagnostics.array(self.get_clock().now().to_msg(), statuses))


def _close(cameras: dict[str, Camera]) -> None:
    for camera in cameras.values():
        camera.close()


def main(arguments: list[str] | None = None) -> int:
    """Run the node until it is interrupted; see `fastsam_ros.ros.process.run`."""
    keep_opencv_to_one_thread()
    return run('fastsam_node', FastSamNode, THREADS, arguments)


if __name__ == '__main__':
    sys.exit(main())
