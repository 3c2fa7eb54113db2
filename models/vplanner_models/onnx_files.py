"""Writing one network as one ONNX file, and proving that it computes the same."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch

from vplanner_models.graphs import Graph

OPSET = 18
TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output; `B` is the free batch axis."""

    name: str
    dtype: str
    shape: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """What `bundle.json` says about one network file."""

    file: str
    sha256: str
    precision: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    gflop_per_sample: float
    parity: float
    """Largest difference to torch on real inputs."""


def write_component(graph: Graph, folder: Path, metadata: dict[str, str]) -> Component:
    """Export, check and describe one network; `metadata` is stored inside the file.

    Raises:
        ValueError: if the file does not compute what the network computes.
    """
    path = folder / f"{graph.name}.onnx"
    _export(graph, path)
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {**metadata, "component": graph.name})
    onnx.checker.check_model(model)
    onnx.save(model, path)
    found, output = _parity(graph, path)
    if not found <= TOLERANCE:
        raise ValueError(f"{path}: differs from torch by {found:.1e}; at most {TOLERANCE:.0e} is right")
    inputs = tuple(_spec(name, tuple(t.shape)) for name, t in zip(graph.inputs, graph.samples, strict=True))
    return Component(
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        precision="float32",
        inputs=inputs,
        outputs=(_spec(graph.output, output),),
        gflop_per_sample=_gflop(graph),
        parity=found,
    )


def _export(graph: Graph, path: Path) -> None:
    axes = {name: {0: "B"} for name in (*graph.inputs, graph.output)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The tracing exporter: with fixed shapes but the batch it folds all shape arithmetic away.
        torch.onnx.export(
            graph.network,
            graph.samples,
            str(path),
            input_names=list(graph.inputs),
            output_names=[graph.output],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )


def _parity(graph: Graph, path: Path) -> tuple[float, tuple[int, ...]]:
    """Largest difference over the whole batch and over a batch of one, and the output's shape."""
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst, shape = 0.0, ()
    for count in (1, len(graph.samples[0])):
        inputs = [tensor[:count].contiguous() for tensor in graph.samples]
        with torch.no_grad():
            expected = graph.network(*inputs).numpy()
        feeds = {name: tensor.numpy() for name, tensor in zip(graph.inputs, inputs, strict=True)}
        (output,) = session.run([graph.output], feeds)
        worst = max(worst, float(np.abs(output - expected).max()))
        shape = output.shape
    return worst, shape


def _spec(name: str, shape: tuple[int, ...]) -> TensorSpec:
    return TensorSpec(name, "float32", ("B", *shape[1:]))


def _gflop(graph: Graph) -> float:
    from torch.utils.flop_counter import FlopCounterMode

    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        graph.network(*(tensor[:1] for tensor in graph.samples))
    return round(float(counter.get_total_flops()) / 1e9, 5)
