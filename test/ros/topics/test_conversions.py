# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Every encoding against OpenCV and rosbags-image, and every way a message can be wrong."""

from array import array
from io import BytesIO

import cv2
import numpy as np
import PIL.Image
import pytest
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from fastsam_ros.core import ImageError
from fastsam_ros.ros.topics.conversions import to_array, to_image, to_rgb

HEIGHT, WIDTH = 24, 38


def noise(channels: int, kind: type = np.uint8, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.integers(0, np.iinfo(kind).max + 1, (HEIGHT, WIDTH, channels), kind)


def padded(message: Image, extra: int) -> Image:
    """The same picture with rows that are longer than their pixels, filled up with 255."""
    rows = np.frombuffer(message.data, np.uint8).reshape(message.height, message.step)
    message.step += extra
    wide = np.full((message.height, message.step), 255, np.uint8)
    wide[:, :-extra] = rows
    message.data = to_array('B', wide)
    return message


COLOURS = [
    # encoding, channels, OpenCV's own way
    ('bgr8', 3, lambda p: cv2.cvtColor(p, cv2.COLOR_BGR2RGB)),
    ('rgb8', 3, lambda p: p),
    ('bgra8', 4, lambda p: cv2.cvtColor(p, cv2.COLOR_BGRA2RGB)),
    ('rgba8', 4, lambda p: cv2.cvtColor(p, cv2.COLOR_RGBA2RGB)),
    ('mono8', 1, lambda p: cv2.cvtColor(p, cv2.COLOR_GRAY2RGB)),
    ('8UC1', 1, lambda p: cv2.cvtColor(p, cv2.COLOR_GRAY2RGB)),
    ('8UC2', 2, lambda p: np.repeat(p[..., :1], 3, axis=2)),
    ('8UC3', 3, lambda p: cv2.cvtColor(p, cv2.COLOR_BGR2RGB)),
    ('8UC4', 4, lambda p: cv2.cvtColor(p, cv2.COLOR_BGRA2RGB)),
    ('bayer_rggb8', 1, lambda p: cv2.cvtColor(p, cv2.COLOR_BayerBG2RGB)),
    ('bayer_bggr8', 1, lambda p: cv2.cvtColor(p, cv2.COLOR_BayerRG2RGB)),
    ('bayer_gbrg8', 1, lambda p: cv2.cvtColor(p, cv2.COLOR_BayerGR2RGB)),
    ('bayer_grbg8', 1, lambda p: cv2.cvtColor(p, cv2.COLOR_BayerGB2RGB)),
    ('yuv422', 2, lambda p: cv2.cvtColor(p, cv2.COLOR_YUV2RGB_UYVY)),
    ('uyvy', 2, lambda p: cv2.cvtColor(p, cv2.COLOR_YUV2RGB_UYVY)),
    ('yuv422_yuy2', 2, lambda p: cv2.cvtColor(p, cv2.COLOR_YUV2RGB_YUY2)),
    ('yuyv', 2, lambda p: cv2.cvtColor(p, cv2.COLOR_YUV2RGB_YUY2)),
]
DEEP = [
    ('mono16', 1, 'mono8'), ('rgb16', 3, 'rgb8'), ('bgr16', 3, 'bgr8'), ('rgba16', 4, 'rgba8'),
    ('bgra16', 4, 'bgra8'), ('16UC1', 1, 'mono8'), ('16UC2', 2, '8UC2'), ('16UC3', 3, 'bgr8'),
    ('16UC4', 4, 'bgra8'), ('bayer_rggb16', 1, 'bayer_rggb8'), ('bayer_bggr16', 1, 'bayer_bggr8'),
    ('bayer_gbrg16', 1, 'bayer_gbrg8'), ('bayer_grbg16', 1, 'bayer_grbg8'),
]


@pytest.mark.parametrize('extra', [0, 1, 7])
@pytest.mark.parametrize('encoding, channels, expected', COLOURS, ids=[c[0] for c in COLOURS])
def test_8_bit_as_opencv_does_it_at_any_step(encoding, channels, expected, extra):
    pixels = noise(channels)
    message = to_image(Header(), pixels, encoding)
    if extra:
        message = padded(message, extra)
    rgb = to_rgb(message)
    assert rgb.shape == (HEIGHT, WIDTH, 3) and rgb.dtype == np.uint8
    np.testing.assert_array_equal(rgb, expected(pixels))


@pytest.mark.parametrize('extra', [0, 1, 6])
@pytest.mark.parametrize('encoding, channels, narrow', DEEP, ids=[d[0] for d in DEEP])
def test_16_bit_is_the_8_bit_picture_scaled(encoding, channels, narrow, extra):
    pixels = noise(channels, np.uint16)
    scaled = np.rint(pixels * (255 / 65535)).astype(np.uint8)
    message = to_image(Header(), pixels, encoding)
    if extra:
        message = padded(message, extra)
    expected = to_rgb(to_image(Header(), scaled, narrow))
    np.testing.assert_array_equal(to_rgb(message), expected)


@pytest.mark.parametrize('encoding, channels', [(c[0], c[1]) for c in COLOURS if 'UC' not in c[0]])
def test_as_rosbags_image_does_it(encoding, channels):
    rosbags = pytest.importorskip('rosbags.image', reason='rosbags-image is not installed')
    message = to_image(Header(), noise(channels), encoding)
    np.testing.assert_array_equal(to_rgb(message), rosbags.image_to_cvimage(message, 'rgb8'))


def test_colours_keep_their_names():
    red = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    red[..., 2] = 255
    assert to_rgb(to_image(Header(), red, 'bgr8'))[5, 5].tolist() == [255, 0, 0]
    mosaic = np.zeros((HEIGHT, WIDTH), np.uint8)
    mosaic[::2, ::2] = 255  # the red pixels of RGGB
    assert to_rgb(to_image(Header(), mosaic, 'bayer_rggb8'))[10, 10].tolist() == [255, 0, 0]


@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8'])
def test_what_needs_no_copy_is_not_copied(encoding):
    message = to_image(Header(), noise(3), encoding)
    assert np.shares_memory(to_rgb(message), np.frombuffer(message.data, np.uint8))


def test_a_list_of_numbers_or_bytes_is_read_too():
    message = to_image(Header(), noise(3), 'rgb8')
    whole = to_rgb(message).copy()
    message.data = list(message.data)
    np.testing.assert_array_equal(to_rgb(message), whole)


def test_the_big_endian_flag_means_nothing_for_bytes():
    message = to_image(Header(), noise(3), 'bgr8')
    expected = to_rgb(message)
    message.is_bigendian = 1
    np.testing.assert_array_equal(to_rgb(message), expected)


def test_the_last_row_may_lack_its_padding():
    pixels = noise(3)
    message = padded(to_image(Header(), pixels, 'rgb8'), 5)
    message.data = message.data[:-5]
    np.testing.assert_array_equal(to_rgb(message), pixels)


@pytest.mark.parametrize('changes, words', [
    ({'data': array('B', bytes(10))}, ['38x24', 'takes 2736 bytes', 'data has 10']),
    ({'data': array('B')}, ['data has 0']),
    ({'step': WIDTH * 3 - 1}, ['step is 113', 'takes 114 bytes']),
    ({'step': 0}, ['step is 0']),
    ({'width': 0}, ['0 pixels wide']),
    ({'height': 0}, ['0 high']),
    ({'encoding': 'rgb9'}, ["'rgb9'", 'bgr8', 'bayer_rggb8', '16UC1']),
    ({'encoding': ''}, ["''"]),
    ({'encoding': '32FC1'}, ["'32FC1'"]),
    ({'encoding': '8UC5'}, ["'8UC5'"]),
    ({'encoding': 'mono16', 'is_bigendian': 1}, ['big-endian', 'is_bigendian 0']),
    ({'encoding': 'yuv422', 'width': WIDTH - 1}, ['even width', '37']),
])
def test_a_message_that_contradicts_itself_says_how(changes, words):
    message = to_image(Header(), noise(3), 'rgb8')
    for field, value in changes.items():
        setattr(message, field, value)
    with pytest.raises(ImageError) as error:
        to_rgb(message)
    for word in words:
        assert word in str(error.value)


def compressed(data: bytes, name: str = 'jpeg') -> CompressedImage:
    message = CompressedImage(format=name)
    message.data = array('B', data)
    return message


def test_a_png_comes_out_as_it_went_in():
    pixels = noise(3)
    data = cv2.imencode('.png', pixels[..., ::-1])[1].tobytes()
    np.testing.assert_array_equal(to_rgb(compressed(data, 'png')), pixels)


def test_a_jpeg_is_what_opencv_reads():
    data = cv2.imencode('.jpg', noise(3))[1].tobytes()
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    np.testing.assert_array_equal(to_rgb(compressed(data)), expected)


@pytest.mark.parametrize('orientation', [1, 3, 6, 8])
def test_a_jpeg_is_not_turned_as_exif_says(orientation):
    file, exif, pixels = BytesIO(), PIL.Image.Exif(), noise(3)
    exif[0x0112] = orientation
    PIL.Image.fromarray(pixels).save(file, 'jpeg', exif=exif)
    plain = BytesIO()
    PIL.Image.fromarray(pixels).save(plain, 'jpeg')
    turned = to_rgb(compressed(file.getvalue()))
    np.testing.assert_array_equal(turned, to_rgb(compressed(plain.getvalue())))


def test_a_grey_jpeg_becomes_rgb():
    data = cv2.imencode('.jpg', noise(1))[1].tobytes()
    assert to_rgb(compressed(data)).shape == (HEIGHT, WIDTH, 3)


def test_corrupt_compressed_data_says_so():
    whole = cv2.imencode('.jpg', noise(3))[1].tobytes()
    for data in (b'', b'no picture at all', whole[:100], whole[: len(whole) // 2]):
        with pytest.raises(ImageError, match=f"{len(data)} bytes of format 'jpeg'"):
            to_rgb(compressed(data))


def test_out_and_back():
    deep = noise(1, np.uint16)[..., 0]
    message = to_image(Header(frame_id='lens'), deep, 'mono16')
    assert (message.step, message.is_bigendian, message.header.frame_id) == (WIDTH * 2, 0, 'lens')
    back = np.frombuffer(message.data, np.uint16).reshape(HEIGHT, WIDTH)
    np.testing.assert_array_equal(back, deep)


def test_arrays_of_any_length():
    assert to_array('I', np.array([1, 2**32 - 1], np.uint32)).tolist() == [1, 2**32 - 1]
    assert to_array('I', np.empty(0, np.uint32)).tolist() == []
