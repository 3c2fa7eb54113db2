"""Latents of a whole data set, encoded once per tokenizer and kept beside the run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vplanner_models.arrays import EpisodeArrays, Pictures
from vplanner_models.checkpoint import load_weights
from vplanner_models.config import TokenizerConfig
from vplanner_models.errors import TrainingInputError
from vplanner_models.files import replace_json
from vplanner_models.layers import channels_last
from vplanner_models.tokenizer import Tokenizer

_BATCH = 128


def picture_batch(images: NDArray[np.uint8]) -> Tensor:
    """Turn uint8 (..., H, W, 3) into float (B, 3, H, W) in 0..1, channels last in memory."""
    pictures = torch.from_numpy(np.array(images)).flatten(0, -4)
    return pictures.permute(0, 3, 1, 2).float().div_(255)


def load_tokenizer(run: Path, config: TokenizerConfig) -> Tokenizer:
    """Load the trained tokenizer of a run, ready for inference.

    Raises:
        TrainingInputError: if the run has none yet, or one of another architecture.
    """
    tokenizer = Tokenizer(config)
    load_weights(tokenizer, run / "tokenizer")
    channels_last(tokenizer)
    tokenizer.eval().requires_grad_(False)
    return tokenizer


@torch.no_grad()
def encode(tokenizer: Tokenizer, images: Pictures) -> Tensor:
    """Encode pictures (N, V, 64, 64, 3) to latents (N, V, C, 8, 8), float16."""
    parts = []
    for start in range(0, len(images), _BATCH):
        rows = images[start : start + _BATCH]
        latents = tokenizer.encoder(picture_batch(rows))
        parts.append(latents.reshape(len(rows), -1, *latents.shape[1:]).half())
    return torch.cat(parts).contiguous()


def dataset_latents(run: Path, config: TokenizerConfig, arrays: EpisodeArrays) -> Tensor:
    """Return latents (N, V, C, 8, 8), float16, of every row; encodes only if tokenizer or data have changed.

    Raises:
        TrainingInputError: if the run has no tokenizer yet.
    """
    weights = run / "tokenizer" / "model.safetensors"
    if not weights.is_file():
        raise TrainingInputError(f"{run} has no trained tokenizer; train the stage 'tokenizer' first")
    digest = hashlib.sha256(weights.read_bytes())
    digest.update(np.ascontiguousarray(arrays.action).tobytes())
    digest.update(np.ascontiguousarray(arrays.state).tobytes())
    key, folder = digest.hexdigest(), run / "latents"
    stored, meta = folder / "latents.npy", folder / "latents.json"
    if meta.is_file() and json.loads(meta.read_text())["key"] == key:
        return torch.from_numpy(np.load(stored, allow_pickle=False))
    latents = encode(load_tokenizer(run, config), arrays.images)
    folder.mkdir(parents=True, exist_ok=True)
    meta.unlink(missing_ok=True)
    np.save(stored, latents.numpy(), allow_pickle=False)
    replace_json(meta, {"key": key, "rows": len(latents)})
    return latents
