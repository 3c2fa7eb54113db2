"""Writes a tiny bundle of real ONNX networks with random weights."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vplanner.types import Skill

SKILLS = [skill.value for skill in Skill]
HORIZON, VIEWS = 4, 2
SHAPES: dict[str, tuple[dict[str, list[int | str]], dict[str, list[int | str]]]] = {
    "tokenizer_encoder": ({"images": ["B", 3, 64, 64]}, {"latents": ["B", 8, 8, 8]}),
    "tokenizer_decoder": ({"latents": ["B", 8, 8, 8]}, {"images": ["B", 3, 64, 64]}),
    "video_model": (
        {
            "now": ["B", VIEWS, 8, 8, 8],
            "skill": ["B", 10],
            "points_uv": ["B", 2, VIEWS, 2],
            "points_xyz": ["B", 2, 3],
            "proprio": ["B", 10],
            "projections": ["B", VIEWS, 3, 4],
            "prompt_on": ["B", 1],
            "actions": ["B", HORIZON, 7],
            "actions_on": ["B", 1],
            "noisy": ["B", HORIZON, VIEWS, 8, 8, 8],
            "sigma": ["B", 1],
        },
        {"clean": ["B", HORIZON, VIEWS, 8, 8, 8]},
    ),
    "inverse_dynamics": (
        {"before": ["B", VIEWS, 8, 8, 8], "after": ["B", VIEWS, 8, 8, 8]},
        {"steps": ["B", 7]},
    ),
    "critic": (
        {
            "now": ["B", VIEWS, 8, 8, 8],
            "future": ["B", VIEWS, 8, 8, 8],
            "skill": ["B", 10],
            "points_uv": ["B", 2, VIEWS, 2],
            "points_xyz": ["B", 2, 3],
            "proprio": ["B", 10],
        },
        {"rating": ["B", 2]},
    ),
    "behaviour_cloning": (
        {
            "now": ["B", VIEWS, 8, 8, 8],
            "skill": ["B", 10],
            "points_uv": ["B", 2, VIEWS, 2],
            "points_xyz": ["B", 2, 3],
            "proprio": ["B", 10],
        },
        {"steps": ["B", HORIZON, 7]},
    ),
}


def _nodes(rng: np.random.Generator, success: float, step_bias: float) -> dict[str, tuple[list[Any], dict[str, Any]]]:
    """Graph of each network: nodes and constants."""
    from onnx import helper

    def node(kind: str, inputs: str, output: str, **attributes: object) -> Any:
        return helper.make_node(kind, inputs.split(), [output], **attributes)

    def draw(*shape: int, scale: float = 0.5) -> np.ndarray:
        return (scale * rng.standard_normal(shape)).astype(np.float32)

    step = np.array([step_bias, 0.0, 0.0, 0.0, 0.0, 0.0, 0.8], dtype=np.float32)
    rating = np.array([0.0, np.log(success / (1.0 - success))], dtype=np.float32)
    size = VIEWS * 512
    return {
        "tokenizer_encoder": (
            [
                node("AveragePool", "images", "pooled", kernel_shape=[8, 8], strides=[8, 8]),
                node("Conv", "pooled weight", "latents"),
            ],
            {"weight": draw(8, 3, 1, 1, scale=2.0)},
        ),
        "tokenizer_decoder": (
            [node("ConvTranspose", "latents weight", "raw", strides=[8, 8]), node("Sigmoid", "raw", "images")],
            {"weight": np.repeat(np.repeat(draw(8, 3, 1, 1), 8, axis=2), 8, axis=3)},
        ),
        "video_model": (
            [
                node("MatMul", "skill skill_weight", "by_skill"),
                node("Mul", "by_skill prompt_on", "prompted"),
                node("Reshape", "actions flat", "flat_actions"),
                node("MatMul", "flat_actions action_weight", "by_action"),
                node("Mul", "by_action actions_on", "acted"),
                node("Add", "prompted acted", "conditioned"),
                node("Reshape", "conditioned future", "shift"),
                node("Mul", "noisy share", "kept"),
                node("Add", "shift kept", "clean"),
            ],
            {
                "skill_weight": draw(10, HORIZON * size),
                "action_weight": draw(HORIZON * 7, HORIZON * size),
                "flat": np.array([-1, HORIZON * 7]),
                "future": np.array([-1, HORIZON, VIEWS, 8, 8, 8]),
                "share": np.array(0.7, dtype=np.float32),
            },
        ),
        "inverse_dynamics": (
            [
                node("Sub", "after before", "difference"),
                node("Reshape", "difference flat", "row"),
                node("MatMul", "row weight", "raw"),
                node("Add", "raw bias", "steps"),
            ],
            {"flat": np.array([-1, size]), "weight": draw(size, 7, scale=2e-4), "bias": step},
        ),
        "critic": (
            [
                node("Sub", "future now", "difference"),
                node("Reshape", "difference flat", "row"),
                node("MatMul", "row weight", "raw"),
                node("Add", "raw bias", "biased"),
                node("Sigmoid", "biased", "rating"),
            ],
            {"flat": np.array([-1, size]), "weight": draw(size, 2, scale=0.02), "bias": rating},
        ),
        "behaviour_cloning": (
            [
                node("MatMul", "skill weight", "row"),
                node("Add", "row bias", "biased"),
                node("Reshape", "biased chunk", "steps"),
            ],
            {
                "weight": draw(10, HORIZON * 7, scale=0.01),
                "bias": np.tile(step, HORIZON),
                "chunk": np.array([-1, HORIZON, 7]),
            },
        ),
    }


def write_bundle(folder: Path, success: float = 0.05, step_bias: float = 0.01) -> Path:
    """Write a bundle whose critic says `success` of the present, and whose steps go `step_bias` [m] along x."""
    onnx = pytest.importorskip("onnx")
    from onnx import helper, numpy_helper

    folder.mkdir(parents=True)
    components = {}
    for name, (nodes, constants) in _nodes(np.random.default_rng(0), success, step_bias).items():
        inputs, outputs = SHAPES[name]
        infos = [
            [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, shape) for n, shape in tensors.items()]
            for tensors in (inputs, outputs)
        ]
        initial = [numpy_helper.from_array(value, key) for key, value in constants.items()]
        graph = helper.make_graph(nodes, name, infos[0], infos[1], initial)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
        data = model.SerializeToString()
        (folder / f"{name}.onnx").write_bytes(data)
        components[name] = {
            "file": f"{name}.onnx",
            "sha256": hashlib.sha256(data).hexdigest(),
            "precision": "float32",
            "inputs": [{"name": n, "dtype": "float32", "shape": shape} for n, shape in inputs.items()],
            "outputs": [{"name": n, "dtype": "float32", "shape": shape} for n, shape in outputs.items()],
            "gflop_per_sample": 0.001,
        }
    manifest = {
        "schema_version": 1,
        "name": "tiny-random",
        "components": components,
        "normalisation": {"residual_scale": 0.5},
        "sigmas": [1.0, 0.5, 0.0],
        "temperatures": [0.5, 1.0],
        "views": ["front", "side"],
        "image_size": 64,
        "horizon": HORIZON,
        "dt_s": 0.2,
        "action_limits": {"translation_m": 0.05, "rotation_rad": 0.35},
        "skills": SKILLS,
        "training": {"data": "none", "commit": "none", "metrics": {}},
    }
    (folder / "bundle.json").write_text(json.dumps(manifest))
    return folder
