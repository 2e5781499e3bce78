# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Images have a thread of their own, and everything else has others."""

from threading import Event, current_thread

from graph import PATIENCE, wait_until
import rclpy
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.executors import SingleThreadedExecutor
from std_msgs.msg import Empty

from fastsam_ros.ros.executors import Images


def listen(node, topic, callback, group):
    """Subscribe while the node spins, and publish until somebody hears it."""
    node.create_subscription(Empty, topic, callback, 1, callback_group=group)
    publisher = node.create_publisher(Empty, topic, 1)
    wait_until(publisher.get_subscription_count)
    return publisher


def test_images_come_while_all_other_threads_are_busy(client):
    busy, go_on, seen = [Event(), Event()], Event(), Event()

    def occupy(event):
        event.set()
        assert go_on.wait(PATIENCE)

    for number, event in enumerate(busy):
        listen(client, f'busy{number}', lambda _, event=event: occupy(event),
               MutuallyExclusiveCallbackGroup()).publish(Empty())
        assert event.wait(PATIENCE)
    listen(client, 'image', lambda _: seen.set(), Images()).publish(Empty())
    assert seen.wait(PATIENCE)
    go_on.set()


def test_nothing_else_runs_in_the_thread_of_images(client):
    threads, both = {}, Event()

    def note(name):
        threads[name] = current_thread()
        if len(threads) == 2:
            both.set()

    image = listen(client, 'image', lambda _: note('image'), Images())
    other = listen(client, 'other', lambda _: note('other'), MutuallyExclusiveCallbackGroup())
    image.publish(Empty())
    other.publish(Empty())
    assert both.wait(PATIENCE)
    assert threads['image'] is not threads['other']


def test_another_executor_takes_images_like_everything_else(ros):
    node, executor, seen = rclpy.create_node('composed'), SingleThreadedExecutor(), Event()
    executor.add_node(node)
    listen(node, 'image', lambda _: seen.set(), Images()).publish(Empty())
    wait_until(lambda: executor.spin_once(timeout_sec=0.1) or seen.is_set())
    executor.shutdown()
    node.destroy_node()
