"""The committed prompter in scenes that it was not trained on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vplanner.commands.prompt import Prompt
from vplanner.errors import InputError, ObservationError, PromptRefusedError
from vplanner.prompting import EmbeddedPrompter
from vplanner.scenes import SceneBuilder

SEED = 100_500


@pytest.fixture(scope="module")
def builder() -> SceneBuilder:
    pytest.importorskip("mujoco")
    return SceneBuilder()


@pytest.mark.parametrize("task", ["pick_place", "stack", "press_button", "open_drawer", "turn_lever", "insert_peg"])
def test_what_an_instruction_names_is_found_within_a_centimetre(
    prompter: EmbeddedPrompter, builder: SceneBuilder, task: str
) -> None:
    errors = []
    for seed in range(SEED, SEED + 5):
        scene = builder.build(task, seed)
        (sub_goal,) = prompter.plan(scene.robot.observe(), scene.instruction)
        assert scene.asks_for(sub_goal)
        truth = builder.env(task).truth()
        errors += [np.linalg.norm(sub_goal.source.position - truth.source.position)]
        errors += [np.linalg.norm(sub_goal.target.position - truth.target.position)]
        for thing in (sub_goal.source, sub_goal.target):
            assert [point.camera for point in thing.points] == ["front", "side"]
            assert all(0 <= point.u <= 1 and 0 <= point.v <= 1 for point in thing.points)
    assert np.median(errors) < 0.01


def test_a_scene_without_the_named_thing_is_refused_and_says_what_is_there(
    prompter: EmbeddedPrompter, builder: SceneBuilder
) -> None:
    observation = builder.build("press_button", SEED).robot.observe()
    with pytest.raises(PromptRefusedError, match=r"^I see no drawer; in view: (?!.*drawer).*\bbutton"):
        prompter.plan(observation, "open the drawer")


def test_a_noun_that_fits_two_things_is_refused_and_asks_which(
    prompter: EmbeddedPrompter, builder: SceneBuilder
) -> None:
    observation = builder.build("stack", SEED).robot.observe()
    with pytest.raises(PromptRefusedError, match=r"there are 2 of the kind 'cube': the \w+ cube or the \w+ cube\?"):
        prompter.plan(observation, "reach the cube")


@pytest.mark.parametrize("task", ["sort_by_colour", "put_away", "build_tower"])
def test_long_instructions_become_their_sub_goals_in_order(
    prompter: EmbeddedPrompter, builder: SceneBuilder, task: str
) -> None:
    right = []
    for seed in range(SEED, SEED + 6):
        scene = builder.build(task, seed)
        try:
            sub_goals = prompter.plan(scene.robot.observe(), scene.instruction)
        except PromptRefusedError:
            right.append(False)
            continue
        ordered = [step.skill for step in scene.wanted] == [goal.skill.value for goal in sub_goals]
        right.append(ordered and scene.asks_for(*sub_goals))
        for goal in sub_goals:
            again = prompter.read(goal.text)
            assert goal.skill in again.skills, goal.text
    assert sum(right) >= 4


def test_all_things_of_a_kind_become_one_sub_goal_each(prompter: EmbeddedPrompter, builder: SceneBuilder) -> None:
    scene = builder.build("sort_by_colour", SEED)
    observation = scene.robot.observe()
    cubes = {thing.label for thing in prompter.inventory(observation) if thing.label.endswith(" cube")}
    touched = [goal.source.label for goal in prompter.plan(observation, "touch every cube")]
    assert len(touched) == len(set(touched)) and set(touched) <= cubes and len(touched) >= 2
    for goal in prompter.plan(observation, "put each cube in the bowl of the same colour"):
        assert goal.source.label.split()[0] == goal.target.label.split()[0]


def test_places_in_words_choose_among_things_of_a_kind(prompter: EmbeddedPrompter, builder: SceneBuilder) -> None:
    observation = builder.build("stack", SEED).robot.observe()
    goals = prompter.plan(observation, "touch every cube")
    left, right, near = (
        prompter.plan(observation, f"reach the {where} cube")[0].source
        for where in ("leftmost", "rightmost", "nearest")
    )
    places = [goal.source.position for goal in goals]
    assert left.position[1] == pytest.approx(max(place[1] for place in places), abs=0.01)
    assert right.position[1] == pytest.approx(min(place[1] for place in places), abs=0.01)
    assert near.position[0] <= max(place[0] for place in places)


def test_the_same_pictures_are_tracked_to_the_same_place_and_dark_ones_move_nothing(
    prompter: EmbeddedPrompter, builder: SceneBuilder
) -> None:
    scene = builder.build("pick_place", SEED)
    observation = scene.robot.observe()
    (sub_goal,) = prompter.plan(observation, scene.instruction)
    again = prompter.track(observation, sub_goal)
    np.testing.assert_allclose(again.source.position, sub_goal.source.position, atol=1e-5)
    dark = replace(observation, frames=tuple(replace(f, image=np.zeros_like(f.image)) for f in observation.frames))
    kept = prompter.track(dark, sub_goal)
    for before, after in ((sub_goal.source, kept.source), (sub_goal.target, kept.target)):
        np.testing.assert_array_equal(after.position, before.position)
        assert [(p.u, p.v) for p in after.points] == [(p.u, p.v) for p in before.points] and after.confidence < 0.35


def test_what_was_moved_before_is_met_where_it_is_though_it_was_hidden_at_first(
    prompter: EmbeddedPrompter, builder: SceneBuilder
) -> None:
    scene = builder.build("pick_place", SEED)
    observation = scene.robot.observe()
    (sub_goal,) = prompter.plan(observation, scene.instruction)
    elsewhere = (sub_goal.target.position + np.array([0.0, 0.15, 0.0])).astype(np.float32)
    stale = replace(sub_goal, target=replace(sub_goal.target, position=elsewhere))
    dark = replace(observation, frames=tuple(replace(f, image=np.zeros_like(f.image)) for f in observation.frames))
    hidden = prompter.track(dark, stale)
    np.testing.assert_array_equal(hidden.target.position, elsewhere)
    met = prompter.track(observation, hidden)
    np.testing.assert_allclose(met.target.position, sub_goal.target.position, atol=1e-5)


def test_a_missing_camera_and_a_strange_label_are_errors(prompter: EmbeddedPrompter, builder: SceneBuilder) -> None:
    scene = builder.build("pick_place", SEED)
    observation = scene.robot.observe()
    (sub_goal,) = prompter.plan(observation, scene.instruction)
    with pytest.raises(ObservationError, match="side"):
        prompter.track(replace(observation, frames=observation.frames[:1]), sub_goal)
    with pytest.raises(InputError, match="pyramid"):
        prompter.track(observation, replace(sub_goal, source=replace(sub_goal.source, label="red pyramid")))


def test_the_command_writes_sub_goals_and_a_picture(
    prompter: EmbeddedPrompter, builder: SceneBuilder, tmp_path: Path
) -> None:
    text = builder.build("pick_place", SEED).instruction
    command = Prompt(
        text, task="pick_place", seed=SEED, json_file=tmp_path / "a.json", out=tmp_path / "a.png", threads=1
    )
    assert command.run() == 0
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["refused"] is None and content["sub_goals"][0]["skill"] == "pick_place"
    assert set(content["sub_goals"][0]["source"]["points"]) == {"front", "side"}
    assert (tmp_path / "a.png").stat().st_size > 1000


def test_the_command_says_why_it_refuses(prompter: EmbeddedPrompter, builder: SceneBuilder, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    command = Prompt("put the purple pyramid on the moon", task="reach", json_file=path, threads=1)
    assert command.run() == 1
    content = json.loads(path.read_text())
    assert "pyramid" in content["refused"] and content["sub_goals"] == []
