"""`vplanner train` and `vplanner export` say what was wrong, before hours of work where they can."""

from __future__ import annotations

from pathlib import Path

import pytest

import vplanner_models.training as training_module
from vplanner.cli import main
from vplanner.commands.train import training_errors
from vplanner.errors import InputError, StorageError
from vplanner_models.arrays import EpisodeArrays
from vplanner_models.errors import TrainingInputError


@pytest.fixture
def data(arrays: EpisodeArrays, tmp_path: Path) -> Path:
    arrays.save(tmp_path / "squares")
    return tmp_path / "squares"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["prompter_text", "--preset", "small"], "--preset small does not apply to prompter_text"),
        (["prompter_vision", "--data", "x", "--start-from", "y"], "--start-from y does not apply to prompter_vision"),
        (["tokenizer"], "tokenizer needs --data"),
        (["prompter_vision"], "collect --pictures"),
        (["critic", "--data", "/nowhere"], "/nowhere"),
        (["prompter_text", "--minutes", "0"], "--minutes"),
        (["prompter_text", "--json", "/"], "is a folder"),
    ],
)
def test_options_that_cannot_be_are_refused_at_once(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *arguments, "--run", str(tmp_path / "run")]) == 2
    assert message in capsys.readouterr().err
    assert not list((tmp_path / "run").glob("*"))


def test_a_weightless_start_is_refused_before_any_stage(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--data", str(data), "--run", str(tmp_path / "run"), "--start-from", str(tmp_path / "other")]
    assert main(["train", "all", *arguments]) == 2
    assert "other/tokenizer/model.safetensors is missing" in capsys.readouterr().err
    assert not list((tmp_path / "run").glob("*"))


def test_several_data_sets_reach_training_by_name(
    data: Path, arrays: EpisodeArrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, str]] = []

    def train(stages: tuple[str, ...], arrays: EpisodeArrays, **options: str) -> dict[str, dict[str, float]]:
        seen.append((len(arrays), options["data_name"]))
        return {"tokenizer": {"validation/psnr_db": 20.0}}

    monkeypatch.setattr(training_module, "train", train)
    arrays.save(tmp_path / "more")
    report = tmp_path / "new" / "report.json"
    folders = ["--data", str(data), str(tmp_path / "more")]
    assert main(["train", "tokenizer", *folders, "--run", str(tmp_path / "run"), "--json", str(report)]) == 0
    assert seen == [(2 * len(arrays), "squares, more")]
    assert "psnr_db" in report.read_text()


def test_mistakes_in_the_code_keep_their_traceback(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def train(*_: object, **__: object) -> None:
        raise ValueError("shapes do not fit")

    monkeypatch.setattr(training_module, "train", train)
    with pytest.raises(ValueError, match="shapes"):
        main(["train", "tokenizer", "--data", str(data), "--run", str(tmp_path / "run")])


def test_errors_of_training_name_input_or_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such run"), training_errors(tmp_path):
        raise TrainingInputError("no such run")
    with (
        pytest.raises(StorageError, match=r"critic/progress\.json: cannot be written \(No space"),
        training_errors(tmp_path),
    ):
        raise OSError(28, "No space left on device", "critic/progress.json")


def test_export_needs_a_run(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--run", str(tmp_path), "--data", str(data), "--out", str(tmp_path / "bundle")]) == 2
    assert "config.json is missing" in capsys.readouterr().err
    assert not (tmp_path / "bundle").exists()
