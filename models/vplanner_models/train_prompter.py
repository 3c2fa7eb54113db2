"""Training of the embedded prompter: its text network, its vision network and its judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from vplanner_models.prompter_judge_stage import JudgeStage
from vplanner_models.prompter_pictures import PictureSet
from vplanner_models.prompter_text_stage import Encode, TextStage
from vplanner_models.prompter_vision_stage import VisionStage
from vplanner_models.run_record import Call, check_settings, record_call
from vplanner_models.trainer import Loop, Stage


def train_text(run: Path, encode: Encode, minutes: float, seed: int = 0) -> dict[str, float]:
    """Train the text network in `run / "prompter_text"`, resuming, and return its validation.

    Args:
        run: Folder of the run.
        encode: How the runtime cuts a text into tokens and codes them.
        minutes: Budget over all calls.
        seed: Of weights and batches.

    Raises:
        TrainingInputError: The stage was trained there with other settings or another architecture.
        OSError: The run cannot be written.
    """
    torch.manual_seed(seed)
    return _train(TextStage(encode), run, minutes, Call(None, seed))


def train_vision(run: Path, pictures: Sequence[Path], minutes: float, seed: int = 0) -> dict[str, float]:
    """Train the vision network in `run / "prompter_vision"`; see `_train_on_pictures`."""
    return _train_on_pictures(VisionStage, run, pictures, minutes, seed)


def train_judge(run: Path, pictures: Sequence[Path], minutes: float, seed: int = 0) -> dict[str, float]:
    """Train the judge in `run / "prompter_judge"`; see `_train_on_pictures`."""
    return _train_on_pictures(JudgeStage, run, pictures, minutes, seed)


def _train_on_pictures(
    stage: Callable[[PictureSet, PictureSet], Stage], run: Path, pictures: Sequence[Path], minutes: float, seed: int
) -> dict[str, float]:
    """Train a stage, resuming, and return its validation.

    Args:
        stage: Makes it from the training and the validation scenes.
        run: Folder of the run.
        pictures: Folders of labelled pictures, together of training and of validation scenes.
        minutes: Budget over all calls.
        seed: Of weights and batches.

    Raises:
        TrainingInputError: There are no pictures, or the stage was trained there with other settings.
        OSError: The run cannot be written.
    """
    torch.manual_seed(seed)
    made = stage(PictureSet.load(pictures, validation=False), PictureSet.load(pictures, validation=True))
    return _train(made, run, minutes, Call(", ".join(folder.name for folder in pictures), seed))


def _train(stage: Stage, run: Path, minutes: float, call: Call) -> dict[str, float]:
    settings = {"optimiser": asdict(stage.optimiser)}
    check_settings(run, {stage.name: settings})
    loop = Loop(stage, run / stage.name, minutes, call.seed)
    if not loop.finished:
        record_call(run, stage.name, settings, call)
    return loop.run()
