"""The networks in torch, timed in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from vplanner.bundle import Bundle, load_bundle
from vplanner.errors import InputError, MissingDependencyError
from vplanner.torch_beside import WAYS, torch_replans

torch = pytest.importorskip("torch")


def _of(folder: Path, training: dict[str, str]) -> Bundle:
    bundle = load_bundle(folder)
    return replace(bundle, manifest=bundle.manifest.model_copy(update={"training": training}))


def test_each_line_asks_for_one_replan() -> None:
    command = [sys.executable, "-m", "vplanner_models.torch_speed", "torch eager", "tiny", "1", "1"]
    done = subprocess.run(command, input="\n\n\n", capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.split() == ["ready", "done", "done", "done"]


def test_what_is_not_ready_in_time_is_named_and_left_out(bundle_folder: Path) -> None:
    with torch_replans(_of(bundle_folder, {"preset": "tiny"}), 1, 1, patience_s=0.0) as found:
        assert found.calls == {} and found.skipped == WAYS


def test_a_bundle_without_a_preset_is_told(bundle_folder: Path) -> None:
    nameless = _of(bundle_folder, {})
    with pytest.raises(InputError, match="names no preset"), torch_replans(nameless, 1, 1, patience_s=0.0):
        pass


def test_without_torch_the_extra_is_named(bundle_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with (
        pytest.raises(MissingDependencyError, match="extra `train`"),
        torch_replans(load_bundle(bundle_folder), 1, 1, patience_s=0.0),
    ):
        pass
