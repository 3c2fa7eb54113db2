"""Labelled pictures are read from several folders, and split by their scenes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from vplanner_models.errors import TrainingInputError
from vplanner_models.prompter_judge_stage import JudgeStage
from vplanner_models.prompter_net import HEAT_CELLS, VisionNet
from vplanner_models.prompter_pictures import PictureSet, draw_queries


def write(file: Path, count: int, noun: str = "cube", **more: np.ndarray) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        file,
        images=np.zeros((count, 2, 128, 128, 3), np.uint8),
        nouns=np.full((count, 3), noun),
        colours=np.full((count, 3), "red"),
        uv=np.full((count, 3, 2, 2), 0.5, np.float32),
        xyz=np.zeros((count, 3, 3), np.float32),
        boxes=np.tile(np.float32([0.25, 0.375, 0.75, 0.625]), (count, 3, 2, 1)),
        skill=np.full(count, "reach"),
        source=np.zeros(count, np.int64),
        target=np.zeros(count, np.int64),
        done=np.arange(count) % 2 == 0,
        robot=np.tile(np.float32([0.5, 0, 0.2, 0, 1, 0, 0, 1]), (count, 1)),
        **more,
    )
    return file


def test_folders_are_joined_and_split_by_seed(tmp_path: Path) -> None:
    write(tmp_path / "a" / "reach-000000.npz", 4, scenes=np.array(1))
    write(tmp_path / "b" / "reach-000020.npz", 3)
    write(tmp_path / "b" / "reach-100000.npz", 2, scenes=np.array(1))
    folders = [tmp_path / "a", tmp_path / "b"]
    assert len(PictureSet.load(folders, validation=False)) == 7
    assert len(PictureSet.load(folders, validation=True)) == 2
    with pytest.raises(TrainingInputError, match="no pictures of validation scenes"):
        PictureSet.load(folders[:1], validation=True)


def test_labels_tell_point_and_box_from_the_cells_around(tmp_path: Path) -> None:
    write(tmp_path / "reach-000000.npz", 4)
    data = PictureSet.load([tmp_path], validation=False)
    queries = draw_queries(data, torch.arange(4), torch.Generator().manual_seed(0), augment=False)
    assert (queries.share.sum(-1) >= 0.85 * queries.heat.sum(-1)).all()  # little of the heat lies elsewhere
    centre = torch.stack([queries.near % HEAT_CELLS, queries.near // HEAT_CELLS], 2) + 0.5
    there = queries.heat.sum(-1) > 0.5
    assert there.any() and not there.all()
    point = (queries.offset + centre) / HEAT_CELLS
    assert torch.allclose(point[there], torch.tensor(0.5), atol=1e-5)
    left_top, right_bottom = (centre - queries.box[:, :, :2]), (centre + queries.box[:, :, 2:])
    sides = torch.cat([left_top, right_bottom], 2)[there] / HEAT_CELLS
    assert torch.allclose(sides, torch.tensor([0.25, 0.375, 0.75, 0.625])[:, None].expand_as(sides), atol=1e-5)


def test_what_is_asked_near_a_point_is_what_is_answered_everywhere() -> None:
    torch.manual_seed(0)
    network = VisionNet().eval()
    images = torch.rand(2, 3, 128, 128)
    noun, colour, view = torch.tensor([[0, 1, 2], [3, 4, 5]]), torch.zeros(2, 3, dtype=torch.long), torch.tensor([0, 1])
    cells = torch.randint(HEAT_CELLS**2, (2, 3, 5))
    heat, offset, box, presence = network(images, noun, colour, view)
    near_heat, near = network.near(images, noun, colour, view, cells)
    everywhere = torch.cat([offset, box], 2).flatten(3)
    assert torch.allclose(near_heat, heat.flatten(2), atol=1e-5)
    assert torch.allclose(near, everywhere.gather(3, cells[:, :, None].expand(-1, -1, 6, -1)), atol=1e-5)
    assert torch.allclose(presence, near_heat.logsumexp(-1), atol=1e-5)


def test_the_judge_learns_what_only_a_close_up_shows(tmp_path: Path) -> None:
    write(tmp_path / "reach-000000.npz", 64)
    data = PictureSet.load([tmp_path], validation=False)
    size = data.images.shape[2]
    middle = slice(size // 2 - 4, size // 2 + 4)
    data.images[data.done, :, middle, middle] = 255
    torch.manual_seed(0)
    stage, generator = JudgeStage(data, data), torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(stage.module.parameters(), 2e-3)
    for _ in range(60):
        optimiser.zero_grad()
        stage.loss(0.0, generator)["loss"].backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    assert stage.validate(stage.module.eval())["balanced"] > 0.95


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
