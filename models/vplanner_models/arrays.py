"""Episodes as plain arrays: what every training stage reads, kept memory-mapped on disk."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from vplanner_models.errors import TrainingInputError

if TYPE_CHECKING:
    from vplanner_models.joining import JoinedPictures

Pictures: TypeAlias = "NDArray[np.uint8] | JoinedPictures"
_META = "arrays.json"
_SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class EpisodeArrays:
    """`N` rows of one data set in time order, `V` views; rows of one episode are contiguous.

    The action of a row leads to the next row of the same episode. Positions are in the base frame [m].
    """

    images: Pictures
    """(N, V, 64, 64, 3) RGB."""
    state: NDArray[np.float32]
    """(N, 15): joint angles (7) [rad], TCP position (3) [m], TCP quaternion wxyz (4), gripper opening (1)."""
    action: NDArray[np.float32]
    """(N, 7) as executed: translation [m], rotation vector [rad], gripper opening in [0, 1]; zero in last rows."""
    expert_action: NDArray[np.float32]
    """(N, 7) what the expert wanted at this row; equals `action` where the row is not noisy."""
    skill: NDArray[np.int64]
    """(N,) index in the order of the skill one-hot code."""
    source_xyz: NDArray[np.float32]
    """(N, 3) position of the source object."""
    target_xyz: NDArray[np.float32]
    """(N, 3) position of the target object."""
    progress: NDArray[np.float32]
    """(N,) in [0, 1]."""
    success: NDArray[np.float32]
    """(N,) 1 where the sub-goal is reached."""
    noisy: NDArray[np.bool_]
    """(N,) whether the executed action differs from the expert's intention."""
    episode: NDArray[np.int64]
    """(N,) index of the episode."""
    seed: NDArray[np.int64]
    """(N,) scene seed of the episode."""
    intrinsics: NDArray[np.float32]
    """(V, 3, 3) for an image of unit size."""
    T_base_cam: NDArray[np.float32]
    """(V, 4, 4) camera to base, OpenCV convention."""

    def __post_init__(self) -> None:
        """Check that the arrays agree.

        Raises:
            ValueError: if a per-row array does not have one entry per image row.
        """
        rows = len(self.images)
        for name in self.row_fields():
            found = len(getattr(self, name))
            if found != rows:
                raise ValueError(f"{name} has {found} rows; expected {rows}, one per row of images")

    def __len__(self) -> int:
        """Return the number of rows N."""
        return len(self.images)

    def rows(self, part: slice) -> EpisodeArrays:
        """Return some rows with the same cameras."""
        arrays = {name: getattr(self, name)[part] for name in self.row_fields()}
        return EpisodeArrays(**arrays, intrinsics=self.intrinsics, T_base_cam=self.T_base_cam)

    def save(self, folder: Path) -> None:
        """Write one `.npy` file per array and a JSON summary."""
        folder.mkdir(parents=True, exist_ok=True)
        shapes: dict[str, list[int]] = {}
        for field in fields(self):
            array = getattr(self, field.name)
            np.save(folder / f"{field.name}.npy", array[:], allow_pickle=False)
            shapes[field.name] = list(array.shape)
        (folder / _META).write_text(json.dumps({"schema_version": _SCHEMA_VERSION, "shapes": shapes}, indent=1))

    @classmethod
    def load(cls, folder: Path) -> EpisodeArrays:
        """Open a saved set; arrays are memory-mapped and read-only.

        Raises:
            TrainingInputError: if the folder was not written by `save`, or a file is missing, damaged, not of the
                recorded shape, or of another schema.
        """
        shapes = _recorded_shapes(folder / _META)
        arrays: dict[str, NDArray[np.generic]] = {}
        for field in fields(cls):
            path = folder / f"{field.name}.npy"
            if not path.is_file():
                raise TrainingInputError(f"{path} is missing")
            try:
                arrays[field.name] = np.load(path, mmap_mode="r", allow_pickle=False)
            except (ValueError, EOFError) as error:
                raise TrainingInputError(f"{path} is damaged ({error})") from error
            if list(arrays[field.name].shape) != shapes.get(field.name):
                raise TrainingInputError(
                    f"{path} has shape {list(arrays[field.name].shape)}; recorded {shapes.get(field.name)}"
                )
        return cls(**arrays)  # type: ignore[arg-type]

    @classmethod
    def row_fields(cls) -> tuple[str, ...]:
        """Names of the arrays with one entry per row."""
        return tuple(f.name for f in fields(cls) if f.name not in ("intrinsics", "T_base_cam"))

    @staticmethod
    def is_saved(folder: Path) -> bool:
        """Whether `save` wrote to this folder."""
        return (folder / _META).is_file()


def _recorded_shapes(path: Path) -> dict[str, list[int]]:
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TrainingInputError(f"{path} is missing; {path.parent} holds no saved arrays") from error
    except ValueError as error:
        raise TrainingInputError(f"{path} is damaged ({error})") from error
    version = meta.get("schema_version")
    if version != _SCHEMA_VERSION:
        raise TrainingInputError(f"{path}: schema_version {version!r}; this version reads {_SCHEMA_VERSION}")
    shapes: dict[str, list[int]] = meta["shapes"]
    return shapes
