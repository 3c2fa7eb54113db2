"""A run says of each stage how it was trained, and refuses to go on with other settings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from vplanner_models.config import PRESETS, STAGES, ReaderConfig, VideoTrainingConfig
from vplanner_models.errors import TrainingInputError
from vplanner_models.run_record import (
    Call,
    calls_of,
    check_settings,
    current_commit,
    record_call,
    run_preset,
    settle_preset,
    stage_settings,
)

TINY = PRESETS["tiny"]


def settings() -> dict[str, dict[str, object]]:
    return {stage: stage_settings(TINY, stage) for stage in STAGES}


def test_each_stage_keeps_its_own_calls(tmp_path: Path) -> None:
    record_call(tmp_path, "tokenizer", settings()["tokenizer"], Call("train", 0), "small")
    for start in ("runs/old", "runs/old", None):  # the last one resumes
        record_call(tmp_path, "critic", settings()["critic"], Call("train, validation", 3, start), "small")
    record_call(tmp_path, "critic", settings()["critic"], Call("more", 3), "small")
    assert [call["data"] for call in calls_of(tmp_path, "tokenizer")] == ["train"]
    first, second = calls_of(tmp_path, "critic")
    assert (first["data"], first["start_from"], second["data"]) == ("train, validation", "runs/old", "more")
    assert first["commit"] == current_commit() and "torch" in first["versions"]
    assert run_preset(tmp_path) == "small"
    check_settings(tmp_path, settings())


def test_a_changed_setting_is_named(tmp_path: Path) -> None:
    record_call(tmp_path, "video_model", settings()["video_model"], Call("train", 0), "tiny")
    changed = replace(TINY, video=replace(VideoTrainingConfig(), action_weight=1.0))
    with pytest.raises(TrainingInputError, match=r"'video_model' .* video\.action_weight is 25\.0 there and 1\.0 in"):
        check_settings(tmp_path, {"video_model": stage_settings(changed, "video_model")})
    other = replace(TINY, critic=ReaderConfig(hidden=7))
    check_settings(tmp_path, {"critic": stage_settings(other, "critic")})  # not trained here yet


def test_an_entry_that_only_one_side_has_is_named(tmp_path: Path) -> None:
    old = settings()["critic"] | {"dropout": 0.1}
    record_call(tmp_path, "critic", old, Call("train", 0), "tiny")
    with pytest.raises(TrainingInputError, match=r"dropout is 0\.1 there and absent in this version"):
        check_settings(tmp_path, settings())


def test_runs_of_earlier_versions_go_on(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    old = {"preset": "tiny", "data": "all", "commit": "c0ffee", "versions": {"torch": "2"}, "config": {"name": "tiny"}}
    config.write_text(json.dumps(old))
    assert settle_preset(tmp_path, None) == "tiny"
    check_settings(tmp_path, settings())
    assert [(call["data"], call["commit"]) for call in calls_of(tmp_path, "critic")] == [("all", "c0ffee")]
    record_call(tmp_path, "critic", settings()["critic"], Call("new", 0), "tiny")
    assert [call["data"] for call in calls_of(tmp_path, "critic")] == ["new"]
    assert [call["data"] for call in calls_of(tmp_path, "tokenizer")] == ["all"]
    assert calls_of(tmp_path, "prompter_text") == []
    assert json.loads(config.read_text())["before"]["config"] == {"name": "tiny"}


def test_the_prompter_settles_no_preset(tmp_path: Path) -> None:
    record_call(tmp_path, "prompter_text", {}, Call(None, 0))
    with pytest.raises(TrainingInputError, match="prompter alone"):
        run_preset(tmp_path)
    assert settle_preset(tmp_path, "small") == "small"


def test_a_damaged_or_newer_record_is_refused(tmp_path: Path) -> None:
    for content, message in (("{", "damaged"), ('{"schema_version": 9}', "schema_version 9")):
        (tmp_path / "config.json").write_text(content)
        with pytest.raises(TrainingInputError, match=message):
            settle_preset(tmp_path, None)


def test_the_commit_is_that_of_the_package_and_unknown_without_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = current_commit()
    monkeypatch.chdir(tmp_path)
    assert current_commit() == here
    monkeypatch.setenv("PATH", str(tmp_path))
    assert current_commit() == "unknown"
