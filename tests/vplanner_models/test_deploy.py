"""Bundles made for a machine compute what the ones they were made of compute."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from numpy.typing import NDArray

from vplanner_models.config import HORIZON, LATENT_CHANNELS, SKILLS, VIEWS, TrunkConfig
from vplanner_models.deploy.compare import parity
from vplanner_models.deploy.graph import Graph as Editable
from vplanner_models.deploy.integers import quantised
from vplanner_models.deploy.networks import make_network
from vplanner_models.deploy.sensitive import keep_sensitive
from vplanner_models.deploy.trunk import is_trunk
from vplanner_models.graphs import INTERFACES, Graph
from vplanner_models.onnx_files import write_component
from vplanner_models.video_model import VideoModel


def candidates(rows: int, acting: bool, seed: int = 0) -> tuple[NDArray[np.float32], ...]:
    """Inputs of a call as the planner makes it: candidates share all but the noise, or all but the actions."""
    rng = np.random.default_rng(seed)
    views = len(VIEWS)
    latents = (views, LATENT_CHANNELS, 8, 8)
    skill = np.eye(len(SKILLS), dtype=np.float32)[2:3] * (not acting)
    one = [
        rng.standard_normal((1, *latents)),
        skill,
        rng.uniform(0, 1, (1, 2, views, 2)),
        rng.uniform(-0.3, 0.3, (1, 2, 3)),
        rng.uniform(0.1, 1, (1, 10)),
        rng.uniform(0.2, 1, (1, views, 3, 4)),
        np.full((1, 1), not acting),
        rng.uniform(-0.03, 0.03, (rows if acting else 1, HORIZON, 7)) * acting,
        np.full((1, 1), acting),
        rng.standard_normal((1 if acting else rows, HORIZON, *latents)) * (not acting),
        np.full((1, 1), 1.0 if acting else 0.5),
    ]
    return tuple(np.repeat(a, rows // len(a), axis=0).astype(np.float32) for a in one)


@pytest.fixture(scope="module")
def video_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small video model with random weights, as our exporter writes it."""
    torch.manual_seed(0)
    network = VideoModel(TrunkConfig(width=32, depth=2, heads=2)).eval().requires_grad_(False)
    for parameter in network.parameters():
        parameter.copy_(torch.randn_like(parameter) * (0.7 / parameter.shape[-1] ** 0.5))
    folder = tmp_path_factory.mktemp("video_model")
    inputs, output = INTERFACES["video_model"]
    samples = tuple(torch.from_numpy(a) for a in candidates(4, acting=False))
    write_component(Graph("video_model", network, inputs, (output,), samples), folder, {"dt_s": "0.2"})
    return folder / "video_model.onnx"


@pytest.fixture(scope="module")
def calls() -> list[tuple[NDArray[np.float32], ...]]:
    return [candidates(4, acting, seed) for seed in range(4) for acting in (False, True, False)]


@pytest.mark.parametrize("acting", [False, True])
def test_what_candidates_share_is_computed_once_and_nothing_changes(
    video_model: Path, calls: list[tuple[NDArray[np.float32], ...]], acting: bool
) -> None:
    made = make_network(video_model, calls, "fp32", "cpu")
    rewritten = ort.InferenceSession(made.model.SerializeToString(), providers=["CPUExecutionProvider"])
    axes = {node.name: node.shape[0] for node in rewritten.get_inputs()}
    assert axes.pop("noisy") == "B" and axes.pop("actions") == "A"
    assert set(axes.values()) == {1}
    original = ort.InferenceSession(str(video_model), providers=["CPUExecutionProvider"])
    names = [node.name for node in original.get_inputs()]
    for rows in (1, 4):
        call = candidates(rows, acting, seed=9)
        varying = "actions" if acting else "noisy"
        (wanted,) = original.run(None, dict(zip(names, call, strict=True)))
        feeds = {name: a if name == varying else a[:1] for name, a in zip(names, call, strict=True)}
        (found,) = rewritten.run(None, feeds)
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, atol=1e-4)
        assert np.abs(wanted).max() > 0.1


def test_the_rewritten_graph_is_smaller_and_keeps_its_metadata(
    video_model: Path, calls: list[tuple[NDArray[np.float32], ...]]
) -> None:
    made = make_network(video_model, calls, "fp32", "cpu").model
    assert len(made.graph.node) < 0.7 * len(Editable.load(video_model).nodes)
    assert {prop.key: prop.value for prop in made.metadata_props}["dt_s"] == "0.2"
    onnx.checker.check_model(made)


def test_integers_stay_close_and_half_the_numbers_are_a_quarter_as_large(
    video_model: Path, calls: list[tuple[NDArray[np.float32], ...]]
) -> None:
    exact = make_network(video_model, calls, "fp32", "cpu")
    made = make_network(video_model, calls, "int8", "cpu")
    assert made.precision == "float32" or made.parity.cosine >= 0.999
    half = make_network(video_model, calls, "fp16", "cuda")
    assert half.precision == "float16" and half.parity.cosine >= 0.999
    assert half.model.ByteSize() < 0.7 * exact.model.ByteSize()
    types = {value.type.tensor_type.elem_type for value in (*half.model.graph.input, *half.model.graph.output)}
    assert types == {onnx.TensorProto.FLOAT}


def test_tensorrt_gets_no_operator_of_ours(video_model: Path, calls: list[tuple[NDArray[np.float32], ...]]) -> None:
    made = make_network(video_model, calls, "fp32", "tensorrt")
    assert {node.domain for node in made.model.graph.node} <= {"", "ai.onnx"}


def test_a_network_of_another_kind_is_left_in_its_form(tmp_path: Path) -> None:
    from onnx import helper

    x, y = (helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["B", 4]) for name in "xy")
    model = helper.make_model(
        helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "relu", [x], [y]),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    path = tmp_path / "relu.onnx"
    onnx.save(model, path)
    assert not is_trunk(Editable.load(path))
    rows = [(np.float32([[-1, 0, 1, 2]]),)] * 3
    made = make_network(path, rows, "int8", "cpu")
    assert (made.precision, made.parity.largest) == ("float32", 0.0)
    assert "no layer" in made.note


@pytest.mark.parametrize("columns", [1, 5])
def test_quantised_weights_are_within_half_a_step_of_each_channel(columns: int) -> None:
    weight = np.random.default_rng(0).standard_normal((7, columns)).astype(np.float32) * np.logspace(-2, 2, columns)
    integers, scale = quantised(weight.astype(np.float32))
    assert (np.abs(integers * scale - weight) <= 0.5001 * scale).all()
    assert np.abs(integers).max(axis=0).tolist() == [127] * columns


def test_the_worst_layer_stays_in_float() -> None:
    """Three layers that each scale by a factor; in integers the middle one gives rubbish."""
    from onnx import helper

    def build(kept: frozenset[str]) -> onnx.ModelProto:
        factor = np.float32([1.0, 1.0]) if "b" in kept else np.float32([1.0, -1.0])
        x, y = (helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["B", 2]) for name in "xy")
        graph = helper.make_graph(
            [helper.make_node("Mul", ["x", "f"], ["y"])], "g", [x], [y], [onnx.numpy_helper.from_array(factor, "f")]
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)

    calls = [(np.float32([[1, 2]]),)] * 3
    model, found, kept = keep_sensitive(["a", "b", "c"], build, calls, calls, least=0.9995)
    assert kept == ("b",)
    assert found.cosine == pytest.approx(1.0)
    assert parity(build(frozenset()), calls, calls).cosine < 0.9995
    assert model.graph.initializer
