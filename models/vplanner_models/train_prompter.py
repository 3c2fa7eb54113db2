"""Training of the embedded prompter: its text network and its vision network."""

from __future__ import annotations

from pathlib import Path

import torch

from vplanner_models.prompter_pictures import PictureSet
from vplanner_models.prompter_text_stage import TextStage
from vplanner_models.prompter_vision_stage import VisionStage
from vplanner_models.trainer import Loop


def train_text(run: Path, minutes: float, seed: int = 0) -> dict[str, float]:
    """Train the text network in `run / "prompter_text"`, resuming, and return its validation."""
    torch.manual_seed(seed)
    return Loop(TextStage(), run / "prompter_text", minutes, seed).run()


def train_vision(run: Path, pictures: Path, minutes: float, seed: int = 0) -> dict[str, float]:
    """Train the vision network in `run / "prompter_vision"`, resuming, and return its validation.

    Args:
        run: Folder of the run.
        pictures: Folder of labelled pictures of training and validation scenes.
        minutes: Budget over all calls.
        seed: Of weights and batches.

    Raises:
        FileNotFoundError: There are no pictures.
    """
    torch.manual_seed(seed)
    stage = VisionStage(PictureSet.load(pictures, validation=False), PictureSet.load(pictures, validation=True))
    return Loop(stage, run / "prompter_vision", minutes, seed).run()
