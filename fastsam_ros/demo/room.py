# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A room for the demo: a table with things of known size, seen by a camera with depth that moves.

It is made by casting a ray through each pixel, with textures and light from a formula, so that
anybody sees clouds, markers and boxes without a camera, and can check them: `THINGS` says what
stands where. The room's frame has z up; its origin is on the floor below the middle of the table.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import cv2
import numpy as np

from fastsam_ros.space.camera_model import CameraModel
from fastsam_ros.space.transforms import Transform

TURN = 16.0  # seconds until the camera is where it began
STEPS = 160  # places of the camera on its way; each is made once, and kept compressed
LIGHT = np.array([-0.4, -0.5, 0.77], np.float32)  # where it comes from
FOCAL = 0.9  # focal length, of the image's width
FAST = (cv2.IMWRITE_PNG_COMPRESSION, 1)
NOISE = 0.0015  # standard deviation of the depth, of its square, as a stereo camera's


@dataclass(frozen=True)
class Solid:
    """
    A box, or a ball in it.

    :param name: what it is
    :param centre: x, y, z in the room, metres
    :param size: along its own axes, metres; of a ball all the same
    :param colour: red, green, blue, 0 to 255
    :param yaw: about z, degrees
    :param texture: how it is patterned
    """

    name: str
    centre: tuple[float, float, float]
    size: tuple[float, float, float]
    colour: tuple[int, int, int]
    yaw: float = 0.0
    texture: str = 'plain'


TABLE = 0.72  # height of its top, metres
THINGS = (
    Solid('red box', (-0.35, -0.1, TABLE + 0.1), (0.3, 0.2, 0.2), (196, 44, 38), 25, 'stripes'),
    Solid('blue box', (0.3, 0.15, TABLE + 0.16), (0.16, 0.24, 0.32), (38, 82, 170), -15, 'checks'),
    Solid('yellow ball', (0.02, -0.2, TABLE + 0.11), (0.22, 0.22, 0.22), (226, 184, 40)),
    Solid('green ball', (0.42, -0.22, TABLE + 0.07), (0.14, 0.14, 0.14), (70, 150, 62)),
    Solid('white box', (-0.05, 0.25, TABLE + 0.05), (0.26, 0.18, 0.1), (228, 226, 218), 5),
)
ROOM = (
    Solid('table', (0, 0, TABLE - 0.03), (1.5, 0.9, 0.06), (150, 106, 66), 0, 'wood'),
    *(Solid('leg', (x, y, (TABLE - 0.06) / 2), (0.06, 0.06, TABLE - 0.06), (110, 76, 48))
      for x in (-0.66, 0.66) for y in (-0.38, 0.38)),
    Solid('chest', (-1.3, 1.5, 0.5), (0.8, 0.5, 1.0), (96, 120, 132), 0, 'stripes'),
    Solid('pillar', (1.4, 1.4, 1.25), (0.3, 0.3, 2.5), (176, 160, 140), 30),
)

WALLS = Solid('walls', (0, -0.35, 1.25), (5.6, 5.0, 2.5), (200, 194, 184))  # seen from inside
FLOOR = (120, 116, 110)


def camera_of(width: int, height: int) -> CameraModel:
    """The camera of an image of that size; it has no distortion."""
    focal = FOCAL * width
    return CameraModel(width, height, (focal, focal), ((width - 1) / 2, (height - 1) / 2))


def pose_at(seconds: float) -> Transform:
    """
    Where the camera is.

    :return: from its optical frame to the room's
    """
    angle = 2 * math.pi * seconds / TURN
    place = np.array([0.75 * math.sin(angle), -1.75 + 0.15 * math.cos(2 * angle),
                      1.45 + 0.12 * math.sin(2 * angle)])
    forward = np.array([0.0, 0.05, TABLE + 0.02]) - place
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0, 1])
    right /= np.linalg.norm(right)
    return Transform(np.stack([right, np.cross(forward, right), forward], axis=1), place)


class Room:
    """
    What the camera sees.

    :param width: of the view, pixels
    :param height: of the view, pixels
    """

    def __init__(self, width: int, height: int) -> None:
        self.camera = camera_of(width, height)
        self._made: dict[int, tuple[bytes, bytes]] = {}

    def pose(self, seconds: float) -> Transform:
        """Where the camera is when it takes the picture of a time."""
        return pose_at(_step(seconds) * TURN / STEPS)

    def __call__(self, seconds: float) -> tuple[np.ndarray, np.ndarray]:
        """
        Picture and depth at a time.

        :return: (H, W, 3) uint8 RGB, and (H, W) uint16 millimetres, 0 where nothing is measured
        """
        step = _step(seconds)
        if step not in self._made:
            self._made[step] = self._make(step)
        picture, depth = (np.frombuffer(data, np.uint8) for data in self._made[step])
        return (cv2.imdecode(picture, cv2.IMREAD_COLOR)[..., ::-1],
                cv2.imdecode(depth, cv2.IMREAD_UNCHANGED))

    def _make(self, step: int) -> tuple[bytes, bytes]:
        picture, depth = render((*THINGS, *ROOM), self.camera, pose_at(step * TURN / STEPS))
        measured = measure(depth, np.random.default_rng(step))
        return tuple(cv2.imencode('.png', pixels, FAST)[1].tobytes()
                     for pixels in (picture[..., ::-1], measured))


def _step(seconds: float) -> int:
    return int(seconds % TURN / TURN * STEPS)


