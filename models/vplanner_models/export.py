"""A run becomes a bundle: ONNX files, `bundle.json` with hashes, and a model card."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vplanner_models.arrays import EpisodeArrays
from vplanner_models.bundle_folder import publish, read_manifest, scratch_folder
from vplanner_models.checkpoint import load_weights, read_progress
from vplanner_models.config import (
    DT_S,
    FIRST_VALIDATION_SEED,
    HORIZON,
    IMAGE_SIZE,
    PRESETS,
    PROMPTER_STAGES,
    ROTATION_LIMIT_RAD,
    SIGMAS,
    SKILLS,
    STAGES,
    TEMPERATURES,
    TRANSLATION_LIMIT_M,
    VIEWS,
)
from vplanner_models.dataset import TrainingSet
from vplanner_models.graphs import INTERFACES, graphs_of, sample_inputs
from vplanner_models.latents import encode, load_tokenizer, picture_batch
from vplanner_models.model_card import model_card
from vplanner_models.onnx_files import write_component
from vplanner_models.prompter_export import VOCABULARY, prompter_graphs, write_vocabulary
from vplanner_models.records import read_records
from vplanner_models.run_record import calls_of, current_commit, run_preset
from vplanner_models.video_model import VideoModel

_CHECKED_ROWS = 16


def export_bundle(run: Path, arrays: EpisodeArrays, out: Path, name: str, baseline: bool) -> dict[str, float]:
    """Write the run's networks, its prompter included, as a bundle; return the parity of each network.

    All files are written and checked beside `out` first: until every one is right, a bundle that is there stays as it
    is. Of that bundle, components that the run does not have stay if they are independent of its latents, such as the
    prompter of another run; those on the latents of another tokenizer go.

    Args:
        run: folder of the training run.
        arrays: real frames on which torch and ONNX are compared.
        out: folder of the bundle.
        name: of the bundle.
        baseline: whether the behaviour-cloning network, as large as the video model, goes in as well.

    Raises:
        TrainingInputError: if the run lacks a network, or `bundle.json` there is damaged or has another schema.
        ParityError: if a file does not compute what the network computes.
        OSError: if the bundle cannot be written.
    """
    preset = run_preset(run)
    config = PRESETS[preset]
    before = read_manifest(out)
    window, images = _some_frames(arrays)
    pictures = picture_batch(images)
    latents = encode(load_tokenizer(run, config.tokenizer), images)
    samples = sample_inputs(TrainingSet.of(window), latents, pictures, torch.arange(len(window)))
    of_prompter = prompter_graphs(run, pictures[: 4 * len(VIEWS)])
    shared = _contract(run, name) | {"cameras": _cameras(arrays)}
    commit = current_commit()
    metadata = {key: json.dumps(value) for key, value in (shared | {"commit": commit}).items()}
    components: dict[str, Any] = {}
    with scratch_folder(out) as scratch:
        for graph in (*graphs_of(run, config, samples, baseline), *of_prompter):
            components[graph.name] = asdict(write_component(graph, scratch, metadata))
        if of_prompter:
            components[VOCABULARY] = write_vocabulary(scratch)
        parity = {key: component["parity"] for key, component in components.items() if "parity" in component}
        kept = _kept(before, components)
        training = {
            "preset": preset,
            "commit": commit,
            "stages": _stages(run, before, kept),
            "metrics": _metrics(run, before, kept),
        }
        manifest = before | shared | {"components": kept | components, "training": training}
        publish(scratch, out, manifest, model_card(manifest))
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


def _cameras(arrays: EpisodeArrays) -> dict[str, Any]:
    """Calibration of the cameras whose pictures the networks have seen, by view."""
    places = zip(VIEWS, arrays.intrinsics, arrays.T_base_cam, strict=True)
    return {view: {"intrinsics": _rounded(K), "T_base_cam": _rounded(T)} for view, K, T in places}


def _rounded(matrix: NDArray[np.float32]) -> list[list[float]]:
    """As numbers of JSON, exact to float32."""
    return [[round(float(value), 9) for value in row] for row in matrix]


def _some_frames(arrays: EpisodeArrays) -> tuple[EpisodeArrays, NDArray[np.uint8]]:
    """A few rows in a row of one scene that may be trained on, and their pictures (B, V, 64, 64, 3)."""
    training = np.flatnonzero(np.asarray(arrays.seed) < FIRST_VALIDATION_SEED)
    first = int(training[0]) if len(training) else 0
    part = slice(first, first + _CHECKED_ROWS)
    return arrays.rows(part), arrays.images[part]


def _kept(before: dict[str, Any], fresh: dict[str, Any]) -> dict[str, Any]:
    """Components of the bundle that was there which still fit beside the fresh ones."""
    found: dict[str, Any] = before.get("components", {})
    kept = {key: component for key, component in found.items() if key not in fresh and key not in INTERFACES}
    if VOCABULARY in fresh and found.get(VOCABULARY, {}).get("sha256") != fresh[VOCABULARY]["sha256"]:
        kept = {key: component for key, component in kept.items() if key not in PROMPTER_STAGES}
    return kept


def _stages(run: Path, before: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """How each network was trained: progress and calls; of a prompter that stays, what the old bundle said."""
    found: dict[str, Any] = {}
    for stage in (*STAGES, *PROMPTER_STAGES):
        if stage in kept:
            older = before.get("training", {})
            found[stage] = older.get("stages", {}).get(stage) or older.get(stage)
        else:
            progress = read_progress(run / stage)
            found[stage] = asdict(progress) | {"calls": calls_of(run, stage)} if progress.steps else None
    return {stage: entry for stage, entry in found.items() if entry}


def _metrics(run: Path, before: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """The last validation of each stage, and the evaluation if there is one."""
    found: dict[str, Any] = {}
    for stage in (*STAGES, *PROMPTER_STAGES):
        if stage in kept:
            found[stage] = before.get("training", {}).get("metrics", {}).get(stage)
            continue
        measured = [r for r in read_records(run / stage) if any(key.startswith("validation/") for key in r)]
        if measured:
            found[stage] = {
                key.removeprefix("validation/"): round(value, 5)
                for key, value in measured[-1].items()
                if key.startswith("validation/") and np.isfinite(value)
            }
    evaluation = run / "evaluation.json"
    if evaluation.is_file():
        found["evaluation"] = json.loads(evaluation.read_text(encoding="utf-8"))
    return {stage: values for stage, values in found.items() if values}
