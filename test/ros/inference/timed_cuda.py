# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""CUDA's runtime whose work takes simulated time; see device_simulation.py."""

from threading import current_thread

from fake_cuda_runtime import FakeRuntime

from fastsam_ros.backends.cuda.streams import NETWORK, RESULTS


class TimedRuntime(FakeRuntime):
    """
    A `FakeRuntime`; the node's threads wait as long as a GPU would take.

    :param simulated: the GPU
    :param takes: milliseconds of a kernel or copy, in a list
    """

    def __init__(self, simulated, takes):
        super().__init__()
        self.simulated, self._takes = simulated, takes
        self._marks = {}

    def launch(self, stream, work):
        """See `FakeRuntime`."""
        super().launch(stream, work)
        if not self.captured:
            with self.simulated.on(self._name(stream)):
                for milliseconds in self._takes(work):
                    self.simulated.run(milliseconds)

    def _event_record(self, event, stream):
        with self.simulated.on(self._name(stream)):
            self._marks[int(event)] = self.simulated.mark(self._name(stream))
        return super()._event_record(event, stream)

    def _event_synchronize(self, event):
        if current_thread().name.startswith('fastsam'):  # the one that loads need not wait
            self.simulated.finish(self._marks[int(event)])
        return super()._event_synchronize(event)

    def _name(self, stream):
        """Of the stream that is simulated."""
        return RESULTS if self.priorities[int(stream)] < 0 else NETWORK
