"""Matrix products in 8-bit integers: weights quantised for each output channel, inputs while the network runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from vplanner_models.deploy.graph import CONTRIB, Graph


def quantised(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weight (in, out) as symmetric int8 and the scale (out,) of each channel."""
    scale = np.maximum(np.abs(weight).max(axis=0), 1e-8) / 127.0
    return np.rint(weight / scale).astype(np.int8), scale.astype(np.float32)


def integer_linear(
    graph: Graph, name: str, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32] | None
) -> tuple[list[NodeProto], str]:
    """A matrix product in int8 with its bias in float32; the input's range is measured at every call.

    The unsigned input and signed weight are the pair for which processors have instructions.
    """
    integers, scale = quantised(weight)
    inputs = [
        x,
        graph.constant(f"{name}.weight_int8", integers),
        graph.constant(f"{name}.scale", scale),
        graph.constant(f"{name}.zero", np.zeros(len(scale), np.int8)),
    ]
    if bias is not None:
        inputs.append(graph.constant(f"{name}.bias", bias))
    node = helper.make_node("DynamicQuantizeMatMul", inputs, [f"{name}_out"], name=name, domain=CONTRIB)
    return [node], f"{name}_out"
