# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A camera's depth, as messages; and transforms that a test knows."""

from __future__ import annotations

from types import SimpleNamespace

from graph import Mailbox, Spinner, header, wait_until
import numpy as np
import rclpy
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image, PointCloud2, PointField

from fastsam_ros.core.errors import DepthError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.ros.depth.camera import Seen, SpaceCamera
from fastsam_ros.ros.depth.subscriptions import Calibration
from fastsam_ros.ros.topics.conversions import to_array, to_image
from fastsam_ros.space.points import POINT
from fastsam_ros.space.transforms import Transform

WIDTH, HEIGHT, FOCAL = 128, 96, 100.0
OPTICAL = 'camera_optical_frame'
RELIABLE = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
SETTINGS = {'depth': True, 'target_frame': '', 'depth_slop': 0.02, 'depth_to_image': []}


class KnownTransforms:
    """Transforms from a table, and what was asked of it."""

    def __init__(self, **known: Transform) -> None:
        self.known, self.asked, self.forgotten = known, [], 0

    def lookup(self, target, source, stamp):
        self.asked.append((target, source, (stamp.sec, stamp.nanosec)))
        if f'{source}_to_{target}' not in self.known:
            raise DepthError(f'no transform from {source} to {target}')
        return self.known[f'{source}_to_{target}']

    def match(self):
        pass

    def forget(self):
        self.forgotten += 1

    def close(self):
        pass


class SpaceGraph:
    """A node with nothing but a camera in space, and a client beside it."""

    def __init__(self, number: int, transforms=None, **settings: object) -> None:
        self.transforms = transforms or KnownTransforms()
        self.node = rclpy.create_node('fastsam', namespace=f'/space{number}')
        self.client = rclpy.create_node('client', namespace=f'/space{number}')
        self.camera = SpaceCamera(self.node, '', {**SETTINGS, **settings}, self.transforms)
        self.camera.start('reliable')
        self._spinners = [Spinner(self.node, 2), Spinner(self.client, 2)]
        self._publishers = {}

    def close(self) -> None:
        self.camera.stop()
        for spinner in self._spinners:
            spinner.close()
        self.camera.close()
        self.node.destroy_node()
        self.client.destroy_node()

    def mailbox(self, kind: type, topic: str) -> Mailbox:
        mailbox = Mailbox()
        self.client.create_subscription(kind, f'fastsam/{topic}', mailbox.put, RELIABLE)
        name = f'{self.node.get_fully_qualified_name()}/{topic}'
        (publisher,) = [p for p in self.node.publishers if p.topic_name == name]
        wait_until(lambda: publisher.get_subscription_count() > 0)
        return mailbox

    def send(self, topic: str, message: object) -> None:
        if topic not in self._publishers:
            publisher = self.client.create_publisher(type(message), topic, RELIABLE)
            wait_until(lambda: publisher.get_subscription_count() > 0)
            self._publishers[topic] = publisher
        self._publishers[topic].publish(message)

    def send_info(self, **changes: object) -> None:
        """Calibrate the camera, and wait until the node knows."""
        before = known(self.camera.calibration)
        self.send('camera_info', make_info(**changes))
        wait_until(lambda: known(self.camera.calibration) is not before)

    def offer(self, stamp: tuple[int, int], *things, kind: str = '', **fields: object) -> None:
        """Segments of an image: x0, y0, x1, y1 of each."""
        segments = [make_segment(number, *box) for number, box in enumerate(things, 1)]
        seen = Seen(header(stamp), HEIGHT, WIDTH, segments, **fields)
        self.camera.offer(kind, seen)

    def report(self, condition) -> object:
        """What the camera reports, once that is so."""
        wait_until(lambda: condition(self.camera.report()))
        return self.camera.report()


def known(calibration: Calibration) -> CameraInfo | None:
    """Return the newest info; None when none has come."""
    try:
        return calibration.info
    except DepthError:
        return None


def make_segment(number: int, x0: int, y0: int, x1: int, y1: int, label: str = '') -> object:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[y0:y1, x0:x1] = True
    return SimpleNamespace(
        runs=RunLengths.from_mask(mask), id=number, score=0.5, label=label or f'thing {number}')


def make_info(width: int = WIDTH, height: int = HEIGHT, focal: float = FOCAL) -> CameraInfo:
    info = CameraInfo(header=header((1, 0)), width=width, height=height)
    info.k = [focal, 0.0, width / 2, 0.0, focal, height / 2, 0.0, 0.0, 1.0]
    info.d, info.distortion_model = [0.0] * 5, 'plumb_bob'
    return info


def make_depth(stamp: tuple[int, int], metres: np.ndarray | float, encoding: str = '16UC1',
               frame: str = OPTICAL) -> Image:
    metres = np.broadcast_to(np.asarray(metres, np.float32), (HEIGHT, WIDTH)) \
        if np.ndim(metres) == 0 else metres
    pixels = np.rint(metres * 1000).astype(np.uint16) if encoding == '16UC1' \
        else np.ascontiguousarray(metres, np.float32)
    return to_image(header(stamp, frame), pixels, encoding)


def make_cloud(stamp: tuple[int, int], points: np.ndarray, frame: str) -> PointCloud2:
    """A LiDAR's: x, y, z, intensity."""
    values = np.zeros((len(points), 4), np.float32)
    values[:, :3] = points
    message = PointCloud2(
        header=header(stamp, frame), height=1, width=len(points), point_step=16,
        row_step=16 * len(points), is_dense=True, fields=[
            PointField(name=name, offset=4 * n, datatype=PointField.FLOAT32, count=1)
            for n, name in enumerate(('x', 'y', 'z', 'intensity'))])
    message.data = to_array('B', values)
    return message


def read_cloud(message: PointCloud2) -> np.ndarray:
    """The points of one of the node's clouds, by the names that the message gives."""
    kind = np.dtype({
        'names': [field.name for field in message.fields],
        'formats': ['<u4' if field.name in ('rgb', 'label') else '<f4'
                    for field in message.fields],
        'offsets': [field.offset for field in message.fields],
        'itemsize': message.point_step})
    assert kind == POINT
    return np.frombuffer(message.data, kind)
