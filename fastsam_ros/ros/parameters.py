# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The node's parameters: each is written once, here, with type, default, range and description.

`config/fastsam.yaml` repeats the defaults for people; a test holds the two equal.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping
from dataclasses import replace
import difflib

from rcl_interfaces.msg import SetParametersResult
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter

from fastsam_ros.core import ParameterError
from fastsam_ros.ros import compat
from fastsam_ros.ros.declared import Declared

POSE = 7  # x y z qx qy qz qw
DEPTH_TO_IMAGE = 'depth_to_image'
PARAMETERS = (
    Declared('model', '', fixed=True, description=(
        'The network. Empty: the one that ships; else the name of a published model such as '
        'FastSAM-s.pt (bring it with `fastsam models get`), or a path to a .onnx, .xml, .pt, '
        '.safetensors, .torchscript or .engine file')),
    Declared('trust', False, fixed=True, description=(
        'Load a .pt file although its SHA-256 is not that of a published FastSAM checkpoint: '
        'such a file can run any code while it is loaded')),
    Declared('device', 'auto', fixed=True, description=(
        "Where the network runs: auto, cpu, cuda, cuda:1, or a name of the runtime's own")),
    Declared('precision', 'auto', choices=('auto', 'fp32', 'fp16', 'bf16', 'int8'), fixed=True,
             description='What the network computes in; auto: the fastest that is exact enough'),
    Declared('streams', 0, low=0, high=16, fixed=True, description=(
        'Inferences that run side by side, each on its share of the cores (OpenVINO): more give '
        'more frames a second, one gives its frame sooner; 0: 2 on up to four cores, else 1')),
    Declared('image_size', 640, low=64, high=4096, step=32, description=(
        "Longer side of the network's input, pixels: larger finds smaller things and costs more")),
    Declared('confidence', 0.4, low=0.0, high=1.0, description=(
        'Segments that the network is less sure of than this are dropped')),
    Declared('iou', 0.9, low=0.0, high=1.0, description=(
        'Of two segments whose boxes overlap more than this the less sure one is dropped')),
    Declared('apart', 'auto', choices=('auto', 'always', 'never'), description=(
        'Compare masks too where iou is below 0.9: what shares a box, but not a mask, stays with '
        'half of its score; auto: as with clean')),
    Declared('max_segments', 300, low=1, high=10000, description=(
        'At most so many segments an image, the surest')),
    Declared('similar_threshold', 0.6, low=0.0, high=1.0, description=(
        'Likeness from which a segment is similar to the one that was pointed at (SIMILAR)')),
    Declared('clean', 'auto', choices=('auto', 'always', 'never'), description=(
        'Take specks and holes out of masks; auto: where the model says so, as the one that ships '
        'does')),
    Declared('grow', 'auto', choices=('auto', 'always', 'never'), description=(
        'Grow boxes of large regions, let masks fade beyond boxes; auto: as with clean')),
    Declared('refine', False, description=(
        'Masks that are asked for follow the edges in the image')),
    Declared('mode', 'auto', choices=('auto', 'everything'), description=(
        'auto: run the network on every frame while a prompt stands or an output made of all '
        'segments has a subscriber, else only for frames asked about; everything: always')),
    Declared('max_rate', 0.0, low=0.0, high=1000.0, description=(
        'Frames a second of each camera that the network sees at most; 0: no limit. Requests and '
        "detectors' boxes are not bound by it")),
    Declared('cameras', [], fixed=True, description=(
        'Names of several cameras, for example [front, rear]: inputs are then front/image, '
        'rear/image and outputs ~/front/..., ~/rear/...; empty: one camera without a name')),
    Declared('image_transport', 'raw', choices=('raw', 'compressed'), fixed=True, description=(
        'raw: subscribe to image; compressed: to image/compressed (JPEG or PNG)')),
    Declared('image_reliability', 'auto', choices=('auto', 'reliable', 'best_effort'),
             description="Reliability of the image subscription; auto: matches the publisher's"),
    Declared('history', 30, low=1, high=1000, description=(
        'Frames kept for each camera, so that a prompt can name one by its stamp: so many of the '
        'last that came, and so many of the last that were segmented')),
    Declared('history_mb', 256, low=1, high=1 << 20, description=(
        'MB that the kept frames of each camera may hold, their pixels included; the oldest go '
        'first, and the newest stays in any case')),
    Declared('max_age', 1.0, low=0.0, high=3600.0, description=(
        'Seconds since the newest image came after which prompts about it are refused; 0: no '
        'limit')),
    Declared('lost_after', 5.0, low=0.0, high=86400.0, description=(
        "Seconds, by the images' stamps, that a thing is searched for until it is LOST")),
    Declared('carry', 0.5, low=0.0, high=60.0, description=(
        'Seconds that a thing is moved along with the picture without a result of the network')),
    Declared('depth', False, fixed=True, description=(
        'Subscribe to depth, or depth/points, and say where things are: points, markers and '
        'boxes in space, depth inside and outside')),
    Declared('target_frame', '', fixed=True, description=(
        'TF frame of points, markers and boxes; empty: the optical frame of the camera')),
    Declared('depth_slop', 0.02, low=0.0, high=10.0, fixed=True, description=(
        'Seconds between the stamps of an image and its depth where none is equal')),
    Declared(DEPTH_TO_IMAGE, [], fixed=True, numbers=POSE, description=(
        "Pose of the depth sensor in the image's optical frame, x y z qx qy qz qw, for depth that "
        'does not lie on the image; empty: by TF. With several cameras CAMERA.depth_to_image')),
    Declared('clicks', 'replace', choices=('replace', 'add'), description=(
        'What a click on another place does: replace the standing prompt click, or add click-2 '
        'and so on')),
    Declared('boxes_type', 'auto', choices=('auto', 'vision_msgs', 'yolo_msgs'), fixed=True,
             description="Messages of a detector's boxes; auto: what is published on the topic"),
    Declared('box_iou', 0.3, low=0.0, high=1.0, description=(
        'IoU of a box and its mask below which ~/detected has no mask for the box')),
    Declared('text_model', '', fixed=True, description=(
        'What answers text prompts: a name of `fastsam models list` or a path; empty: the names '
        'that the network knows alone; none: no words at all')),
    Declared('words', '', fixed=True, description=(
        "File of the words that were taught; empty: fastsam_ros/words.zip among the user's data")),
    Declared('text_threshold', 0.5, low=0.0, high=1.0, description=(
        'Segments that match a text less than this do not answer it')),
    Declared('text_device', 'auto', fixed=True, description=(
        'Where the text model runs: auto, cpu, cuda, cuda:1')),
    Declared('text_min_area', 100, low=0, high=1 << 30, fixed=True, description=(
        'Smaller segments, in pixels, are not compared with texts')),
    Declared('text_overlap', 0.8, low=0.0, high=1.0, fixed=True, description=(
        'Of segments whose masks overlap more than this one is compared with texts')),
    Declared('text_max_candidates', 64, low=1, high=10000, fixed=True, description=(
        'At most so many segments an image are compared with texts, the surest')),
    Declared('tracking', True, description=(
        'Give segments ids that stay from frame to frame; false: numbers from 1 in each frame')),
    Declared('autostart', True, fixed=True, description=(
        'Configure and activate at the start; false: wait for the lifecycle services')),
)
BY_NAME: Mapping[str, Declared] = {declared.name: declared for declared in PARAMETERS}


