"""An ONNX graph that can be edited: looked up by name, cut, extended, folded and pruned."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

CONTRIB = "com.microsoft"
_IR_VERSION = 9  # the oldest that opset 18 allows: runtimes of three years ago read it


class Graph:
    """One ONNX model. Tensors are known by name; `shapes` has the inferred ones, free axes as strings."""

    def __init__(self, model: onnx.ModelProto) -> None:
        """Edit `model` in place."""
        self.model = model
        self._refresh()

    @classmethod
    def load(cls, path: Path) -> Graph:
        """Read a file with constants folded and common subexpressions merged by onnxruntime.

        Raises:
            RuntimeError: onnxruntime cannot load it.
        """
        options = ort.SessionOptions()
        options.log_severity_level = 3
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        with tempfile.TemporaryDirectory() as folder:
            options.optimized_model_filepath = str(Path(folder) / "folded.onnx")
            try:
                ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
            except Exception as error:  # onnxruntime's exceptions share no base class but Exception
                raise RuntimeError(f"{path}: onnxruntime cannot load it ({str(error).splitlines()[0]})") from error
            folded = onnx.load(options.optimized_model_filepath)
        original = onnx.load(path)
        folded.metadata_props.extend(p for p in original.metadata_props if p.key not in _keys(folded))
        return cls(folded)

    def _refresh(self) -> None:
        inferred = onnx.shape_inference.infer_shapes(self.model, data_prop=True).graph
        self.shapes: dict[str, tuple[int | str, ...]] = {}
        for value in (*inferred.value_info, *inferred.input, *inferred.output):
            if value.type.tensor_type.HasField("shape"):
                axes = value.type.tensor_type.shape.dim
                self.shapes[value.name] = tuple(axis.dim_param or axis.dim_value for axis in axes)
        self.constants = {tensor.name: tensor for tensor in self.model.graph.initializer}
        self.shapes.update({name: tuple(tensor.dims) for name, tensor in self.constants.items()})

    @property
    def nodes(self) -> list[NodeProto]:
        """All nodes, in the order of execution."""
        return list(self.model.graph.node)

    def named(self, name: str) -> NodeProto | None:
        """The node of that name, if there is one."""
        return next((node for node in self.model.graph.node if node.name == name), None)

    def maker(self, tensor: str) -> NodeProto | None:
        """The node that computes a tensor; inputs and constants have none."""
        return next((node for node in self.model.graph.node if tensor in node.output), None)

    def value(self, name: str) -> NDArray[Any]:
        """A constant. Raises `KeyError` when the tensor is computed."""
        return numpy_helper.to_array(self.constants[name])

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Add a constant, or return the one of that name."""
        if name not in self.constants:
            tensor = numpy_helper.from_array(np.ascontiguousarray(value), name)
            self.model.graph.initializer.append(tensor)
            self.constants[name] = tensor
            self.shapes[name] = tuple(value.shape)
        return name

    def insert(self, at: int, made: Sequence[NodeProto]) -> None:
        """Add nodes before the one at index `at`."""
        nodes = [*self.nodes[:at], *made, *self.nodes[at:]]
        del self.model.graph.node[:]
        self.model.graph.node.extend(nodes)

    def rename(self, old: str, new: str) -> None:
        """Let whoever reads the tensor `old` read `new`."""
        for node in self.model.graph.node:
            for index, name in enumerate(node.input):
                if name == old:
                    node.input[index] = new

    def set_first_axis(self, name: str, axis: int | str) -> None:
        """Give an input or output another first axis."""
        for value in (*self.model.graph.input, *self.model.graph.output):
            if value.name == name:
                first = value.type.tensor_type.shape.dim[0]
                first.Clear()
                if isinstance(axis, int):
                    first.dim_value = axis
                else:
                    first.dim_param = axis

    def fix_reshapes(self) -> None:
        """Give constant shapes to reshapes whose target is known but for the batch."""
        self._refresh()
        for node in self.model.graph.node:
            shape = self.shapes.get(node.output[0]) if node.op_type == "Reshape" else None
            if shape and node.input[1] not in self.constants and sum(isinstance(a, str) for a in shape) <= 1:
                known = np.array([-1 if isinstance(axis, str) else axis for axis in shape], np.int64)
                node.input[1] = self.constant("shape_" + "_".join(str(axis) for axis in known), known)

    def finish(self, metadata: dict[str, str]) -> onnx.ModelProto:
        """Drop what no output needs, and return a checked model with `metadata` in it.

        Raises:
            onnx.checker.ValidationError: if the edits left something that is no valid model.
        """
        needed = {value.name for value in self.model.graph.output}
        kept: list[NodeProto] = []
        for node in reversed(self.nodes):
            if needed.intersection(node.output):
                kept.append(node)
                needed.update(node.input)
        graph = helper.make_graph(
            kept[::-1],
            self.model.graph.name,
            self.model.graph.input,
            self.model.graph.output,
            [tensor for name, tensor in self.constants.items() if name in needed],
        )
        used = {node.domain for node in kept}
        opsets = [opset for opset in self.model.opset_import if opset.domain in used or opset.domain == ""]
        if CONTRIB in used and CONTRIB not in {opset.domain for opset in opsets}:
            opsets.append(helper.make_opsetid(CONTRIB, 1))
        finished = helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="vplanner")
        kept_props = {prop.key: prop.value for prop in self.model.metadata_props}
        helper.set_model_props(finished, kept_props | metadata)
        onnx.checker.check_model(finished)
        return finished


def _keys(model: onnx.ModelProto) -> set[str]:
    return {prop.key for prop in model.metadata_props}
