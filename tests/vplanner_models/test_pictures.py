"""Labelled pictures are read from several folders, and split by their scenes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vplanner_models.errors import TrainingInputError
from vplanner_models.prompter_pictures import PictureSet


def write(file: Path, count: int, noun: str = "cube", **more: np.ndarray) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        file,
        images=np.zeros((count, 2, 8, 8, 3), np.uint8),
        nouns=np.full((count, 3), noun),
        colours=np.full((count, 3), "red"),
        uv=np.zeros((count, 3, 2, 2), np.float32),
        **more,
    )
    return file


def test_folders_are_joined_and_split_by_seed(tmp_path: Path) -> None:
    write(tmp_path / "a" / "reach-000000.npz", 4, scenes=np.array(1))
    write(tmp_path / "b" / "reach-000020.npz", 3)  # as earlier versions wrote it
    write(tmp_path / "b" / "reach-100000.npz", 2, scenes=np.array(1))
    folders = [tmp_path / "a", tmp_path / "b"]
    assert len(PictureSet.load(folders, validation=False)) == 7
    assert len(PictureSet.load(folders, validation=True)) == 2
    with pytest.raises(TrainingInputError, match="no pictures of validation scenes"):
        PictureSet.load(folders[:1], validation=True)


def test_files_that_do_not_belong_there_are_named(tmp_path: Path) -> None:
    write(tmp_path / "reach-000000.npz", 1, noun="unicorn")
    with pytest.raises(TrainingInputError, match="unicorn"):
        PictureSet.load([tmp_path], validation=False)
    (tmp_path / "reach-000000.npz").write_bytes(b"PK half a fi")
    with pytest.raises(TrainingInputError, match=r"reach-000000\.npz is no block of pictures"):
        PictureSet.load([tmp_path], validation=False)
    (tmp_path / "notes.npz").write_bytes(b"")
    with pytest.raises(TrainingInputError, match=r"notes\.npz is no block of pictures"):
        PictureSet.load([tmp_path], validation=False)
