# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Cameras on the network, from a server of JPEGs on this machine."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import cv2
import numpy as np
import pytest

from fastsam_ros.core.errors import ImageError
from fastsam_ros.media import streams
from fastsam_ros.media.sources import find_sources
from fastsam_ros.media.streams import NetworkCamera, is_stream, stream_name
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
    assert stream_name('rtsp://me:secret@cam:554/live?x=1') == 'rtsp://cam:554/live'


def test_pictures_come_as_the_camera_sends_them_until_it_ends(server):
    camera = NetworkCamera(server.address)
    first, second = camera(0.0), camera(0.1)
    assert first.shape == (*SIZE[::-1], 3) and not np.array_equal(first, second)
    server.over.set()
    with pytest.raises(ImageError, match='gives no pictures'):
        for _ in range(10_000):
            camera(1.0)
    with pytest.raises(ImageError, match='gives no pictures'):
        camera(2.0)


def test_a_camera_that_is_not_there_is_told_of():
    with pytest.raises(ImageError, match=':1/video.mjpg cannot be opened'):
        NetworkCamera('http://127.0.0.1:1/video.mjpg')


def test_the_page_lists_it_by_its_address(server):
    (show,) = find_shows([server.address])
    assert (show.name, show.still) == (server.address, False)
    assert show.open()(0.0).shape == (*SIZE[::-1], 3)


def test_where_files_are_made_of_it_it_is_said_what_to_do(server):
    with pytest.raises(ImageError, match='fastsam page http'):
        find_sources([server.address])
