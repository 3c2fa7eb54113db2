"""Checkpoints of a training stage: safetensors for tensors, JSON for numbers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage has come."""

    steps: int = 0
    samples: int = 0
    seconds: float = 0.0
    """Training time so far, over all runs [s]."""
    done: bool = False


def write_atomically(tensors: dict[str, Tensor], path: Path) -> None:
    """Replace the file only when the new one is complete, so that an interruption never damages it."""
    partial = path.with_suffix(".partial")
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, partial)
    partial.replace(path)


def save_checkpoint(
    folder: Path, module: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer, progress: Progress
) -> None:
    """Write averaged weights (`model`), raw weights and optimiser state (`training`) and progress."""
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(dict(average.state_dict()), folder / "model.safetensors")
    tensors = {f"model.{name}": tensor for name, tensor in module.state_dict().items()}
    for index, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{index}.{name}": value for name, value in state.items()}
    write_atomically(tensors, folder / "training.safetensors")
    (folder / "progress.json").write_text(json.dumps(asdict(progress)))


def read_progress(folder: Path) -> Progress:
    """Return the stage's progress; a fresh one where nothing was saved."""
    path = folder / "progress.json"
    return Progress(**json.loads(path.read_text())) if path.is_file() else Progress()


def resume_checkpoint(
    folder: Path, module: nn.Module, average: nn.Module, optimiser: torch.optim.Optimizer
) -> Progress:
    """Restore a stage from its folder; changes nothing where nothing was saved."""
    progress = read_progress(folder)
    if progress.steps == 0:
        return progress
    average.load_state_dict(load_file(folder / "model.safetensors"))
    tensors = load_file(folder / "training.safetensors")
    module.load_state_dict({k.removeprefix("model."): v for k, v in tensors.items() if k.startswith("model.")})
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith("optimiser."):
            _, index, entry = name.split(".", 2)
            state.setdefault(int(index), {})[entry] = value
    full = optimiser.state_dict()
    optimiser.load_state_dict({"state": state, "param_groups": full["param_groups"]})
    return progress


def start_from(folder: Path, module: nn.Module, average: nn.Module) -> None:
    """Begin a stage with the averaged weights of another run; what that run lacks, or has in another shape, stays new.

    Raises:
        FileNotFoundError: if the stage has not been trained there.
        ValueError: if nothing fits, because the other run has another preset.
    """
    path = folder / "model.safetensors"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; choose a run that has trained the stage {folder.name!r}")
    own = module.state_dict()
    fitting = {k: v for k, v in load_file(path).items() if k in own and own[k].shape == v.shape}
    if 2 * len(fitting) < len(own):
        raise ValueError(f"{path} fits {len(fitting)} of {len(own)} tensors; choose a run of the same preset")
    module.load_state_dict(fitting, strict=False)
    average.load_state_dict(fitting, strict=False)


def load_weights(module: nn.Module, folder: Path) -> None:
    """Load the averaged weights of a stage.

    Raises:
        FileNotFoundError: if the stage has not been trained in this run.
    """
    path = folder / "model.safetensors"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; train the stage {folder.name!r} first")
    module.load_state_dict(load_file(path))
