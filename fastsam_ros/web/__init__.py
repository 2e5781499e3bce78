# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The web page: a camera with its segments, to look at and to click in.

    server.py       the command: arguments, then everything below, wired
    application.py  what the browser can ask for: the page and one websocket
    access.py       who may: token, host and origin
    session.py      what one browser says and is told
    hub.py          who looks at what, and what all browsers are told
    kept.py         prompts that stand, as far as a client can know
    clients.py      packets to browsers; newest wins, nothing queues
    questions.py    a browser's prompt, checked, and as a request to the node
    packets.py      the bytes of a packet: a header, run lengths, a picture
    bridge.py       the ROS side: an ordinary client of the node
    stream.py       one camera's frames and segments, joined by stamp
    frames.py       frames that wait for their segments
    pace.py         how long something is waited for
    pictures.py     image messages as a browser shows them
    discovery.py    which cameras and topics the node has
    static/         the page itself; plain JavaScript modules
"""