def measure(depth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """
    What a depth camera makes of it: noise that grows with the distance, and holes.

    :param depth: (H, W) float32, metres
    :return: (H, W) uint16, millimetres
    """
    noisy = depth + rng.normal(0, NOISE, depth.shape) * depth**2
    noisy[rng.random(depth.shape) < 0.02] = 0
    return np.rint(noisy * 1000).clip(0, 65534).astype(np.uint16)


def render(
    solids: tuple[Solid, ...], camera: CameraModel, pose: Transform
) -> tuple[np.ndarray, np.ndarray]:
    """
    Cast a ray through each pixel.

    :param solids: what there is to hit
    :param camera: whose pixels they are
    :param pose: from its optical frame to the room's
    :return: (H, W, 3) uint8 RGB, and (H, W) float32 metres along the optical axis
    """
    rays = np.stack([*camera.rays(), np.ones((camera.height, camera.width), np.float32)], axis=-1)
    rays = rays @ pose.rotation.T.astype(np.float32)
    depth = _hit_box(WALLS.size, _seen_from(WALLS, pose), rays)[1]
    colour = _shade(WALLS, _seen_from(WALLS, pose) + rays * depth[..., None])
    for solid in solids:
        window = _window(solid, camera, pose)
        own, origin = rays[window] @ _turn(solid), _seen_from(solid, pose)
        hit = _hit_ball if 'ball' in solid.name else _hit_box
        distance = hit(solid.size, origin, own)[0]
        nearer = distance < depth[window]
        depth[window][nearer] = distance[nearer]
        colour[window][nearer] = _shade(solid, origin + own[nearer] * distance[nearer, None])
    return colour.clip(0, 255).astype(np.uint8), depth


def _turn(solid: Solid) -> np.ndarray:
    """From the solid's frame to the room's: (3, 3) float32."""
    cos, sin = math.cos(math.radians(solid.yaw)), math.sin(math.radians(solid.yaw))
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]], np.float32)


def _seen_from(solid: Solid, pose: Transform) -> np.ndarray:
    """Where the camera is in the solid's frame: (3,) float32."""
    return _turn(solid).T @ (pose.translation - solid.centre).astype(np.float32)


def _window(solid: Solid, camera: CameraModel, pose: Transform) -> tuple[slice, slice]:
    """Rows and columns in which a solid may be seen."""
    corners = np.array(np.meshgrid(*((-side / 2, side / 2) for side in solid.size)))
    placed = corners.reshape(3, -1).T @ _turn(solid).T + solid.centre
    columns, rows = camera.project(pose.inverse()(placed))
    if not np.isfinite(columns).all():  # partly behind the camera
        return slice(None), slice(None)
    return tuple(
        slice(max(int(v.min()) - 1, 0), max(int(v.max()) + 2, 0)) for v in (rows, columns))


def _hit_box(
    size: tuple, origin: np.ndarray, rays: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How far along rays a box begins, infinite for those that miss it, and where it ends."""
    near = np.full(rays.shape[:-1], -np.inf, np.float32)
    far = np.full(rays.shape[:-1], np.inf, np.float32)
    with np.errstate(divide='ignore', invalid='ignore'):
        for axis in range(3):
            inverse = 1 / rays[..., axis]
            one = np.float32(-size[axis] / 2 - origin[axis]) * inverse
            other = np.float32(size[axis] / 2 - origin[axis]) * inverse
            near = np.maximum(near, np.minimum(one, other))
            far = np.minimum(far, np.maximum(one, other))
    return np.where((near <= far) & (near > 0), near, np.float32(np.inf)), far


def _hit_ball(
    size: tuple, origin: np.ndarray, rays: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The same for a ball."""
    a, b = np.square(rays).sum(axis=-1), rays @ origin
    root = b * b - a * np.float32(origin @ origin - (size[0] / 2) ** 2)
    with np.errstate(invalid='ignore'):
        near, far = (-b - np.sqrt(root)) / a, (-b + np.sqrt(root)) / a
    return np.where(root >= 0, near, np.float32(np.inf)), far


def _shade(solid: Solid, where: np.ndarray) -> np.ndarray:
    """
    Colours of places on a solid.

    :param where: (..., 3) float32, in its own frame
    :return: (..., 3) float32
    """
    scaled = where / (np.array(solid.size, np.float32) / 2)
    towards = _turn(solid).T @ LIGHT
    if 'ball' in solid.name:
        light = scaled @ towards
    else:
        side = np.abs(scaled).argmax(axis=-1)
        light = towards[side] * np.sign(np.take_along_axis(scaled, side[..., None], -1)[..., 0])
    brightness = (0.55 + 0.45 * np.abs(light)) * _pattern(solid.texture, where)
    colours = np.array(solid.colour, np.float32)
    if solid is WALLS:
        ground = scaled[..., 2] < -0.999
        tiles = 1 - 0.15 * ((np.floor(where[..., 0] / 0.5) + np.floor(where[..., 1] / 0.5)) % 2)
        brightness = np.where(ground, brightness * tiles, brightness)
        colours = np.where(ground[..., None], np.array(FLOOR, np.float32), colours)
    return colours * brightness[..., None]


def _pattern(texture: str, where: np.ndarray) -> np.ndarray:
    """How bright a texture is at places in a solid's own frame, about 1."""
    x, y, z = np.moveaxis(where, -1, 0)
    if texture == 'stripes':
        return 1 - 0.25 * (np.floor((x + y + z) / 0.05) % 2)
    if texture == 'checks':
        return 1 - 0.2 * ((np.floor(x / 0.04) + np.floor(y / 0.04) + np.floor(z / 0.04)) % 2)
    if texture == 'wood':
        return 1 - 0.1 * np.sin(60 * y + 3 * np.sin(4 * x)) ** 2
    return 1 - 0.04 * np.sin(7 * x + 3 * z) * np.sin(5 * y - 2 * z)
