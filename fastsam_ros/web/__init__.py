# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The web page: a camera with its segments, to look at and to click in.

    command.py      `ros2 run fastsam_ros web`, as it is typed
    server.py       a socket, and uvicorn behind it until Ctrl-C
    application.py  what a browser can ask for: the page, its colours and one websocket
    access/         who may (token, host, origin); the address and its QR code
    session/        what browsers say and are told: packets, questions, what is kept; no ROS
    ros/            beside a node: its ordinary client; frames and segments joined by stamp
    local/          without ROS: pictures, videos and webcams, the model called directly
    static/         the page itself; plain JavaScript modules: what lies on the picture, which a
                    worker paints, in picture/, the column beside it in panel/

The hub of session/ talks to a bridge, `ros.bridge.RosBridge` or `local.bridge.LocalBridge`.
"""
