"""What `vplanner bench prompt` counts, on a few scenes of the shipped bundle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("mujoco")

from vplanner.commands.bench_prompt import BenchPrompt
from vplanner.errors import InputError
from vplanner.prompt_benchmark import ENDINGS, measure_grounding, measure_judge, measure_refusal
from vplanner.prompting import EmbeddedPrompter
from vplanner.types import Observation, SubGoal, Verdict


class Always:
    def __init__(self, success: bool) -> None:
        self.success = success

    def judge(self, observation: Observation, sub_goal: SubGoal) -> Verdict:
        return Verdict(self.success, 0.0, "said so")


def test_points_of_a_good_prompter_lie_in_the_masks(prompter: EmbeddedPrompter) -> None:
    rows = list(measure_grounding(prompter, ("press_button", "pick_place"), 2, 100_910))
    assert [row.task for row in rows] == ["press_button"] * 2 + ["pick_place"] * 2
    understood = [row for row in rows if not row.refused]
    assert understood and all(row.inside <= row.points and row.right <= row.things for row in rows)
    assert sum(row.right for row in understood) >= 0.5 * sum(row.things for row in understood)


def test_what_is_not_there_is_mostly_refused(prompter: EmbeddedPrompter) -> None:
    refused = list(measure_refusal(prompter, ("stack",), 2, 100_910))
    assert len(refused) >= 4 and sum(refused) > 0.5 * len(refused)


def test_endings_are_labelled_by_the_simulator_and_not_by_the_judge(prompter: EmbeddedPrompter) -> None:
    for said in (True, False):
        rows = list(measure_judge(prompter, Always(said), ("press_button",), 1, 100_911))
        assert [row.ending for row in rows] == list(ENDINGS)
        assert [row.done for row in rows] == [True, False, False]
        assert all(row.judged is said for row in rows)


def test_an_unknown_task_is_named() -> None:
    with pytest.raises(InputError, match=r"unknown task 'dance'.*press_button"):
        BenchPrompt(tasks="dance", scenes=1).run()


def test_figures_are_written(tmp_path: Path) -> None:
    out = tmp_path / "prompt.json"
    assert BenchPrompt(tasks="press_button", scenes=1, endings=1, seed=100_911, json_file=out).run() == 0
    content = json.loads(out.read_text())
    assert 0.0 <= content["in_mask"] <= 1.0 and content["judge"]["endings"] == 3
