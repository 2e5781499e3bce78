# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
How well segments keep their ids, against ByteTrack and OC-SORT: HOTA, AssA and IDF1 on masks.

The demo's rendered room, whose things are known in each pixel, seen by a camera that moves; the
same segments for everybody. Of these count, on each frame, those that show the things best: does
what shows a thing keep its id? The others are not installed with this package, since `trackers`
asks for another build of OpenCV:

    pip install --no-deps trackers trackeval pydeprecate tabulate
    python -m benchmark.identities
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from fastsam_ros.core import RunLengths, Scene
from fastsam_ros.demo.room import ROOM, STEPS, THINGS, TURN, camera_of, pose_at, render
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.tracker import CANDIDATES, Tracker

HEIGHT, WIDTH = 360, 640
FRAMES = 60
RATE = STEPS / TURN  # Hz
SOLIDS = (*THINGS, *ROOM)
LEAST = 400  # pixels; of less the network knows nothing
KNOWN = 0.5  # IoU from which a segment shows a thing
Identify = Callable[[np.ndarray, Scene, int], np.ndarray]  # ids, -1 where there is none


def main() -> None:
    """Print a line for each tracker, on each frame and on each third one."""
    model = FastSam(device='cpu', precision='fp32', candidates=CANDIDATES)
    pictures, truths = zip(*(look(number) for number in range(FRAMES)))
    scenes = [model(picture) for picture in pictures]
    for step in (1, 3):
        chosen = range(0, FRAMES, step)
        for name, make in (
                ('this package', ours), ('ByteTrack', byte_track), ('OC-SORT', oc_sort)):
            identify = make(RATE / step)
            ids = [identify(pictures[n], scenes[n], n) for n in chosen]
            figures = score([scenes[n] for n in chosen], ids, [truths[n] for n in chosen])
            told = ', '.join(f'{key} {value:.4g}' for key, value in figures.items())
            print(f'{RATE / step:.1f} Hz, {name}: {told}')


def look(number: int) -> tuple[np.ndarray, dict[int, RunLengths]]:
    """A picture of the room, and what is seen of each of its things."""
    camera, pose = camera_of(WIDTH, HEIGHT), pose_at(number / RATE)
    picture, depth = render(SOLIDS, camera, pose)
    nothing, masks = render((), camera, pose)[1], {}
    for index, solid in enumerate(SOLIDS):
        alone = render((solid,), camera, pose)[1]
        mask = RunLengths.from_mask((alone == depth) & (alone < nothing))
        if mask.area >= LEAST:
            masks[index] = mask
    return picture, masks


def ours(rate: float) -> Identify:
    """Ids by this package."""
    tracker = Tracker()
    return lambda picture, scene, number: tracker.update(
        picture, scene, round(1e9 * number / RATE)).ids.astype(int)


def byte_track(rate: float) -> Identify:
    """Ids by ByteTrack (arXiv:2110.06864), which follows boxes."""
    from trackers import ByteTrackTracker

    return by_boxes(ByteTrackTracker(
        frame_rate=rate, minimum_consecutive_frames=1, track_activation_threshold=0.4))


def oc_sort(rate: float) -> Identify:
    """Ids by OC-SORT (arXiv:2203.14360), which follows boxes."""
    from trackers import OCSORTTracker

    return by_boxes(OCSORTTracker(frame_rate=rate, minimum_consecutive_frames=1))


def by_boxes(tracker: object) -> Identify:
    """Ids by a tracker of the package `trackers`."""
    from supervision import Detections

    def identify(picture: np.ndarray, scene: Scene, number: int) -> np.ndarray:
        found = tracker.update(Detections(
            xyxy=scene.boxes.astype(float), confidence=scene.scores.astype(float),
            data={'index': np.arange(len(scene))}))
        ids = np.full(len(scene), -1)
        ids[found.data['index']] = found.tracker_id
        return ids

    return identify


def score(
    scenes: Sequence[Scene], ids: Sequence[np.ndarray], truths: Sequence[dict[int, RunLengths]]
) -> dict[str, float]:
    """
    HOTA (arXiv:2009.07736) and IDF1 (arXiv:1609.01775) as TrackEval counts them.

    :param scenes: of their confident segments those that show a thing best count
    :param ids: (N,) of each scene's segments
    :param truths: masks by number of the thing
    """
    from trackeval.metrics import HOTA, Identity

    likeness, given, known = [], [], []
    for scene, numbers, truth in zip(scenes, ids, truths):
        table = ious([*truth.values()], scene.run_lengths(slice(scene.confident)))
        best = np.unique(table.argmax(axis=1)[table.max(axis=1) >= KNOWN])
        best = best[numbers[best] >= 0]
        likeness.append(table[:, best])
        given.append(numbers[best])
        known.append(np.array([*truth], int))
    names = np.unique(np.concatenate(given))
    data = {
        'num_timesteps': len(known), 'num_gt_ids': len(SOLIDS), 'num_tracker_ids': len(names),
        'num_gt_dets': sum(map(len, known)), 'num_tracker_dets': sum(map(len, given)),
        'gt_ids': known, 'tracker_ids': [np.searchsorted(names, some) for some in given],
        'similarity_scores': likeness}
    hota = HOTA().eval_sequence(data)
    identity = Identity({'PRINT_CONFIG': False}).eval_sequence(data)
    return {
        **{key: float(np.mean(hota[key])) for key in ('HOTA', 'AssA')},
        'IDF1': float(identity['IDF1']), 'ids': len(names)}


def ious(masks: Sequence[RunLengths], others: Sequence[RunLengths]) -> np.ndarray:
    """Intersection over union of each pair: (K, N)."""
    planes = []
    for runs in (*masks, *others):
        plane = np.zeros((HEIGHT, WIDTH), np.float32)
        plane[runs.window] = runs.mask()
        planes.append(plane.ravel())
    flat = np.array(planes).reshape(-1, HEIGHT * WIDTH)
    one, other = flat[: len(masks)], flat[len(masks) :]
    shared = one @ other.T
    return shared / np.maximum(one.sum(1)[:, None] + other.sum(1)[None] - shared, 1)


if __name__ == '__main__':
    main()