def declare(
    node: Node, changed: Callable[[dict[str, object]], None], configured: Callable[[], bool]
) -> dict[str, object]:
    """
    Declare all parameters on a node and watch over them.

    :param changed: is called with new values, all checked, before they take effect
    :param configured: whether the node is, so that fixed ones cannot change
    :return: the values at the start
    :raises ParameterError: when one that was given is not allowed; says which and why
    """
    values: dict[str, object] = {}
    node.add_on_set_parameters_callback(
        lambda given: check(given, changed, values if configured() else {})
        if values else check(given))
    given = {declared.name: _declare(node, declared) for declared in PARAMETERS}
    for camera in given['cameras']:
        own = pose_of(camera)
        given[own.name] = _declare(node, own)
    values = given
    for name in sorted(set(compat.given_parameters(node)) - set(values)):
        close = difflib.get_close_matches(name, values, n=1)
        hint = f'; did you mean {close[0]}?' if close else ''
        node.get_logger().warning(f'parameter {name} is not known and has no effect{hint}')
    return values


def pose_of(camera: str) -> Declared:
    """
    The parameter depth_to_image of one camera among several.

    :param camera: its name
    """
    return find(f'{camera.replace("/", ".")}.{DEPTH_TO_IMAGE}')


def find(name: str) -> Declared | None:
    """A parameter by its name; None when it is none of the node's."""
    if name.endswith(f'.{DEPTH_TO_IMAGE}'):  # a camera's own
        return replace(BY_NAME[DEPTH_TO_IMAGE], name=name)
    return BY_NAME.get(name)


def declare_pose(node: Node, camera: str) -> list[float]:
    """
    A camera's own depth_to_image; the node knows it by then, or it is declared now.

    :param camera: its name
    :return: empty when it was not given
    :raises ParameterError: when what was given is not allowed
    """
    own = pose_of(camera)
    if node.has_parameter(own.name):
        return list(node.get_parameter(own.name).value or [])
    return _declare(node, own)


def _declare(node: Node, declared: Declared) -> object:
    try:
        if declared.default == []:
            return _declare_list(node, declared)
        return node.declare_parameter(
            declared.name, declared.default, declared.descriptor()).value
    except (InvalidParameterTypeException, InvalidParameterValueException) as error:
        given = compat.given_parameters(node)[declared.name]
        raise ParameterError(
            f'parameter {declared.name} must be {declared.expected()}, not {given!r}') from error


def _declare_list(node: Node, declared: Declared) -> list:
    """From an empty list rclpy concludes a list of bytes, so the default is set afterwards."""
    kind = declared.type
    value = node.declare_parameter(declared.name, kind, declared.descriptor()).value
    if value is None:
        node.set_parameters([Parameter(declared.name, kind, [])])
    return list(value or [])


def check(
    parameters: list[Parameter],
    changed: Callable[[dict[str, object]], None] | None = None,
    configured: Mapping[str, object] | None = None,
) -> SetParametersResult:
    """
    Refuse values that are not allowed, all or none; see `Declared.check`.

    :param changed: takes those that are
    :param configured: the values that the node is configured with, if it is
    """
    known = [p for p in parameters if find(p.name) and p.type_ != Parameter.Type.NOT_SET]
    values = {parameter.name: _plain(parameter.value) for parameter in known}
    try:
        for name, value in values.items():
            find(name).check(value)
            _check_fixed(name, value, configured or {})
        if changed is not None:
            changed(values)
    except ParameterError as error:
        return SetParametersResult(successful=False, reason=str(error))
    return SetParametersResult(successful=True)


def _check_fixed(name: str, value: object, configured: Mapping[str, object]) -> None:
    if find(name).fixed and name in configured and value != configured[name]:
        raise ParameterError(
            f'{name} cannot change while the node is configured: call the lifecycle transition '
            'cleanup (deactivate before, if it is active), set it, then configure and activate')


def _plain(value: object) -> object:
    return list(value) if isinstance(value, (list, tuple, array)) else value
