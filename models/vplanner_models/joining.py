"""Several data sets as one, such as training and validation scenes; their pictures stay in their own files."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vplanner_models.arrays import EpisodeArrays, Pictures
from vplanner_models.errors import TrainingInputError


class JoinedPictures:
    """Pictures (N, V, H, W, 3) of several sets, one set after the other; rows are read when they are asked for.

    A set's pictures are gigabytes in a memory-mapped file: a joined copy would cost the same again on disk.
    """

    def __init__(self, parts: Sequence[Pictures]) -> None:
        """Join at least one set; all pictures must have the same shape (V, H, W, 3)."""
        self._parts = tuple(parts)
        self._starts = np.cumsum([0, *(len(part) for part in parts)])
        self.shape: tuple[int, ...] = (len(self), *parts[0].shape[1:])

    def __len__(self) -> int:
        """Return the number of rows N."""
        return int(self._starts[-1])

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the pictures (B, V, H, W, 3) of a slice or of row indices (B,), in their order, in memory.

        Raises:
            IndexError: if a row is negative or N or more.
        """
        wanted = np.arange(*rows.indices(len(self))) if isinstance(rows, slice) else rows
        if len(wanted) and not 0 <= wanted.min() <= wanted.max() < len(self):
            raise IndexError(f"rows {wanted.min()} to {wanted.max()} are asked for; there are 0 to {len(self) - 1}")
        found = np.empty((len(wanted), *self.shape[1:]), np.uint8)
        owner = np.searchsorted(self._starts, wanted, side="right") - 1
        for index, part in enumerate(self._parts):
            here = owner == index
            if here.any():
                found[here] = part[wanted[here] - self._starts[index]]
        return found


def join_arrays(sets: dict[str, EpisodeArrays]) -> EpisodeArrays:
    """Join data sets, given by their names; episodes are numbered on, pictures stay where they are.

    A single set comes back as it is.

    Raises:
        TrainingInputError: if there is none, or their cameras or pictures differ.
    """
    if not sets:
        raise TrainingInputError("there is no data set to read; name at least one")
    (first_name, first), *others = sets.items()
    if not others:
        return first
    for name, other in others:
        same = np.allclose(first.intrinsics, other.intrinsics) and np.allclose(first.T_base_cam, other.T_base_cam)
        if first.images.shape[1:] != other.images.shape[1:] or not same:
            raise TrainingInputError(
                f"{name} was seen by other cameras than {first_name}; only sets with the same calibration, views and "
                "picture size can be joined"
            )
    parts = list(sets.values())
    # Rows beside the pictures are small: they are joined in memory.
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in EpisodeArrays.row_fields()
        if name not in ("images", "episode")
    }
    numbers: list[NDArray[np.int64]] = []
    following = 0
    for part in parts:
        numbers.append(np.asarray(part.episode) + following)
        following = int(numbers[-1].max(initial=following - 1)) + 1
    return EpisodeArrays(
        images=JoinedPictures([part.images for part in parts]),
        episode=np.concatenate(numbers),
        intrinsics=first.intrinsics,
        T_base_cam=first.T_base_cam,
        **columns,
    )
