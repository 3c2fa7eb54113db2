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
from torch import Tensor

from vplanner_models.errors import ParityError
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
    """Largest difference to torch, over several samples and over one alone."""


def write_component(graph: Graph, folder: Path, metadata: dict[str, str]) -> Component:
    """Export, check and describe one network; `metadata` is stored inside the file.

    Raises:
        ParityError: if the file does not compute what the network computes.
        OSError: if it cannot be written.
    """
    path = folder / f"{graph.name}.onnx"
    outputs = graph.run(graph.samples)
    specs = [
        [_spec(graph, name, tensor) for name, tensor in zip(names, tensors, strict=True)]
        for names, tensors in ((graph.inputs, graph.samples), (graph.outputs, outputs))
    ]
    _export(graph, path, [*specs[0], *specs[1]])
    model = onnx.load(path)
    onnx.helper.set_model_props(model, {**metadata, "component": graph.name})
    onnx.checker.check_model(model)
    onnx.save(model, path)
    found = _parity(graph, path)
    if not found <= TOLERANCE:
        raise ParityError(f"{path.name}: differs from torch by {found:.1e}; at most {TOLERANCE:.0e} is right")
    return Component(
        file=path.name,
        sha256=sha256_of(path),
        precision="float32",
        inputs=tuple(specs[0]),
        outputs=tuple(specs[1]),
        gflop_per_sample=_gflop(graph),
        parity=found,
    )


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, as `bundle.json` states it."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _export(graph: Graph, path: Path, specs: list[TensorSpec]) -> None:
    free = {s.name: {i: axis for i, axis in enumerate(s.shape) if isinstance(axis, str)} for s in specs}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The tracing exporter: with fixed shapes but the batch it folds all shape arithmetic away.
        torch.onnx.export(
            graph.network,
            graph.samples,
            str(path),
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            dynamic_axes=free,
            opset_version=OPSET,
            dynamo=False,
        )


def _parity(graph: Graph, path: Path) -> float:
    """Largest difference over the whole samples, and over the first alone along every free axis."""
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    differences: list[float] = []
    alone = tuple(
        tensor[tuple(slice(1) for _ in graph.free_axes(name))].contiguous()
        for name, tensor in zip(graph.inputs, graph.samples, strict=True)
    )
    for inputs in (alone, graph.samples):
        feeds = {name: tensor.numpy() for name, tensor in zip(graph.inputs, inputs, strict=True)}
        for found, expected in zip(session.run(list(graph.outputs), feeds), graph.run(inputs), strict=True):
            differences.append(float(np.abs(found - expected.numpy()).max()))
    return float(np.max(differences))  # unlike `max`, this does not lose what is not a number


def _spec(graph: Graph, name: str, tensor: Tensor) -> TensorSpec:
    free = graph.free_axes(name)
    return TensorSpec(name, str(tensor.dtype).removeprefix("torch."), (*free, *tensor.shape[len(free) :]))


def _gflop(graph: Graph) -> float:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        graph.run(tuple(tensor[:1] for tensor in graph.samples))
    return round(float(counter.get_total_flops()) / 1e9, 5)
