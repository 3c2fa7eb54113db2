"""What a run was made with: `config.json` keeps the settings of each stage and every call that trained it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vplanner_models.config import PRESETS, ModelConfig, Preset, StageName
from vplanner_models.errors import TrainingInputError
from vplanner_models.files import replace_json

_SCHEMA_VERSION = 2
_PACKAGES = ("torch", "diffusers", "numpy")
_SETTINGS: dict[StageName, tuple[str, ...]] = {
    "tokenizer": ("tokenizer", "tokenizer_optimiser"),
    "inverse_dynamics": ("inverse_dynamics", "reader_optimiser"),
    "video_model": ("trunk", "video", "trunk_optimiser"),
    "critic": ("critic", "reader_optimiser"),
    "behaviour_cloning": ("trunk", "trunk_optimiser"),
}
"""Which parts of a `ModelConfig` each stage is trained with."""

Settings = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that trained a stage: on which data, with which seed, and for a new stage from whose weights."""

    data: str | None
    seed: int
    start_from: str | None = None


def run_preset(run: Path) -> Preset:
    """Return the preset that a run was started with.

    Raises:
        TrainingInputError: if the folder is no run, or has trained nothing that has a preset.
    """
    path = run / "config.json"
    if not path.is_file():
        raise TrainingInputError(f"{path} is missing; {run} was not made by `vplanner train`")
    name = _read(run).get("preset")
    for preset in PRESETS:
        if preset == name:
            return preset
    if name is None:
        raise TrainingInputError(f"{run} has trained the prompter alone; train the stage 'tokenizer' first")
    raise TrainingInputError(f"{path} names the preset {name!r}; known are {', '.join(PRESETS)}")


def settle_preset(run: Path, wanted: Preset | None) -> Preset:
    """Return the run's preset, or for a new run the wanted one; without a wish, the smallest.

    Raises:
        TrainingInputError: if the run was started with another preset than the wanted one.
    """
    if _read(run).get("preset") is None:
        return wanted or "tiny"
    started = run_preset(run)
    if wanted not in (None, started):
        raise TrainingInputError(
            f"{run} was started with the preset {started!r}, not {wanted!r}; choose another run folder"
        )
    return started


def stage_settings(config: ModelConfig, stage: StageName) -> Settings:
    """Return the settings that a stage is trained with, as JSON has them."""
    parts = asdict(config)
    return _plain({name: parts[name] for name in _SETTINGS[stage]})


def check_settings(run: Path, present: Mapping[str, Settings]) -> None:
    """Compare the settings that the run's stages were trained with to those of this version.

    Stages that are not recorded, as in runs of earlier versions, are passed over.

    Raises:
        TrainingInputError: if an entry differs; the message names it.
    """
    stages = _read(run).get("stages", {})
    for stage, settings in present.items():
        if stage in stages:
            difference = _first_difference(stages[stage]["settings"], _plain(settings))
            if difference is not None:
                raise TrainingInputError(
                    f"{run / 'config.json'}: stage {stage!r} was trained with other settings: {difference}; "
                    "use a new run folder"
                )


def record_call(run: Path, stage: str, settings: Settings, call: Call, preset: Preset | None = None) -> None:
    """Note that a stage is about to be trained; a call that goes on as the last one did is not noted again.

    What a run of an earlier version had noted is kept as `before`: it is that of its last call alone.
    """
    record = _read(run)
    if "stages" not in record:
        before = {key: value for key, value in record.items() if key != "preset"}
        record = {"schema_version": _SCHEMA_VERSION, "preset": record.get("preset"), "stages": {}}
        record |= {"before": before} if before else {}
    record["preset"] = record["preset"] or preset
    versions = {name: version(name) for name in _PACKAGES}
    entry = asdict(call) | {"commit": current_commit(), "versions": versions}
    stages = record["stages"]
    calls = stages.get(stage, {}).get("calls", [])
    if not (calls and _goes_on(calls[-1], entry)):
        calls = [*calls, entry]
    stages[stage] = {"settings": _plain(settings), "calls": calls}
    run.mkdir(parents=True, exist_ok=True)
    replace_json(run / "config.json", record)


def calls_of(run: Path, stage: str) -> list[dict[str, Any]]:
    """Return what is known of the calls that trained a stage, each with `data` and `commit`.

    Of a stage that an earlier version trained, this is the last call to the run, whichever stage that trained; of the
    prompter, earlier versions kept nothing.
    """
    record = _read(run)
    before = record if "stages" not in record else record.get("before", {})
    if stage not in _SETTINGS:
        before = {}
    older = [{key: before[key] for key in ("data", "commit", "versions") if key in before}] if before else []
    calls: list[dict[str, Any]] = record.get("stages", {}).get(stage, {}).get("calls", older)
    return calls


def current_commit() -> str:
    """Commit of the checkout that this package belongs to; `unknown` outside a repository, or without git."""
    command = ["git", "rev-parse", "HEAD"]
    folder = Path(__file__).resolve().parent
    try:
        found = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return found.stdout.strip() or "unknown"


def _read(run: Path) -> dict[str, Any]:
    path = run / "config.json"
    if not path.is_file():
        return {}
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TrainingInputError(f"{path} is damaged ({error}); use a new run folder, or one from a backup") from error
    if record.get("schema_version", _SCHEMA_VERSION) != _SCHEMA_VERSION:
        raise TrainingInputError(
            f"{path}: schema_version {record['schema_version']!r}; this version reads {_SCHEMA_VERSION}"
        )
    return record


def _goes_on(last: dict[str, Any], entry: dict[str, Any]) -> bool:
    same_start = entry["start_from"] in (None, last["start_from"])
    return same_start and entry | {"start_from": last["start_from"]} == last


def _plain(settings: Settings) -> Settings:
    plain: Settings = json.loads(json.dumps(settings))
    return plain


def _first_difference(stored: Any, present: Any, name: str = "") -> str | None:
    if isinstance(stored, dict) and isinstance(present, dict):
        for key in dict.fromkeys((*stored, *present)):
            inner = f"{name}.{key}" if name else key
            if key not in present:
                return f"{inner} is {stored[key]!r} there and absent in this version"
            if key not in stored:
                return f"{inner} is absent there and {present[key]!r} in this version"
            difference = _first_difference(stored[key], present[key], inner)
            if difference is not None:
                return difference
        return None
    return None if stored == present else f"{name} is {stored!r} there and {present!r} in this version"
