# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the demo camera shows of photographs and of a video."""

import cv2
import numpy as np
import pytest

from fastsam_ros.core.errors import ImageError
from fastsam_ros.demo import views
from fastsam_ros.demo.views import STAY, Film, Wander, open_view, photographs

FRAMES, RATE = 8, 10


@pytest.fixture
def film(tmp_path):
    """Eight frames, ten a second; each is as grey as thirty times its number."""
    path = tmp_path / 'film.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), RATE, (64, 48))
    for number in range(FRAMES):
        writer.write(np.full((48, 64, 3), 30 * number, np.uint8))
    writer.release()
    return str(path)


def numbers(view, times):
    """Which frame is seen at each time."""
    return [round(view(seconds).mean() / 30) for seconds in times]


@pytest.mark.parametrize('rate', [5, 10, 30, 100])
def test_a_video_runs_at_its_own_speed_and_again_whatever_the_rate_of_the_camera(film, rate):
    times = [(number + 0.5) / rate for number in range(2 * rate)]
    expected = [int(np.ceil(seconds * RATE - 1e-6)) % FRAMES for seconds in times]
    assert numbers(open_view(film, 64, 48), times) == expected


def test_a_video_that_decodes_too_slowly_is_played_slower(film, monkeypatch):
    monkeypatch.setattr(views, 'MOST_SKIPPED', 3)
    assert numbers(Film(film, 64, 48), [100.0, 100.05, 100.15, 200.0]) == [2, 3, 4, 7]


def test_a_video_that_was_let_go_of_gives_no_more_pictures(film):
    view = Film(film, 64, 48)
    view(0.0)
    view.close()
    with pytest.raises(ImageError, match='gives no pictures'):
        view(1.0)


def test_what_holds_no_frame_is_said(film, tmp_path):
    whole = (tmp_path / 'film.avi').read_bytes()
    (tmp_path / 'cut.avi').write_bytes(whole[:300])
    with pytest.raises(ImageError, match='cut.avi'):
        Film(str(tmp_path / 'cut.avi'), 64, 48)(0.0)


def test_each_picture_is_seen_as_a_whole_first(tmp_path):
    """Red left and blue right edges are both seen then, and not when the camera is near."""
    picture = np.full((240, 320, 3), 128, np.uint8)
    picture[:, :8], picture[:, -8:] = (0, 0, 255), (255, 0, 0)
    files = [tmp_path / f'{n}.png' for n in range(2)]
    for file in files:
        cv2.imwrite(str(file), picture)
    view = Wander(files, 320, 240)

    def edges(seconds):
        shown = view(seconds).astype(int)
        return [abs(shown[:, column].mean() - 85) < 20 and np.ptp(shown[120, column]) > 200
                for column in (2, -3)]

    assert edges(0.0) == edges(STAY) == [True, True]
    assert not all(edges(STAY / 2))


def test_the_photographs_are_there():
    assert len(photographs()) == len(views.PHOTOGRAPHS)
