"""The trained prompter becomes part of a bundle: two ONNX files and a vocabulary, merged into `bundle.json`."""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch
from torch import Tensor, nn

from vplanner_models.checkpoint import load_weights, read_progress
from vplanner_models.config import SKILLS
from vplanner_models.onnx_files import OPSET, TOLERANCE, TensorSpec
from vplanner_models.prompter_data import AFFORDANCES, COLOURS, KINDS, MAX_CHARACTERS, NOUNS, WORDS, Sampler
from vplanner_models.prompter_net import VISION_NOUNS, VISION_SIZE, VisionNet
from vplanner_models.prompter_text import HEADS, TextNet, encode_characters

SCHEMA_VERSION = 1
VOCABULARY_FILE = "prompter_vocabulary.json"
PARTS = {"drawer": ("drawer_handle", "drawer_handle"), "lever": ("lever_grip", "lever_pivot")}
"""Nouns that are not seen as a whole: the points that stand for them as source and as target."""


@dataclass(frozen=True, slots=True)
class _Export:
    """A network with inputs to export and check it with; `axes` names the free axes of every tensor."""

    name: str
    network: nn.Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    samples: tuple[Tensor, ...]
    axes: tuple[str, ...]


def export_prompter(run: Path, out: Path) -> dict[str, float]:
    """Write what the run has of the prompter into the bundle folder; return the parity of each network.

    Args:
        run: Folder of the training run.
        out: Folder of the bundle; components of others in its `bundle.json` stay.

    Raises:
        FileNotFoundError: The run has neither network.
        ValueError: A file does not compute what the network computes, or `bundle.json` has another schema.
    """
    exports = [make(run) for name, make in _EXPORTS.items() if (run / name / "model.safetensors").is_file()]
    if not exports:
        raise FileNotFoundError(f"{run} has no trained prompter; train {' and '.join(_EXPORTS)} first")
    out.mkdir(parents=True, exist_ok=True)
    vocabulary = out / VOCABULARY_FILE
    vocabulary.write_text(json.dumps(_vocabulary(), ensure_ascii=False, indent=1) + "\n")
    components: dict[str, Any] = {
        "prompter_vocabulary": {
            "file": VOCABULARY_FILE, "sha256": _sha256(vocabulary), "precision": "json", "inputs": [], "outputs": [],
        }
    }  # fmt: skip
    parity = {}
    for export in exports:
        components[export.name], parity[export.name] = _write(export, out)
    training = {export.name: asdict(read_progress(run / export.name)) for export in exports}
    _merge(out / "bundle.json", components, training)
    return parity


def _vocabulary() -> dict[str, Any]:
    return {
        "kinds": KINDS,
        "skills": SKILLS,
        "nouns": NOUNS,
        "colours": COLOURS,
        "vision_nouns": VISION_NOUNS,
        "vision_size": VISION_SIZE,
        "words": WORDS,
        "max_characters": MAX_CHARACTERS,
        "affordances": {skill: {"sources": s, "targets": t} for skill, (s, t) in AFFORDANCES.items()},
        "parts": {noun: {"source": source, "target": target} for noun, (source, target) in PARTS.items()},
    }


def _text(run: Path) -> _Export:
    network = TextNet().eval()
    load_weights(network, run / "prompter_text")
    sampler = Sampler(np.random.default_rng(0))
    texts = [sampler.sentence().text for _ in range(7)]
    characters = encode_characters([*texts, "x" * MAX_CHARACTERS])  # the traced graph has the full length
    return _Export("prompter_text", network, ("characters",), (*HEADS, "unknown", "words"), (characters,), ("B",))


def _vision(run: Path) -> _Export:
    network = VisionNet().eval()
    load_weights(network, run / "prompter_vision")
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, 3, VISION_SIZE, VISION_SIZE, generator=generator)
    noun = torch.randint(len(VISION_NOUNS), (2, 3), generator=generator)
    colour = torch.randint(len(COLOURS), (2, 3), generator=generator)
    inputs, outputs = ("images", "noun", "colour", "view"), ("heat", "offset", "presence")
    return _Export("prompter_vision", network, inputs, outputs, (images, noun, colour, torch.arange(2)), ("B", "Q"))


_EXPORTS = {"prompter_text": _text, "prompter_vision": _vision}


def _write(export: _Export, out: Path) -> tuple[dict[str, Any], float]:
    path = out / f"{export.name}.onnx"
    with torch.no_grad():
        expected = export.network(*export.samples)
    inputs = _free_axes(export.inputs, export.samples, export.axes)
    outputs = _free_axes(export.outputs, expected, export.axes)
    axes = {s.name: {i: a for i, a in enumerate(s.shape) if isinstance(a, str)} for s in (*inputs, *outputs)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            export.network, export.samples, str(path), input_names=list(export.inputs),
            output_names=list(export.outputs), dynamic_axes=axes, opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {n: t.numpy() for n, t in zip(export.inputs, export.samples, strict=True)})
    worst = max(float(np.abs(a - b.numpy()).max()) for a, b in zip(found, expected, strict=True))
    if not worst <= TOLERANCE:
        raise ValueError(f"{path}: differs from torch by {worst:.1e}; at most {TOLERANCE:.0e} is right")
    component = {
        "file": path.name,
        "sha256": _sha256(path),
        "precision": "float32",
        "inputs": [asdict(spec) for spec in inputs],
        "outputs": [asdict(spec) for spec in outputs],
        "parity": worst,
    }
    return component, worst


def _free_axes(names: tuple[str, ...], tensors: tuple[Tensor, ...], axes: tuple[str, ...]) -> list[TensorSpec]:
    """Describe tensors; the batch is free everywhere, and the second axis where it counts queries."""
    specs = []
    for name, tensor in zip(names, tensors, strict=True):
        free = 1 if name == "images" else len(axes)
        shape = tuple(axes[i] if i < min(free, tensor.dim()) else size for i, size in enumerate(tensor.shape))
        specs.append(TensorSpec(name, str(tensor.dtype).removeprefix("torch."), shape))
    return specs


def _merge(path: Path, components: dict[str, Any], training: dict[str, Any]) -> None:
    manifest: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {"schema_version": SCHEMA_VERSION}
    if manifest.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"{path} has schema_version {manifest.get('schema_version')!r}; this version writes 1")
    manifest["components"] = manifest.get("components", {}) | components
    manifest["training"] = manifest.get("training", {}) | training
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(manifest, indent=1) + "\n")
    partial.replace(path)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
