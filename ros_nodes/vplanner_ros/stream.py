"""A thread of its own that does one thing at an even pace, by the steady clock. No ROS here."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from signal import SIG_IGN, SIGINT, SIGTERM, signal

import numpy as np

_KEPT = 500


class Stream:
    """Calls `tick` with the steady time [s] every `period_s` [s]. What was missed is not made up for."""

    def __init__(self, period_s: float, tick: Callable[[float], None]) -> None:
        """Not running."""
        self._period_s = period_s
        self._tick = tick
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self._gaps: deque[float] = deque(maxlen=_KEPT)
        self.failure: Exception | None = None

    @property
    def running(self) -> bool:
        """Whether `tick` is being called."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._end.clear()
        self.failure = None
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the tick that is going on."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def gap_s(self) -> tuple[float, float]:
        """Median and 99th percentile of the time between the last ticks [s]; zeros before there were two."""
        gaps = list(self._gaps)
        p50, p99 = np.percentile(gaps, [50, 99]) if gaps else (0.0, 0.0)
        return float(p50), float(p99)

    def _run(self) -> None:
        due = last = time.monotonic()
        while not self._end.is_set():
            now = time.monotonic()
            self._gaps.append(now - last)
            last = now
            try:
                self._tick(now)
            except Exception as error:  # the thread ends, and its owner tells why; the robot's own timeout remains
                self.failure = error
                return
            due = max(due + self._period_s, time.monotonic() - self._period_s)
            time.sleep(max(0.0, due - time.monotonic()))


@contextmanager
def uninterrupted() -> Iterator[None]:
    """No second Ctrl-C cuts short what takes a bounded time. Other threads than the main one get no signals anyway."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal(number, SIG_IGN) for number in (SIGINT, SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal(number, handler)
