# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Cameras: on the network from a server of JPEGs on this machine, webcams by a stand-in."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import runpy
from threading import Event, Thread

import cv2
import numpy as np
import pytest

from fastsam_ros.core.errors import ImageError
from fastsam_ros.media import streams
from fastsam_ros.media.downloads import shown_address
from fastsam_ros.media.sources import find_sources
from fastsam_ros.media.streams import NetworkCamera, Webcam, is_stream
from fastsam_ros.web.local.shows import find_shows

SIZE = (64, 48)


def jpeg(number):
    """A picture that no other number has."""
    pixels = np.full((*SIZE[::-1], 3), number % 250, np.uint8)
    pixels[:, 32:] = 5 * (number // 250)
    return cv2.imencode('.jpg', pixels)[1].tobytes()


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Wait as long as a busy machine takes."""
    monkeypatch.setattr(streams, 'PATIENCE', 60.0)


def picture(camera):
    """The next picture, however long it takes."""
    pause = Event()
    while (image := camera(0.0)) is None:
        pause.wait(0.001)
    return image


class Handler(BaseHTTPRequestHandler):
    """Sends pictures, no two of them alike, until the server is told to end."""

    def do_GET(self):
        if self.path == '/locked.mjpg' and 'Authorization' not in self.headers:
            self.send_error(401)
            return
        self.send_response(200)
        self.send_header('Content-Type', 'multipart/x-mixed-replace; boundary=frame')
        self.end_headers()
        try:
            for number in range(10_000):
                data = jpeg(number)
                self.wfile.write(b'--frame\r\nContent-Type: image/jpeg\r\nContent-Length: '
                                 + str(len(data)).encode() + b'\r\n\r\n' + data + b'\r\n')
                if self.server.over.wait(0.02):
                    return
        except OSError:
            pass  # nobody looks any more

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    server.daemon_threads, server.over = True, Event()
    server.address = f'http://127.0.0.1:{server.server_port}/video.mjpg'
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


def test_a_stream_is_told_from_files_by_what_is_there(server):
    assert is_stream(server.address) and is_stream('rtsp://192.168.1.20/live')
    assert not is_stream('photos/cat.jpg') and not is_stream('0')
    with pytest.raises(ImageError, match='could not be fetched'):
        is_stream('http://127.0.0.1:1/video.mjpg')


def test_a_name_and_password_are_sent_and_never_shown(server):
    locked = server.address.replace('video', 'locked')
    with pytest.raises(ImageError, match='Unauthorized'):
        is_stream(locked)
    assert is_stream(locked.replace('http://', 'http://me:secret@'))
    assert shown_address('rtsp://me:secret@cam:554/live?x=1') == 'rtsp://cam:554/live'


def test_pictures_come_as_the_camera_sends_them_until_it_ends(server):
    camera = NetworkCamera(server.address)
    first, second = picture(camera), picture(camera)
    assert first.shape == (*SIZE[::-1], 3) and not np.array_equal(first, second)
    server.over.set()
    with pytest.raises(ImageError, match='gives no pictures'):
        while True:
            picture(camera)
    with pytest.raises(ImageError, match='gives no pictures'):
        camera(2.0)


def test_a_camera_that_is_not_there_is_told_of():
    with pytest.raises(ImageError, match=':1/video.mjpg cannot be opened'):
        picture(NetworkCamera('http://me:secret@127.0.0.1:1/video.mjpg'))


class Capture:
    """Stands for OpenCV's; opens and reads when it is let."""

    def __init__(self):
        self.let, self.reads, self.released = Event(), 0, Event()
        self.there, self.asked = True, {}

    def open(self, *what):
        return self.let.wait(streams.PATIENCE) and self.there

    def set(self, key, value):
        self.asked[key] = value

    def read(self):
        self.reads += 1
        return True, np.full((2, 2, 3), (self.reads % 250, 0, 7), np.uint8)

    def release(self):
        self.released.set()


@pytest.fixture
def capture(monkeypatch):
    capture = Capture()
    monkeypatch.setattr(cv2, 'VideoCapture', lambda: capture)
    yield capture
    capture.let.set()


CAMERAS = pytest.mark.parametrize('start', [
    lambda: NetworkCamera('rtsp://cam/live'), lambda: Webcam(0, 64, 48)],
    ids=['network', 'webcam'])


@CAMERAS
def test_nobody_waits_for_a_camera_that_does_not_answer(capture, start):
    camera = start()
    assert camera(0.0) is None
    capture.let.set()
    assert tuple(picture(camera)[0, 0, :2]) == (7, 0), 'RGB'
    camera.close()


@CAMERAS
def test_a_camera_is_let_go_of_when_it_is_closed(capture, start):
    camera = start()
    capture.let.set()
    picture(camera)
    camera.close()
    assert capture.released.wait(streams.PATIENCE)


def test_a_webcam_is_asked_for_a_size(capture):
    capture.let.set()
    (show,) = find_shows(['0'])
    camera = show.open()
    picture(camera)
    camera.close()
    assert show.name == 'webcam 0' and capture.asked == {
        cv2.CAP_PROP_FRAME_WIDTH: 1280, cv2.CAP_PROP_FRAME_HEIGHT: 720}


def test_a_webcam_that_is_not_there_is_told_of_and_let_go_of(capture):
    capture.there = False
    capture.let.set()
    with pytest.raises(ImageError, match='camera 3 cannot be opened'):
        picture(Webcam(3, 64, 48))
    assert capture.released.wait(streams.PATIENCE)


def test_where_opencv_has_no_ffmpeg_that_is_said(monkeypatch):
    monkeypatch.setattr(cv2.videoio_registry, 'hasBackend', lambda backend: False)
    with pytest.raises(ImageError, match='without FFmpeg'):
        picture(NetworkCamera('rtsp://cam/live'))


def test_an_opencv_without_limits_is_no_trouble_for_files(monkeypatch):
    monkeypatch.delattr(cv2, 'CAP_PROP_OPEN_TIMEOUT_MSEC')
    runpy.run_path(streams.__file__)


def test_the_page_lists_it_by_its_address(server):
    (show,) = find_shows([server.address])
    assert (show.name, show.still) == (server.address, False)
    camera = show.open()
    assert picture(camera).shape == (*SIZE[::-1], 3)
    camera.close()


def test_cameras_that_differ_in_what_is_not_shown_are_told_apart():
    shows = find_shows([f'rtsp://cam/live?channel={number}' for number in (1, 2)])
    assert [show.name for show in shows] == ['rtsp://cam/live', 'rtsp://cam/live (2)']


def test_where_files_are_made_of_it_it_is_said_what_to_do(server):
    with pytest.raises(ImageError, match='fastsam page http'):
        find_sources([server.address])
