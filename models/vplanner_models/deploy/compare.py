"""How far a changed network is from the one it was made of, on real inputs, and how long it takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray

Arrays: TypeAlias = "tuple[NDArray[np.float32], ...]"


@dataclass(frozen=True, slots=True)
class Parity:
    """Over all calls: the largest difference, and the least cosine between outputs of one call."""

    largest: float
    cosine: float


class Session:
    """A network on one thread of the CPU."""

    def __init__(self, model: onnx.ModelProto) -> None:
        """Open a model."""
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        self.inputs = [(node.name, node.shape) for node in self._session.get_inputs()]

    def run(self, call: Arrays) -> Arrays:
        """Outputs of one call."""
        feeds = {name: value for (name, _), value in zip(self.inputs, self.fitting(call), strict=True)}
        return tuple(self._session.run(None, feeds))

    def fitting(self, call: Arrays) -> Arrays:
        """The inputs with one row where all rows are alike and the network takes one, or has an axis of its own."""
        axes = [shape[0] for _, shape in self.inputs]
        if len(set(axes)) == 1:
            return call
        return tuple(value[:1] if (value == value[:1]).all() else value for value in call)

    def seconds(self, call: Arrays, repeats: int = 8) -> float:
        """Time of the processor for one call, which other programs do not disturb."""
        self.run(call)
        spent = []
        for _ in range(repeats):
            start = time.thread_time()
            self.run(call)
            spent.append(time.thread_time() - start)
        return min(spent)


def expected(model: onnx.ModelProto, calls: list[Arrays]) -> list[Arrays]:
    """What a network gives for all calls."""
    session = Session(model)
    return [session.run(call) for call in calls]


def parity(model: onnx.ModelProto, calls: list[Arrays], wanted: list[Arrays]) -> Parity:
    """Compare a network with what is wanted of it."""
    session = Session(model)
    largest, cosine = 0.0, 1.0
    for call, outputs in zip(calls, wanted, strict=True):
        for found, right in zip(session.run(call), outputs, strict=True):
            if found.shape != right.shape:
                raise ValueError(f"the changed network gives {found.shape} where {right.shape} is wanted")
            largest = float(np.maximum(largest, np.abs(found - right).max()))  # unlike `max`, this keeps NaN
            cosine = float(np.minimum(cosine, _cosine(found, right)))
    return Parity(largest, cosine)


def _cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    left, right = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    return float(left @ right) / max(float(np.linalg.norm(left) * np.linalg.norm(right)), 1e-12)
