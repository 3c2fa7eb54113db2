"""What a machine can do at most: rates of matrix products and of memory, and what they allow a network."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

from vplanner.bundle import Bundle

_MEASURE = """
import time
import numpy as np

def best(work, call, rounds=10):
    rate = 0.0
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        rate = max(rate, work / (time.perf_counter() - start) / 1e9)
    return rate

a = np.random.default_rng(0).standard_normal((768, 768), dtype=np.float32)
source, target = np.ones(16_000_000, np.float32), np.empty(16_000_000, np.float32)
print(best(2.0 * 768**3, lambda: a @ a), best(2.0 * source.nbytes, lambda: np.copyto(target, source), 5))
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """Best rates: float32 matrix products [GFLOP/s], and reading and writing memory, on one thread [GB/s]."""

    gflops: float
    gb_per_s: float

    def most_gflops(self, gflop: float, gbyte: float) -> float:
        """The rate that work of so many operations on so many bytes can reach: the roofline."""
        return self.gflops if gbyte == 0.0 else min(self.gflops, gflop / gbyte * self.gb_per_s)


def measure_machine(threads: int) -> Machine:
    """Measure in a process of its own, because numpy counts its threads once, when it is imported."""
    count = {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    command = [sys.executable, "-c", _MEASURE]
    done = subprocess.run(command, env={**os.environ, **count}, capture_output=True, text=True, check=True)
    gflops, gb_per_s = (float(rate) for rate in done.stdout.split())
    return Machine(round(gflops, 1), round(gb_per_s, 1))


def stage_megabytes(bundle: Bundle) -> dict[str, float]:
    """Weights that each stage reads [MB]: the files of its networks, once for each call."""

    def size(component: str, calls: int = 1) -> float:
        return calls * bundle.path(component).stat().st_size / 1e6

    steps = len(bundle.manifest.sigmas) - 1
    return {
        "encode": size("tokenizer_encoder"),
        "propose": size("video_model", steps),
        "extract": size("inverse_dynamics"),
        "rollout": size("video_model"),
        "score": size("critic"),
    }
