"""Saved episodes come back as they were, and damage is noticed."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from vplanner_models.arrays import EpisodeArrays


def test_saved_arrays_come_back_memory_mapped(arrays: EpisodeArrays, tmp_path: Path) -> None:
    arrays.save(tmp_path)
    loaded = EpisodeArrays.load(tmp_path)
    for field in fields(EpisodeArrays):
        found = getattr(loaded, field.name)
        assert isinstance(found, np.memmap)
        np.testing.assert_array_equal(found, getattr(arrays, field.name))


def test_a_missing_file_is_named(arrays: EpisodeArrays, tmp_path: Path) -> None:
    arrays.save(tmp_path)
    (tmp_path / "action.npy").unlink()
    with pytest.raises(ValueError, match=r"action\.npy is missing"):
        EpisodeArrays.load(tmp_path)


def test_arrays_of_different_length_are_refused(arrays: EpisodeArrays) -> None:
    with pytest.raises(ValueError, match="progress has 3 rows"):
        replace(arrays, progress=arrays.progress[:3])
