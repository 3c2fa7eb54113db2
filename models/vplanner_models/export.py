"""A run becomes a bundle: ONNX files, `bundle.json` with hashes, and a model card."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vplanner_models.arrays import EpisodeArrays
from vplanner_models.checkpoint import load_weights, read_progress
from vplanner_models.config import (
    DT_S,
    FIRST_VALIDATION_SEED,
    HORIZON,
    IMAGE_SIZE,
    PRESETS,
    ROTATION_LIMIT_RAD,
    SKILLS,
    STAGES,
    TRANSLATION_LIMIT_M,
    VIEWS,
)
from vplanner_models.dataset import TrainingSet
from vplanner_models.graphs import graphs_of, sample_inputs
from vplanner_models.latents import encode, load_tokenizer, picture_batch
from vplanner_models.model_card import model_card
from vplanner_models.onnx_files import write_component
from vplanner_models.training import run_preset
from vplanner_models.video_model import VideoModel

SCHEMA_VERSION = 1
SIGMAS = (1.0, 0.5, 0.0)
TEMPERATURES = (0.3, 0.5, 0.7)
_CHECKED_ROWS = 16


def export_bundle(run: Path, arrays: EpisodeArrays, out: Path, name: str, baseline: bool) -> dict[str, float]:
    """Write the bundle and return the parity of each network; components of others in the folder stay.

    Args:
        run: folder of the training run.
        arrays: real frames on which torch and ONNX are compared.
        out: folder of the bundle.
        name: of the bundle.
        baseline: whether the behaviour-cloning network, as large as the video model, goes in as well.

    Raises:
        FileNotFoundError: if the run lacks a network.
        ValueError: if a file does not compute what the network computes, or `bundle.json` there has another schema.
    """
    preset = run_preset(run)
    config = PRESETS[preset]
    out.mkdir(parents=True, exist_ok=True)
    manifest = _existing(out / "bundle.json")
    record = json.loads((run / "config.json").read_text())
    training = {
        "data": record["data"],
        "commit": record["commit"],
        "preset": preset,
        "stages": {stage: asdict(read_progress(run / stage)) for stage in STAGES},
        "metrics": _metrics(run),
    }
    shared = _contract(run, name)
    metadata = {key: json.dumps(value) for key, value in (shared | {"commit": record["commit"]}).items()}
    window, images = _some_frames(arrays)
    latents = encode(load_tokenizer(run, config.tokenizer), window.images)
    rows = torch.arange(len(window))
    samples = sample_inputs(TrainingSet.of(window), latents, picture_batch(images), rows)
    components: dict[str, Any] = dict(manifest.get("components", {}))
    parity = {}
    for graph in graphs_of(run, config, samples, baseline):
        component = write_component(graph, out, metadata)
        components[graph.name] = asdict(component)
        parity[graph.name] = component.parity
    others = {key: value for key, value in manifest.get("training", {}).items() if key not in training}
    manifest = manifest | {"schema_version": SCHEMA_VERSION} | shared
    manifest |= {"components": components, "training": others | training}
    (out / "bundle.json").write_text(json.dumps(manifest, indent=1) + "\n")
    (out / "README.md").write_text(model_card(manifest))
    return parity


def _contract(run: Path, name: str) -> dict[str, Any]:
    """What the runtime must know beside the networks."""
    video = VideoModel(PRESETS[run_preset(run)].trunk)
    load_weights(video, run / "video_model")
    return {
        "name": name,
        "normalisation": {"residual_scale": [round(float(scale), 6) for scale in video.residual_scale]},
        "sigmas": list(SIGMAS),
        "temperatures": list(TEMPERATURES),
        "views": list(VIEWS),
        "image_size": IMAGE_SIZE,
        "horizon": HORIZON,
        "dt_s": DT_S,
        "action_limits": {"translation_m": TRANSLATION_LIMIT_M, "rotation_rad": ROTATION_LIMIT_RAD},
        "skills": list(SKILLS),
    }


def _existing(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    manifest: dict[str, Any] = json.loads(path.read_text())
    if manifest.get("schema_version") != SCHEMA_VERSION:
        raise ValueError(f"{path} has schema_version {manifest.get('schema_version')!r}; this version writes 1")
    return manifest


def _some_frames(arrays: EpisodeArrays) -> tuple[EpisodeArrays, np.ndarray[Any, np.dtype[np.uint8]]]:
    """A few rows in a row of one scene that may be trained on, and their pictures (B, 64, 64, 3)."""
    training = np.flatnonzero(np.asarray(arrays.seed) < FIRST_VALIDATION_SEED)
    first = int(training[0]) if len(training) else 0
    part = arrays.rows(slice(first, first + _CHECKED_ROWS))
    return part, part.images.reshape(-1, *part.images.shape[2:])


def _metrics(run: Path) -> dict[str, Any]:
    """The last validation of each stage, and the evaluation if there is one."""
    found: dict[str, Any] = {}
    for stage in STAGES:
        path = run / stage / "metrics.jsonl"
        if not path.is_file():
            continue
        records = [json.loads(line) for line in path.read_text().splitlines()]
        measured = [r for r in records if any(key.startswith("validation/") for key in r)]
        if measured:
            found[stage] = {
                key.removeprefix("validation/"): round(value, 5)
                for key, value in measured[-1].items()
                if key.startswith("validation/") and np.isfinite(value)
            }
    evaluation = run / "evaluation.json"
    if evaluation.is_file():
        found["evaluation"] = json.loads(evaluation.read_text())
    return found
