"""The video model's graph, rewritten to do the same with less.

- What all candidates share (present, prompt, arm) is computed once: those inputs have a batch of one, and only what
  differs between candidates, the noise (axis `B`) or the actions (axis `A`), is computed for each.
- The first layer reads its inputs apart instead of gluing them together, so that the shared part is added once.
- One matrix product gives the shifts, scales and gates of all blocks.
- Attention, and the activation with its bias, are one operator each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from vplanner_models.deploy.graph import CONTRIB, Graph

Linear = Callable[[Graph, str, str, NDArray[np.float32], "NDArray[np.float32] | None"], tuple[list[NodeProto], str]]
"""Makes the nodes of `x @ weight + bias` under a name, and says which tensor holds the result."""

PER_CANDIDATE: Mapping[str, str] = {"noisy": "B", "actions": "A"}
"""Inputs that differ between candidates, and the names of their batch axes; all others are shared."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Weights (in, out) and biases of one transformer block."""

    modulation: tuple[NDArray[np.float32], NDArray[np.float32]]
    qkv: tuple[NDArray[np.float32], NDArray[np.float32]]
    out: tuple[NDArray[np.float32], NDArray[np.float32]]
    rise: tuple[NDArray[np.float32], NDArray[np.float32]]
    fall: tuple[NDArray[np.float32], NDArray[np.float32]]


def float_linear(
    graph: Graph, name: str, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32] | None
) -> tuple[list[NodeProto], str]:
    """A matrix product in float32, with its bias."""
    nodes = [helper.make_node("MatMul", [x, graph.constant(f"{name}.weight", weight)], [f"{name}_product"], name=name)]
    if bias is None:
        return nodes, f"{name}_product"
    nodes.append(
        helper.make_node("Add", [f"{name}_product", graph.constant(f"{name}.bias", bias)], [f"{name}_out"], f"{name}/b")
    )
    return nodes, f"{name}_out"


def is_trunk(graph: Graph) -> bool:
    """Whether this is a video model as our exporter writes it."""
    return _blocks(graph) > 0 and graph.named("/trunk/embed/MatMul") is not None


def _blocks(graph: Graph) -> int:
    found = {
        m.group(1) for node in graph.nodes if (m := re.match(r"/trunk/blocks\.(\d+)/mlp/mlp\.0/MatMul", node.name))
    }
    return len(found)


