# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Bags of a few images, as several tests write and read them."""

import numpy as np
from rosbags.highlevel import AnyReader
from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
from rosbags.rosbag2 import Writer
from rosbags.typesys import Stores, get_typestore

SEGMENTS, PROMPTED = '/fastsam/segmentations', '/fastsam/prompted'
EVER = QosTime(2147483647, 4294967295)
QOS = Qos(
    QosHistory.KEEP_LAST,
    5,
    QosReliability.BEST_EFFORT,
    QosDurability.VOLATILE,
    EVER,
    EVER,
    QosLiveliness.AUTOMATIC,
    EVER,
    False,
)
START = 1_700_000_000_000_000_000  # nanoseconds


def header(store, number):
    stamp = store.types['builtin_interfaces/msg/Time'](sec=1000 + number, nanosec=number * 7)
    return store.types['std_msgs/msg/Header'](stamp=stamp, frame_id='camera_optical')


def image_message(store, view, number, encoding='bgr8'):
    data = np.ascontiguousarray(view[..., ::-1] if encoding == 'bgr8' else view)
    return store.types['sensor_msgs/msg/Image'](
        header=header(store, number),
        height=view.shape[0],
        width=view.shape[1],
        encoding=encoding,
        is_bigendian=0,
        step=view.shape[1] * 3,
        data=data.ravel(),
    )


def write_bag(path, views, plugin, cameras=('/camera/image_raw',), damage=()):
    """Images on each camera's topic, and something else between them."""
    store = get_typestore(Stores.LATEST)
    image, text = 'sensor_msgs/msg/Image', 'std_msgs/msg/String'
    with Writer(path, version=8, storage_plugin=plugin) as writer:
        talk = writer.add_connection('/chatter', text, typestore=store)
        topics = [
            writer.add_connection(name, image, typestore=store, offered_qos_profiles=[QOS])
            for name in cameras
        ]
        for number, view in enumerate(views):
            stamp = START + number * 100_000_000
            word = store.types[text](data=f'word {number}')
            writer.write(talk, stamp - 5, store.serialize_cdr(word, text))
            for topic in topics:
                message = image_message(store, view, number)
                if number in damage:
                    message.data = message.data[:50]
                writer.write(topic, stamp, store.serialize_cdr(message, image))
    return path


def read_bag(path):
    """All messages: topic -> list of (time, raw bytes, message)."""
    found = {}
    with AnyReader([path]) as reader:
        for connection, time, data in reader.messages():
            message = reader.deserialize(data, connection.msgtype)
            found.setdefault(connection.topic, []).append((time, bytes(data), message))
    return found
