"""One network of a bundle, made for a machine: rewritten, and in the precision that is asked for."""

from __future__ import annotations

import copy
import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from numpy.typing import NDArray

from vplanner_models.deploy.compare import Arrays, Parity, Session, expected, parity
from vplanner_models.deploy.graph import Graph
from vplanner_models.deploy.integers import integer_linear
from vplanner_models.deploy.sensitive import keep_sensitive
from vplanner_models.deploy.trunk import Linear, float_linear, is_trunk, rewrite_trunk

Precision = Literal["fp32", "fp16", "int8"]
Target = Literal["cpu", "cuda", "tensorrt"]

PROMISED_COSINE = 0.999
"""What every network must reach on every real input; layers stay in float until it does."""
EXACT = 1e-4
"""The largest difference of a network in float32."""


@dataclass(frozen=True, slots=True)
class Made:
    """A network for a machine; `precision` is float32 where nothing better was worth it, for the reason in `note`."""

    model: onnx.ModelProto
    precision: str
    parity: Parity
    float_layers: tuple[str, ...] = ()
    note: str = ""


def make_network(path: Path, calls: list[Arrays], precision: Precision, target: Target) -> Made:
    """Make the network for a machine; `calls` are real inputs, half of them to calibrate and half to compare on.

    Raises:
        RuntimeError: onnxruntime cannot load the file.
        ValueError: the graph is none that can be changed in this way.
    """
    original = onnx.load(path)
    calibration, tests = calls[::2], calls[1::2] or calls
    wanted = expected(original, tests)
    exact = _exact(path, target)
    same = parity(exact, tests, wanted)
    if precision == "fp32":
        return Made(exact, "float32", same)
    if precision == "fp16":
        half = _half(exact)
        return Made(half, "float16", parity(half, tests, wanted))
    folded = _folded(path)
    if target == "cpu" and is_trunk(Graph(copy.deepcopy(folded))):
        layers: list[str] = []
        _rewritten(folded, _noting(layers))

        def build(kept: frozenset[str]) -> onnx.ModelProto:
            return _rewritten(folded, lambda name: float_linear if name in kept else integer_linear)
    else:
        layers = [node.name for node in exact.graph.node if node.op_type in _quantisable(target)]

        def build(kept: frozenset[str]) -> onnx.ModelProto:
            return _calibrated(exact, calibration, set(layers) - kept, target)

    if not layers:
        return Made(exact, "float32", same, note="has no layer that integers would speed up")
    model, found, kept = keep_sensitive(layers, build, tests, wanted, PROMISED_COSINE)
    if len(kept) == len(layers):
        return Made(exact, "float32", same, note="every layer is sensitive")
    if target == "cpu":
        slow, fast = Session(exact).seconds(tests[0]), Session(model).seconds(tests[0])
        if fast > 0.9 * slow:
            return Made(exact, "float32", same, note=f"integers take {fast / slow:.0%} of the time")
    return Made(model, "int8", found, kept)


def _quantisable(target: Target) -> tuple[str, ...]:
    """Small linear layers behind convolutions stay in float on a CPU: integers cost them much and bring little."""
    return ("Conv",) if target == "cpu" else ("Conv", "MatMul")


def _folded(path: Path) -> onnx.ModelProto:
    graph = Graph.load(path)
    graph.fix_reshapes()
    return graph.model


def _exact(path: Path, target: Target) -> onnx.ModelProto:
    """In float32, folded; the video model rewritten, but for TensorRT, which knows none of our operators."""
    graph = Graph(_folded(path))
    if target != "tensorrt" and is_trunk(graph):
        rewrite_trunk(graph, lambda _: float_linear)
    return graph.finish({})


def _rewritten(folded: onnx.ModelProto, linear_of: Callable[[str], Linear]) -> onnx.ModelProto:
    """A video model whose linear layers are made as `linear_of` says."""
    graph = Graph(copy.deepcopy(folded))
    rewrite_trunk(graph, linear_of)
    return graph.finish({})


def _noting(layers: list[str]) -> Callable[[str], Linear]:
    """Makes all layers in float, and takes their names."""

    def note(name: str) -> Linear:
        layers.append(name)
        return float_linear

    return note


def _half(model: onnx.ModelProto) -> onnx.ModelProto:
    """In float16, with inputs and outputs in float32."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    return convert_float_to_float16(copy.deepcopy(model), keep_io_types=True, disable_shape_infer=True)


def _calibrated(model: onnx.ModelProto, calls: list[Arrays], layers: set[str], target: Target) -> onnx.ModelProto:
    """With the named layers between quantise and dequantise operators, whose ranges come from the calls."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    names = [value.name for value in model.graph.input]

    class _Calls(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left: Iterator[dict[str, NDArray[np.float32]]] = iter(
                [dict(zip(names, call, strict=True)) for call in calls]
            )

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            return next(self._left, None)

    # TensorRT takes symmetric int8 on both sides; processors have instructions for unsigned inputs.
    symmetric = target != "cpu"
    logging.getLogger().setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, source)
        quantize_static(
            source,
            result,
            _Calls(),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QInt8 if symmetric else QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_quantize=sorted(layers),
            extra_options={"ActivationSymmetric": symmetric},
        )
        return onnx.load(result)
