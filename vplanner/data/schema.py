"""The one definition of what a data set holds: feature names, sizes and files of a LeRobotDataset v3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CODEBASE_VERSION = "v3.0"
FPS = 5
FILES_PER_CHUNK = 1000
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
INFO_PATH = "meta/info.json"
STATS_PATH = "meta/stats.json"
TASKS_PATH = "meta/tasks.parquet"
EPISODES_PATH = "meta/episodes/chunk-000/file-000.parquet"
CAMERAS_PATH = "meta/cameras.json"
PARTS_FOLDER = ".parts"
CACHE_FOLDER = ".cache"

Kind = Literal["float32", "int64"]


@dataclass(frozen=True, slots=True)
class Field:
    """One value per row: a column of the data files, of `size` numbers called `names`."""

    key: str
    kind: Kind
    names: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many numbers one row holds."""
        return len(self.names)


_XYZ = ("x", "y", "z")
_STEP = ("dx", "dy", "dz", "rx", "ry", "rz", "gripper")

STATE = Field(
    "observation.state",
    "float32",
    (*(f"joint_{i}" for i in range(1, 8)), *_XYZ, "qw", "qx", "qy", "qz", "gripper"),
)
ACTION = Field("action", "float32", _STEP)
EXPERT_ACTION = Field("label.expert_action", "float32", _STEP)
SKILL = Field("label.skill", "int64", ("skill",))
SOURCE_XYZ = Field("label.source_xyz", "float32", _XYZ)
TARGET_XYZ = Field("label.target_xyz", "float32", _XYZ)
PROGRESS = Field("label.progress", "float32", ("progress",))
SUCCESS = Field("label.success", "float32", ("success",))
NOISY = Field("label.noisy", "float32", ("noisy",))

FIELDS = (STATE, ACTION, EXPERT_ACTION, SKILL, SOURCE_XYZ, TARGET_XYZ, PROGRESS, SUCCESS, NOISY)
"""The columns that a recorder fills, in the order of the files."""

INDEX_FIELDS = (
    Field("frame_index", "int64", ("frame_index",)),
    Field("episode_index", "int64", ("episode_index",)),
    Field("index", "int64", ("index",)),
    Field("task_index", "int64", ("task_index",)),
)
"""The columns that LeRobot adds, beside `timestamp`."""

TIMESTAMP = Field("timestamp", "float32", ("timestamp",))


def image_key(camera: str) -> str:
    """Return the feature name of one camera's video."""
    return f"observation.images.{camera}"


@dataclass(frozen=True, slots=True)
class FileIndex:
    """Where one data file and its videos lie in the folder."""

    chunk: int
    file: int

    @classmethod
    def of(cls, number: int) -> FileIndex:
        """Return the place of the file with this running number."""
        return cls(chunk=number // FILES_PER_CHUNK, file=number % FILES_PER_CHUNK)

    @property
    def data(self) -> str:
        """Path of the data file, relative to the data set."""
        return DATA_PATH.format(chunk_index=self.chunk, file_index=self.file)

    def video(self, camera: str) -> str:
        """Path of one camera's video file, relative to the data set."""
        return VIDEO_PATH.format(video_key=image_key(camera), chunk_index=self.chunk, file_index=self.file)

    @property
    def part(self) -> str:
        """Path of the episode table that says the file is complete, relative to the data set."""
        return f"{PARTS_FOLDER}/chunk-{self.chunk:03d}-file-{self.file:03d}.parquet"
