"""Episodes under another light and on another table: commands must be read whatever a scene looks like."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vplanner_models.arrays import EpisodeArrays
from vplanner_models.config import FIRST_VALIDATION_SEED, TokenizerConfig
from vplanner_models.latents import encode, load_tokenizer

_SHARE = 1 / 3
_RECOLOURED = 0.75
_NEAR, _SOFT = 0.11, 0.02
"""Pixels so near to the table's colour are the table, and how softly that ends; colours are in 0..1."""
_LOOKS = 12


def relit(images: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """One episode's pictures (T, H, W, 3) of one camera, changed alike: mostly the table's colour, always the light."""
    pictures = images.astype(np.float32) / 255.0
    if rng.random() < _RECOLOURED:
        pictures = _on_another_table(pictures, rng)
    gain = np.exp(rng.uniform(np.log(0.6), np.log(1.4))) * (1.0 + rng.uniform(-0.15, 0.15, 3))
    size = pictures.shape[2], pictures.shape[1]
    field = cv2.resize(rng.uniform(0.8, 1.2, (3, 3)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    gamma, shift = np.exp(rng.uniform(-0.35, 0.35)), rng.uniform(-0.06, 0.06)
    lit = np.clip(pictures * gain * field[..., None], 0.0, 1.0) ** gamma + shift
    return np.asarray((np.clip(lit, 0.0, 1.0) * 255.0).round(), np.uint8)


def _on_another_table(pictures: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The table is what has the commonest colour of the lower half."""
    still = np.median(pictures[:: max(1, len(pictures) // _LOOKS)], axis=0)
    table = np.median(still[len(still) // 2 :].reshape(-1, 3), axis=0)
    away = np.linalg.norm(pictures - table, axis=-1, keepdims=True)
    share = 1.0 / (1.0 + np.exp((away - _NEAR) / _SOFT))
    level = rng.uniform(0.1, 0.4) if rng.random() < 0.5 else rng.uniform(0.4, 1.0)
    wanted = np.clip(level + rng.uniform(-0.35, 0.35, 3), 0.05, 1.0)
    repainted = np.clip(pictures * (wanted / np.maximum(table, 0.05)), 0.0, 1.0)
    return np.asarray(pictures * (1.0 - share) + repainted * share, np.float32)


def relit_latents(run: Path, config: TokenizerConfig, arrays: EpisodeArrays, seed: int) -> tuple[Tensor, Tensor]:
    """Rows (M,) of a third of the training episodes, and latents (M, V, C, 8, 8), float16, of their pictures, relit.

    Raises:
        TrainingInputError: if the run has no tokenizer yet.
    """
    tokenizer = load_tokenizer(run, config)
    episode = np.asarray(arrays.episode)
    starts = np.flatnonzero(np.r_[True, episode[1:] != episode[:-1]])
    ends = np.r_[starts[1:], len(episode)]
    training = np.flatnonzero(np.asarray(arrays.seed)[starts] < FIRST_VALIDATION_SEED)
    chosen: list[NDArray[np.int64]] = []
    latents: list[Tensor] = []
    for index in np.random.default_rng(seed).permutation(training)[: max(1, round(_SHARE * len(training)))]:
        part = np.arange(starts[index], ends[index])
        images = np.asarray(arrays.images[part[0] : part[-1] + 1])
        views = [relit(images[:, view], np.random.default_rng([seed, index])) for view in range(images.shape[1])]
        chosen.append(part)
        latents.append(encode(tokenizer, np.stack(views, axis=1)))
    return torch.from_numpy(np.concatenate(chosen)), torch.cat(latents)
