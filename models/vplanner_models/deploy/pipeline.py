"""A whole bundle made for a machine: every network, the manifest, the model card."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

from vplanner_models.bundle_folder import publish, read_manifest, scratch_folder
from vplanner_models.deploy.compare import Arrays
from vplanner_models.deploy.networks import EXACT, PROMISED_COSINE, Made, Precision, Target, make_network
from vplanner_models.errors import ParityError, TrainingInputError
from vplanner_models.files import replace_json
from vplanner_models.model_card import model_card

_TYPES = {TensorProto.FLOAT: "float32", TensorProto.INT64: "int64"}
_IN_METADATA = ("name", "normalisation", "sigmas", "temperatures", "views", "image_size", "horizon", "dt_s",
                "action_limits", "skills")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a bundle is made for; `samples` fixes the number of rows of every call to what a replan of so many needs."""

    precision: Precision
    target: Target
    samples: int | None = None


def deploy(
    source: Path,
    inputs: Mapping[str, list[Arrays]],
    out: Path,
    wish: Deployment,
    check: Callable[[Path], dict[str, Any]],
    on_network: Callable[[str], None],
) -> dict[str, Any]:
    """Make a bundle for a machine out of one in float32; returns what is known of each network.

    Args:
        source: the folder of the bundle.
        inputs: by network, real inputs of its calls; networks without any are taken over as they are.
        out: the new folder, untouched until every network has been made and compared.
        wish: for what.
        check: is given the finished folder before it is put in place, and returns what goes under `end_to_end`.
        on_network: is told which network is being made.

    Raises:
        TrainingInputError: if the bundle is no float32 one, or its networks cannot be changed in this way.
        ParityError: if a network is too far from the one it was made of.
        OSError: if the bundle cannot be written.
    """
    manifest = read_manifest(source)
    if "components" not in manifest:
        raise TrainingInputError(f"{source}: no bundle.json there; give the folder of a bundle")
    made_for = manifest.get("deployment")
    if made_for is not None:
        raise TrainingInputError(f"{source}: was made for {made_for['target']} already; give the bundle in float32")
    if out.resolve() == source.resolve():
        raise TrainingInputError(f"--out {out} is the bundle itself; give another folder")
    components: dict[str, Any] = {}
    with scratch_folder(out) as scratch:
        for name, entry in manifest["components"].items():
            calls = inputs.get(name, [])
            if not calls:
                shutil.copyfile(source / entry["file"], scratch / entry["file"])
                components[name] = entry
                continue
            on_network(name)
            try:
                made = make_network(source / entry["file"], calls, wish.precision, wish.target)
            except (ValueError, RuntimeError) as error:
                raise TrainingInputError(f"{name}: {error}") from error
            _check(name, made)
            components[name] = entry | _write(name, made, manifest, wish, _rows(calls), scratch)
        deployment: dict[str, Any] = {
            "precision": wish.precision,
            "target": wish.target,
            "samples": wish.samples,
            "made_from": hashlib.sha256((source / "bundle.json").read_bytes()).hexdigest(),
        }
        finished = manifest | {"components": components, "deployment": deployment}
        replace_json(scratch / "bundle.json", finished)
        deployment["end_to_end"] = check(scratch)
        publish(scratch, out, finished, model_card(finished))
    return components


def _check(name: str, made: Made) -> None:
    found = made.parity
    if made.precision == "float32" and not found.largest <= EXACT:
        raise ParityError(f"{name}: differs by {found.largest:.1e} from the original; at most {EXACT:.0e} is right")
    if not found.cosine >= PROMISED_COSINE:
        raise ParityError(f"{name}: cosine {found.cosine:.5f} with the original; at least {PROMISED_COSINE} is right")


def _rows(calls: list[Arrays]) -> int:
    return max(len(value) for call in calls for value in call)


def _write(
    name: str, made: Made, manifest: dict[str, Any], wish: Deployment, rows: int, folder: Path
) -> dict[str, Any]:
    """Write one network with its metadata inside, and return its entry of `bundle.json`."""
    model = made.model
    if wish.samples is not None:
        for value in (*model.graph.input, *model.graph.output):
            axis = value.type.tensor_type.shape.dim[0]
            if not axis.dim_value:
                axis.dim_value = rows
        del model.graph.value_info[:]
    known = {prop.key: prop.value for prop in model.metadata_props}
    contract = {key: json.dumps(manifest[key]) for key in _IN_METADATA if key in manifest}
    commit = manifest.get("training", {}).get("commit")
    deployed = {"component": name, "precision": made.precision, "target": wish.target, "commit": json.dumps(commit)}
    helper.set_model_props(model, known | contract | deployed)
    path = folder / f"{name}.onnx"
    onnx.save(model, path)
    return {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "precision": made.precision,
        "inputs": list(_specs(model.graph.input)),
        "outputs": list(_specs(model.graph.output)),
        "parity": made.parity.largest,
        "cosine": made.parity.cosine,
        "float_layers": list(made.float_layers),
        "note": made.note,
    }


def _specs(values: Any) -> Iterator[dict[str, Any]]:
    for value in values:
        tensor = value.type.tensor_type
        shape = [axis.dim_param or axis.dim_value for axis in tensor.shape.dim]
        yield {"name": value.name, "dtype": _TYPES[tensor.elem_type], "shape": shape}
