"""Checkpoints of a training stage: safetensors for tensors, JSON for numbers."""

from __future__ import annotations

import errno
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from vplanner_models.errors import TrainingInputError
from vplanner_models.files import replace_json

_WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage has come."""

    steps: int = 0
    samples: int = 0
    seconds: float = 0.0
    """Training time so far, over all runs [s]."""
    done: bool = False


def write_atomically(tensors: dict[str, Tensor], path: Path) -> None:
    """Replace the file only when the new one is complete, so that an interruption never damages it.

    Raises:
        OSError: if it cannot be written.
    """
    partial = path.with_suffix(".partial")
    try:
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, partial)
    except SafetensorError as error:  # what safetensors makes of a full disk
        partial.unlink(missing_ok=True)
        raise OSError(errno.EIO, str(error), str(path)) from error
    partial.replace(path)


def save_checkpoint(
    folder: Path, module: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, progress: Progress
) -> None:
    """Write averaged weights (`model`), raw weights and optimiser state (`training`), and last, as the mark, progress.

    Each file is replaced in one go. Raises `OSError` when one cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(dict(average.state_dict()), folder / _WEIGHTS)
    tensors = {f"model.{name}": tensor for name, tensor in module.state_dict().items()}
    for index, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{index}.{name}": value for name, value in state.items()}
    write_atomically(tensors, folder / "training.safetensors")
    replace_json(folder / "progress.json", asdict(progress))


def read_progress(folder: Path) -> Progress:
    """Return the stage's progress; a fresh one where nothing was saved.

    Raises:
        TrainingInputError: if `progress.json` is damaged.
    """
    path = folder / "progress.json"
    if not path.is_file():
        return Progress()
    try:
        return Progress(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise TrainingInputError(f"{path} is damaged ({error}); use a new run folder, or one from a backup") from error


def resume_checkpoint(
    folder: Path, module: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer
) -> Progress:
    """Restore a stage from its folder; changes nothing where nothing was saved.

    Raises:
        TrainingInputError: if a file is missing or damaged, or holds another architecture.
    """
    progress = read_progress(folder)
    if progress.steps == 0:
        return progress
    load_weights(average, folder)
    path = folder / "training.safetensors"
    tensors = _read(path)
    _fill(module, {k.removeprefix("model."): v for k, v in tensors.items() if k.startswith("model.")}, path)
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith("optimiser."):
            _, index, entry = name.split(".", 2)
            state.setdefault(int(index), {})[entry] = value
    full = optimiser.state_dict()
    optimiser.load_state_dict({"state": state, "param_groups": full["param_groups"]})
    return progress


def check_trained(folder: Path) -> None:
    """Raise `TrainingInputError` unless the stage with this folder has weights."""
    path = folder / _WEIGHTS
    if not path.is_file():
        raise TrainingInputError(f"{path} is missing; choose a run that has trained the stage {folder.name!r}")


def start_from(folder: Path, module: nn.Module, average: nn.Module) -> None:
    """Begin a stage with the averaged weights of another run; what that run lacks, or has in another shape, stays new.

    Raises:
        TrainingInputError: if the stage has not been trained there, or nothing fits, because that run has another
            preset.
    """
    check_trained(folder)
    path = folder / _WEIGHTS
    own = module.state_dict()
    fitting = {k: v for k, v in _read(path).items() if k in own and own[k].shape == v.shape}
    if 2 * len(fitting) < len(own):
        raise TrainingInputError(f"{path} fits {len(fitting)} of {len(own)} tensors; choose a run of the same preset")
    module.load_state_dict(fitting, strict=False)
    average.load_state_dict(fitting, strict=False)


def load_weights(module: nn.Module, folder: Path) -> None:
    """Load the averaged weights of a stage.

    Raises:
        TrainingInputError: if the stage has not been trained in this run, or with another architecture.
    """
    path = folder / _WEIGHTS
    if not path.is_file():
        raise TrainingInputError(f"{path} is missing; train the stage {folder.name!r} first")
    _fill(module, _read(path), path)


def _read(path: Path) -> dict[str, Tensor]:
    try:
        tensors: dict[str, Tensor] = load_file(path)
    except FileNotFoundError as error:
        raise TrainingInputError(f"{path} is missing, though its stage has progress; use a new run folder") from error
    except SafetensorError as error:
        raise TrainingInputError(f"{path} is damaged ({error}); use a new run folder, or one from a backup") from error
    return tensors


def _fill(module: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    own = module.state_dict()
    names = own.keys() | tensors.keys()
    different = sorted(name for name in names if _shape(own, name) != _shape(tensors, name))
    if different:
        first = different[0]
        raise TrainingInputError(
            f"{path} holds another architecture: {first} is {_shape(tensors, first)} there and {_shape(own, first)} in "
            f"this version, one of {len(different)} such tensors; use a new run folder"
        )
    module.load_state_dict(tensors)


def _shape(tensors: dict[str, Tensor], name: str) -> str:
    return str(tuple(tensors[name].shape)) if name in tensors else "absent"
