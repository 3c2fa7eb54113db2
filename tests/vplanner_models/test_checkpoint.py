"""What an interruption or another version leaves in a run is noticed, and said in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from vplanner_models.checkpoint import (
    Progress,
    load_weights,
    read_progress,
    resume_checkpoint,
    save_checkpoint,
    start_from,
)
from vplanner_models.curves import draw_curves
from vplanner_models.errors import TrainingInputError
from vplanner_models.records import append_records, read_records


def network(width: int) -> tuple[nn.Module, torch.optim.Optimizer]:
    module = nn.Sequential(nn.Linear(2, width), nn.Linear(width, 1))
    optimiser = torch.optim.AdamW(module.parameters())
    module(torch.ones(1, 2)).sum().backward()
    optimiser.step()
    return module, optimiser


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    module, optimiser = network(3)
    save_checkpoint(tmp_path / "critic", module, module, optimiser, Progress(steps=1, samples=4, seconds=2.0))
    return tmp_path / "critic"


def test_a_checkpoint_comes_back(stage: Path) -> None:
    module, optimiser = network(3)
    progress = resume_checkpoint(stage, module, module, optimiser)
    assert progress == Progress(steps=1, samples=4, seconds=2.0)
    assert {path.name for path in stage.iterdir()} == {"model.safetensors", "training.safetensors", "progress.json"}


def test_another_architecture_is_one_clear_error(stage: Path) -> None:
    module, optimiser = network(5)
    message = r"holds another architecture: 0\.bias is \(3,\) there and \(5,\) in this version"
    with pytest.raises(TrainingInputError, match=message):
        resume_checkpoint(stage, module, module, optimiser)
    with pytest.raises(TrainingInputError, match=message):
        load_weights(module, stage)
    deeper = nn.Sequential(*network(3)[0].children(), nn.Linear(1, 1))  # type: ignore[arg-type]
    with pytest.raises(TrainingInputError, match=r"2\.bias is absent there"):
        load_weights(deeper, stage)


def test_damaged_files_are_named(stage: Path) -> None:
    module, _ = network(3)
    (stage / "model.safetensors").write_bytes(b"half a fi")
    for load in (lambda: load_weights(module, stage), lambda: start_from(stage, module, module)):
        with pytest.raises(TrainingInputError, match=r"model\.safetensors is damaged"):
            load()
    (stage / "progress.json").write_text('{"steps": 1')
    with pytest.raises(TrainingInputError, match=r"progress\.json is damaged"):
        read_progress(stage)


def test_progress_is_replaced_in_one_go(stage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_text

    def torn(path: Path, text: str, **options: str) -> None:
        write(path, text[:9], **options)
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", torn)
    module, optimiser = network(3)
    with pytest.raises(OSError, match="space"):
        save_checkpoint(stage, module, module, optimiser, Progress(steps=2))
    assert read_progress(stage).steps == 1


def test_progress_of_earlier_versions_is_read(tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_text('{"steps": 7, "samples": 28, "seconds": 1.5, "done": true}')
    assert read_progress(tmp_path) == Progress(7, 28, 1.5, True)


def test_half_a_line_of_records_breaks_nothing(tmp_path: Path) -> None:
    assert read_records(tmp_path) == []
    whole = {"steps": 1, "seconds": 2.0, "loss": 0.5}
    (tmp_path / "metrics.jsonl").write_text(json.dumps(whole) + '\n{"steps": 2, "sec')
    with append_records(tmp_path) as records:
        records.write(json.dumps(whole | {"steps": 3}) + "\n")
    assert [record["steps"] for record in read_records(tmp_path)] == [1, 3]
    draw_curves(tmp_path)
    assert (tmp_path / "curves.png").stat().st_size > 1000