def rewrite_trunk(graph: Graph, linear_of: Callable[[str], Linear]) -> None:
    """Rewrite the graph in place; `linear_of` says for each layer's name how its matrix product is made.

    Raises:
        ValueError: if the graph lacks a part that every video model has.
    """
    count = _blocks(graph)
    heads = _heads(graph)
    blocks = [_read_block(graph, index) for index in range(count)]
    final = _gemm(graph, "/trunk/modulation/Gemm")
    condition = _node(graph, "/trunk/modulation/Gemm").input[0]
    entered = _node(graph, "/trunk/blocks.0/norm1/LayerNormalization").input[0]
    last = _node(graph, "/trunk/Add_6")  # what the final norm and modulation give
    head = _node(graph, "/head/Add")
    made: list[NodeProto] = []

    def node(op: str, inputs: list[str], name: str, domain: str = "", **attributes: Any) -> str:
        made.append(helper.make_node(op, inputs, [f"{name}_out"], name=name, domain=domain, **attributes))
        return f"{name}_out"

    def linear(name: str, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32] | None) -> str:
        nodes, result = linear_of(name)(graph, name, x, weight, bias)
        made.extend(nodes)
        return result

    embedded = _split_embedding(graph, made, linear)
    graph.rename(entered, embedded)
    width = blocks[0].out[1].shape[0]
    pieces = _modulation(graph, node, made, linear, condition, [*(b.modulation for b in blocks), final], width)
    ones, zeros = (graph.constant(f"norm_{v:.0f}", np.full(width, v, np.float32)) for v in (1.0, 0.0))

    def modulated(x: str, shift: str, scale: str, name: str) -> str:
        normed = node("LayerNormalization", [x, ones, zeros], f"{name}/norm", axis=-1, epsilon=1e-5)
        return node("Add", [node("Mul", [normed, scale], f"{name}/scale"), shift], f"{name}/shift")

    x = embedded
    for index, block in enumerate(blocks):
        at = f"block{index}"
        shift1, scale1, gate1, shift2, scale2, gate2 = pieces[6 * index : 6 * index + 6]
        qkv = linear(f"{at}/qkv", modulated(x, shift1, scale1, f"{at}/before"), *block.qkv)
        mixed = _attention(graph, node, made, qkv, width, heads, at)
        mixed = linear(f"{at}/out", mixed, *block.out)
        x = node("Add", [x, node("Mul", [mixed, gate1], f"{at}/gate1")], f"{at}/residual1")
        risen = linear(f"{at}/rise", modulated(x, shift2, scale2, f"{at}/between"), block.rise[0], None)
        lifted = graph.constant(f"{at}/rise.bias", block.rise[1])
        fallen = linear(f"{at}/fall", node("FastGelu", [risen, lifted], f"{at}/gelu", CONTRIB), *block.fall)
        x = node("Add", [x, node("Mul", [fallen, gate2], f"{at}/gate2")], f"{at}/residual2")
    shift, scale = pieces[-2:]
    end = modulated(x, shift, scale, "end")
    result = linear("head", end, *_matmul(graph, "/head/MatMul", "/head/Add"))
    index = graph.nodes.index(last)
    graph.insert(index, made)
    graph.rename(head.output[0], result)
    for value in list(graph.model.graph.input):
        graph.set_first_axis(value.name, PER_CANDIDATE.get(value.name, 1))
    for value in graph.model.graph.output:
        graph.set_first_axis(value.name, "S")
    del graph.model.graph.value_info[:]


def _node(graph: Graph, name: str) -> NodeProto:
    found = graph.named(name)
    if found is None:
        raise ValueError(f"no node {name}: this is no video model that can be rewritten")
    return found


