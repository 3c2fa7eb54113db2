"""Per-episode and whole-set statistics, in the form that LeRobot keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

Values = NDArray[np.float64]
NAMES = ("min", "max", "mean", "std", "count")


@dataclass(frozen=True, slots=True)
class Stats:
    """Extent, mean and spread of a feature over `count` rows; pictures have shape (3, 1, 1), in [0, 1]."""

    min: Values
    max: Values
    mean: Values
    std: Values
    count: int

    def entries(self) -> dict[str, JsonValue]:
        """Return the five values by LeRobot's names, as nested lists."""
        return {
            "min": self.min.tolist(),
            "max": self.max.tolist(),
            "mean": self.mean.tolist(),
            "std": self.std.tolist(),
            "count": [self.count],
        }


def of_rows(rows: NDArray[np.generic]) -> Stats:
    """Return the statistics of values (N, D)."""
    values = rows.astype(np.float64)
    return Stats(values.min(0), values.max(0), values.mean(0), values.std(0), len(values))


def of_images(images: NDArray[np.uint8]) -> Stats:
    """Return the statistics of pictures (N, H, W, 3) per colour channel, from every second pixel each way."""
    pixels = np.ascontiguousarray(np.moveaxis(images[:, ::2, ::2], -1, 0).reshape(3, -1)).astype(np.float32)
    low, high, mean, std = (
        value.astype(np.float64).reshape(3, 1, 1) / 255.0
        for value in (pixels.min(1), pixels.max(1), pixels.mean(1), pixels.std(1))
    )
    return Stats(low, high, mean, std, len(images))


def merge(parts: Sequence[Stats]) -> Stats:
    """Return the statistics of all rows together."""
    counts = np.array([part.count for part in parts], np.float64)
    weights = (counts / counts.sum()).reshape(-1, *([1] * parts[0].mean.ndim))
    means = np.stack([part.mean for part in parts])
    mean = (weights * means).sum(0)
    variance = (weights * (np.stack([part.std for part in parts]) ** 2 + (means - mean) ** 2)).sum(0)
    return Stats(
        min=np.stack([part.min for part in parts]).min(0),
        max=np.stack([part.max for part in parts]).max(0),
        mean=mean,
        std=np.sqrt(variance),
        count=int(counts.sum()),
    )
