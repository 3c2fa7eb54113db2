"""Rows of one call computed side by side, each part on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np

from vplanner.types import Float

Compute = Callable[[tuple[Float, ...]], "list[Float]"]
"""Outputs of a network from its inputs."""


class Lanes:
    """Cuts the rows of a call into as many parts as there are threads.

    Threads that each have rows of their own meet once, at the end of a call. Threads that share every operator meet at
    each of several hundred, and a thread that has gone to sleep takes about as long to wake as a small operator runs.
    """

    def __init__(self, count: int) -> None:
        """Compute on `count` threads, the caller's among them."""
        self._count = count
        self._others = ThreadPoolExecutor(count - 1, thread_name_prefix="lane") if count > 1 else None

    def run(self, compute: Compute, inputs: tuple[Float, ...]) -> list[Float]:
        """What `compute` gives for the inputs (R, ...), among which may be some with one row for all (1, ...).

        Outputs have a row for each of R. `compute` is called from several threads at once.
        """
        rows = max(len(value) for value in inputs)
        parts = min(self._count, rows)
        if self._others is None or parts == 1:
            return compute(inputs)
        cuts = [rows * part // parts for part in range(parts + 1)]
        pieces = [
            tuple(value if len(value) == 1 else value[start:end] for value in inputs) for start, end in pairwise(cuts)
        ]
        later = [self._others.submit(compute, piece) for piece in pieces[1:]]
        found = [compute(pieces[0]), *(part.result() for part in later)]
        return [np.concatenate(outputs) for outputs in zip(*found, strict=True)]