def _gemm(graph: Graph, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weight (in, out) and bias of a linear layer on vectors."""
    found = _node(graph, name)
    transposed = next((a.i for a in found.attribute if a.name == "transB"), 0)
    weight = graph.value(found.input[1])
    return (weight.T if transposed else weight), graph.value(found.input[2])


def _matmul(graph: Graph, product: str, added: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weight (in, out) and bias of a linear layer on tokens."""
    bias = next(name for name in _node(graph, added).input if name in graph.constants)
    return graph.value(_node(graph, product).input[1]), graph.value(bias)


def _read_block(graph: Graph, index: int) -> _Block:
    at = f"/trunk/blocks.{index}"
    return _Block(
        modulation=_gemm(graph, f"{at}/modulation/Gemm"),
        qkv=_matmul(graph, f"{at}/attention/qkv/MatMul", f"{at}/attention/qkv/Add"),
        out=_matmul(graph, f"{at}/attention/out/MatMul", f"{at}/attention/out/Add"),
        rise=_matmul(graph, f"{at}/mlp/mlp.0/MatMul", f"{at}/mlp/mlp.0/Add"),
        fall=_matmul(graph, f"{at}/mlp/mlp.2/MatMul", f"{at}/mlp/mlp.2/Add"),
    )


def _heads(graph: Graph) -> int:
    heads = graph.shapes[_node(graph, "/trunk/blocks.0/attention/Softmax").output[0]][1]
    if not isinstance(heads, int):
        raise ValueError("the number of attention heads is not fixed in the graph")
    return heads


def _modulation(
    graph: Graph,
    node: Callable[..., str],
    made: list[NodeProto],
    linear: Callable[..., str],
    condition: str,
    layers: list[tuple[NDArray[np.float32], NDArray[np.float32]]],
    width: int,
) -> list[str]:
    """Shifts, scales (one added) and gates of all blocks, then shift and scale of the end, each (A, 1, width)."""
    weight = np.concatenate([layer[0] for layer in layers], axis=1)
    bias = np.concatenate([layer[1] for layer in layers])
    count = len(bias) // width
    scales = [6 * block + place for block in range(len(layers) - 1) for place in (1, 4)] + [count - 1]
    for piece in scales:
        bias[piece * width : (piece + 1) * width] += 1.0
    wide = linear("modulation", condition, weight, bias)
    split = graph.constant("modulation_pieces", np.array([-1, count, width], np.int64))
    apart = node("Reshape", [wide, split], "modulation/apart")
    names = [f"modulation_{index}" for index in range(count)]
    made.append(helper.make_node("Split", [apart], names, name="modulation/split", axis=1, num_outputs=count))
    return names


def _attention(
    graph: Graph, node: Callable[..., str], made: list[NodeProto], qkv: str, width: int, heads: int, at: str
) -> str:
    names = [f"{at}/{letter}" for letter in "qkv"]
    sizes = graph.constant("qkv_sizes", np.full(3, width, np.int64))
    made.append(helper.make_node("Split", [qkv, sizes], names, name=f"{at}/split", axis=-1))
    return node("MultiHeadAttention", names, f"{at}/attention", CONTRIB, num_heads=heads)


def _split_embedding(graph: Graph, made: list[NodeProto], linear: Callable[..., str]) -> str:
    """The first layer, once for each kind of input: shared by all candidates, of the noise, of the actions."""
    product = _node(graph, "/trunk/embed/MatMul")
    weight, bias = _matmul(graph, "/trunk/embed/MatMul", "/trunk/embed/Add")
    position = graph.value(next(n for n in _node(graph, "/trunk/Add_3").input if n in graph.constants))
    glued = graph.maker(product.input[0])
    if glued is None or glued.op_type != "Concat":
        raise ValueError("the video model's first layer does not read several inputs glued together")
    reach = {kind: _reached(graph, kind) for kind in PER_CANDIDATE}
    groups: dict[str, list[tuple[str, NDArray[np.float32]]]] = {"shared": [], **{kind: [] for kind in PER_CANDIDATE}}
    row = 0
    for part in _flat_parts(graph, glued):
        size = graph.shapes[part][-1]
        assert isinstance(size, int)
        kind = next((kind for kind, tensors in reach.items() if part in tensors), "shared")
        groups[kind].append((part, weight[row : row + size]))
        row += size
    if row != len(weight):
        raise ValueError(f"the parts of the first layer have {row} features; its weight has {len(weight)}")
    terms = []
    for kind, parts in groups.items():
        names = [part for part, _ in parts]
        if len(names) > 1:
            made.append(helper.make_node("Concat", names, [f"embed_{kind}"], name=f"embed/{kind}/parts", axis=-1))
            names = [f"embed_{kind}"]
        rows = np.concatenate([rows for _, rows in parts])
        terms.append(linear(f"embed/{kind}", names[0], rows, None))
    placed = graph.constant("embed/position", (position + bias).astype(np.float32))
    total = placed
    for index, term in enumerate(terms):
        made.append(helper.make_node("Add", [term, total], [f"embed_sum{index}"], name=f"embed/sum{index}"))
        total = f"embed_sum{index}"
    return total


def _flat_parts(graph: Graph, glued: NodeProto) -> list[str]:
    """Inputs of a Concat on the last axis, with those of Concats among them in their place."""
    parts: list[str] = []
    for name in glued.input:
        maker = graph.maker(name)
        if maker is not None and maker.op_type == "Concat" and len(graph.shapes[name]) == 3:
            parts.extend(_flat_parts(graph, maker))
        else:
            parts.append(name)
    return parts


def _reached(graph: Graph, source: str) -> set[str]:
    """All tensors that depend on an input."""
    found = {source}
    for node in graph.nodes:
        if found.intersection(node.input):
            found.update(node.output)
    return found
