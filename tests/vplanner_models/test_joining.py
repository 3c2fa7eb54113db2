"""Several data sets are read as one, without a copy of their pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from vplanner.commands.train import read_arrays
from vplanner.errors import InputError
from vplanner_models.arrays import EpisodeArrays
from vplanner_models.dataset import TrainingSet
from vplanner_models.errors import TrainingInputError
from vplanner_models.joining import JoinedPictures, join_arrays


@pytest.fixture
def halves(arrays: EpisodeArrays) -> tuple[EpisodeArrays, EpisodeArrays]:
    """The training and the validation scenes, each numbered from zero, as two collections would be."""
    border = int(np.argmax(arrays.seed >= 100_000))
    first, second = arrays.rows(slice(0, border)), arrays.rows(slice(border, len(arrays)))
    return first, replace(second, episode=second.episode - second.episode[0])


def test_joined_pictures_are_those_of_the_parts(arrays: EpisodeArrays) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (30, 2, 4, 4, 3), dtype=np.uint8)
    joined = JoinedPictures([pictures[:7], pictures[7:7], pictures[7:]])
    assert joined.shape == pictures.shape and len(joined) == 30
    for rows in (slice(None), slice(5, 9), slice(20, 2, -3), slice(28, 90)):
        np.testing.assert_array_equal(joined[rows], pictures[rows])
    rows = np.array([29, 0, 6, 7, 7, 12])
    np.testing.assert_array_equal(joined[rows], pictures[rows])
    with pytest.raises(IndexError, match="0 to 29"):
        joined[np.array([3, 30])]


def test_joined_sets_keep_their_episodes_apart(
    arrays: EpisodeArrays, halves: tuple[EpisodeArrays, EpisodeArrays]
) -> None:
    joined = join_arrays({"a": halves[0], "b": halves[1]})
    for name in EpisodeArrays.row_fields():
        np.testing.assert_array_equal(getattr(joined, name)[:], getattr(arrays, name))
    one, other = TrainingSet.of(joined), TrainingSet.of(arrays)
    assert torch.equal(one.first, other.first) and torch.equal(one.validation_rows, other.validation_rows)


def test_a_single_set_stays_as_it_is(arrays: EpisodeArrays) -> None:
    assert join_arrays({"only": arrays}) is arrays


def test_sets_of_other_cameras_are_refused(halves: tuple[EpisodeArrays, EpisodeArrays]) -> None:
    moved = replace(halves[1], T_base_cam=halves[1].T_base_cam + np.float32(0.01))
    with pytest.raises(TrainingInputError, match="b was seen by other cameras than a"):
        join_arrays({"a": halves[0], "b": moved})


def test_the_command_line_joins_folders(
    arrays: EpisodeArrays, halves: tuple[EpisodeArrays, EpisodeArrays], tmp_path: Path
) -> None:
    folders = (tmp_path / "train", tmp_path / "validation")
    for folder, part in zip(folders, halves, strict=True):
        part.save(folder)
    np.testing.assert_array_equal(read_arrays(folders).images[:], arrays.images)
    assert isinstance(read_arrays(folders[:1]).images, np.memmap)
    read_arrays(folders).save(tmp_path / "both")
    np.testing.assert_array_equal(read_arrays([tmp_path / "both"]).images, arrays.images)
    with pytest.raises(InputError, match="twice"):
        read_arrays([folders[0], folders[0]])


def test_a_damaged_array_is_named(arrays: EpisodeArrays, tmp_path: Path) -> None:
    arrays.save(tmp_path)
    (tmp_path / "state.npy").write_bytes(b"no array")
    with pytest.raises(InputError, match=r"state\.npy is damaged"):
        read_arrays([tmp_path])
