"""Finds named things in the pictures of all cameras, and where they are in space.

Axes: `V` cameras, `Q` queries, `G` cells along each side of the heat map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from vplanner.backends import BackendConfig, OnnxNetwork
from vplanner.bundle import Bundle
from vplanner.observation import check_observation, frame_of
from vplanner.prompting.reading import Phrase
from vplanner.prompting.vocabulary import Vocabulary
from vplanner.resizing import resize
from vplanner.transforms import ray_distance, triangulate
from vplanner.types import CameraFrame, Float, GroundedBox, GroundedObject, GroundedPoint, Observation

_LEAST_SIZE = 64
_PEAKS = 2
_LEAST_PEAK = 0.05
_RAY_MISS_M = 0.02  # two rays to one point that miss each other by this much are one standard deviation apart


@dataclass(frozen=True, slots=True)
class _Peak:
    """A place in one picture: uv (2,) in [0, 1], box (4,) as left, top, right, bottom, and the chance of it."""

    uv: Float
    box: Float
    chance: float


class Locator:
    """The vision network of a bundle."""

    def __init__(self, bundle: Bundle, config: BackendConfig, vocabulary: Vocabulary) -> None:
        """Open the network. Raises `BundleError` when it is missing or damaged."""
        feeds = {"images": 4, "noun": 2, "colour": 2, "view": 1}
        self._network = OnnxNetwork(bundle, "prompter_vision", feeds, config)
        self._vocabulary = vocabulary
        self._views = bundle.manifest.views

    def locate(self, observation: Observation, phrases: list[Phrase]) -> list[GroundedObject]:
        """Each thing where it is most likely, however unlikely it is there at all: see its confidence.

        Raises:
            ObservationError: A camera is missing, or the observation is malformed.
        """
        check_observation(observation, self._views, _LEAST_SIZE)
        frames = [frame_of(observation, view) for view in self._views]
        heat, offset, box, presence = self._look(frames, phrases)
        return [
            _ground(
                phrase.label,
                frames,
                [_peaks(*views) for views in zip(heat[:, q], offset[:, q], box[:, q], presence[:, q], strict=True)],
            )
            for q, phrase in enumerate(phrases)
        ]

    def _look(self, frames: list[CameraFrame], phrases: list[Phrase]) -> tuple[Float, ...]:
        """Heat logits (V, Q, G, G), offsets (V, Q, 2, G, G) and box sides (V, Q, 4, G, G) [cells], presence (V, Q)."""
        words = self._vocabulary
        images = as_input(frames, words.vision_size)
        nouns = np.array([[words.vision_nouns.index(p.noun) for p in phrases]] * len(frames))
        colours = np.array([[words.colours.index(p.colour) for p in phrases]] * len(frames))
        return self._network.run(images, nouns, colours, np.arange(len(frames)))  # type: ignore[arg-type]


def as_input(frames: Sequence[CameraFrame], size: int) -> Float:
    """Pictures of any size as (V, 3, size, size) in 0..1."""
    images = np.stack([resize(frame.image, size) for frame in frames]).astype(np.float32)
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)) / np.float32(255.0)


def _peaks(heat: Float, offset: Float, box: Float, presence: float) -> list[_Peak]:
    """The likeliest places (heat (G, G), offset (2, G, G), box (4, G, G)), each the mean over the cells at a peak."""
    cells = heat.shape[0]
    chances = np.exp(heat - np.logaddexp(0.0, presence))  # the network's alternative to all cells has logit zero
    rows, columns = np.mgrid[:cells, :cells]
    corners = np.stack([columns, rows]) + 0.5
    answers = np.concatenate([corners + offset, corners - box[:2], corners + box[2:]])
    found: list[_Peak] = []
    for _ in range(_PEAKS):
        row, column = np.unravel_index(int(chances.argmax()), chances.shape)
        around, beyond = (
            np.s_[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1]
            for reach in (1, 2)
        )
        weights = chances[around]
        total = float(chances[beyond].sum())
        if found and total < _LEAST_PEAK:
            break
        mean = (answers[:, *around] * weights).sum(axis=(1, 2)) / max(float(weights.sum()), 1e-12) / cells
        mean = np.clip(mean, 0.0, 1.0).astype(np.float32)
        found.append(_Peak(mean[:2], mean[2:], min(1.0, total)))
        chances = chances.copy()
        chances[beyond] = 0.0
    return found


def _ground(label: str, frames: list[CameraFrame], views: list[list[_Peak]]) -> GroundedObject:
    """The combination of one peak per view that is likeliest, given that rays to one point meet."""
    best: GroundedObject | None = None
    for peaks in product(*views):
        uv = np.stack([peak.uv for peak in peaks])
        position = triangulate([frame.camera for frame in frames], uv)
        miss = max(ray_distance(frame.camera, peak.uv, position) for frame, peak in zip(frames, peaks, strict=True))
        agreement = float(np.exp(-0.5 * (miss / _RAY_MISS_M) ** 2))
        confidence = float(np.prod([peak.chance for peak in peaks])) ** (1 / len(peaks)) * agreement
        if best is None or confidence > best.confidence:
            points = [
                GroundedPoint(frame.name, float(peak.uv[0]), float(peak.uv[1]), peak.chance)
                for frame, peak in zip(frames, peaks, strict=True)
            ]
            boxes = tuple(GroundedBox(f.name, *map(float, p.box)) for f, p in zip(frames, peaks, strict=True))
            best = GroundedObject(label, tuple(points), position.astype(np.float32), confidence, boxes)
    assert best is not None
    return best
