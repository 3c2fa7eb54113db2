"""Finds a simulated scene that an instruction fits: the words decide the task, the pictures whether all is in view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vplanner.errors import PromptRefusedError
from vplanner.protocols import Prompter
from vplanner.sim_robot import Referee, SimRobot, long_task_skills, make_env, task_skills
from vplanner.types import Skill, SubGoal

if TYPE_CHECKING:
    from vplanner_sim import TabletopEnv


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sub-goal of a scene's own task: its skill, and source and target, each a colour and a noun."""

    skill: str
    source: str
    target: str

    def is_asked(self, sub_goal: SubGoal) -> bool:
        """Whether an instruction was understood as this."""
        return (
            sub_goal.skill.value == self.skill
            and _same_thing(sub_goal.source.label, self.source)
            and _same_thing(sub_goal.target.label, self.target)
        )


def _same_thing(label: str, thing: str) -> bool:
    """Whether one is called by some of the words of the other: "cube" may be the "red cube".

    White and grey count as one: the light decides which of them a picture shows. A part of a thing, such as its handle,
    stands for the whole.
    """
    named, true = (set(words.lower().replace("grey", "white").replace("_", " ").split()) for words in (label, thing))
    return named <= true or true <= named


@dataclass(frozen=True, slots=True)
class Scene:
    """A simulated scene, ready to be acted in; `referee` knows whether the scene's own task was truly done.

    That task is `instruction`, of the sub-goals `wanted`. An episode fails after `max_steps`, of which each sub-goal
    has its share.
    """

    task: str
    seed: int
    max_steps: int
    instruction: str
    wanted: tuple[Wanted, ...]
    robot: SimRobot
    referee: Referee

    @property
    def sub_goal_steps(self) -> int:
        """Steps after which a sub-goal has failed."""
        return self.max_steps // len(self.wanted)

    def asks_for(self, *sub_goals: SubGoal) -> bool:
        """Whether these are the sub-goals of the scene's own task, in any order, so that the referee can judge them."""
        return len(sub_goals) == len(self.wanted) and all(any(map(w.is_asked, sub_goals)) for w in self.wanted)


class SceneBuilder:
    """Builds scenes; keeps one environment per task."""

    def __init__(self) -> None:
        """No environment is made yet."""
        self._envs: dict[str, TabletopEnv] = {}

    def build(self, task: str, seed: int) -> Scene:
        """The scene of `seed`. Raises `InputError` for an unknown task."""
        if task not in self._envs:
            self._envs[task] = make_env(task)
        env = self._envs[task]
        referee = Referee()
        robot = SimRobot(env, seed, referee)
        wanted = tuple(
            Wanted(step.skill, *(f"{thing.colour} {thing.noun}" for thing in (step.source, step.target)))
            for step in env.truth().sub_goals
        )
        return Scene(task, seed, env.max_steps, env.instruction, wanted, robot, referee)

    def env(self, task: str) -> TabletopEnv:
        """The environment of the last scene of `task`, with its privileged state: for experts only."""
        return self._envs[task]

    def close(self) -> None:
        """Free what draws the scenes; none of them can be acted in any more."""
        for env in self._envs.values():
            env.close()
        self._envs.clear()


def tasks_for(skills: Sequence[Skill]) -> tuple[str, ...]:
    """The simulated tasks that need just these skills, those of one sub-goal first where one skill is named.

    Raises `PromptRefusedError` when there are none.
    """
    single, several = task_skills(), long_task_skills()
    wanted = {skill.value for skill in skills}
    fitting = tuple(name for name, needed in single.items() if len(skills) == 1 and needed in wanted)
    fitting += tuple(name for name, needed in several.items() if set(needed) == wanted)
    if not fitting:
        have = ", ".join((*single.values(), *(" and ".join(dict.fromkeys(needed)) for needed in several.values())))
        raise PromptRefusedError(f"no simulated scene is for {' and '.join(sorted(wanted))}; they are for {have}")
    return fitting


def find_scene(
    builder: SceneBuilder, prompter: Prompter, instruction: str, tasks: tuple[str, ...], seeds: range
) -> Scene:
    """The first scene of `tasks`, seed by seed, whose own task is what the prompter reads and sees.

    Raises:
        PromptRefusedError: No scene fits; the reason is that of the first one that was refused.
    """
    refusal: PromptRefusedError | None = None
    for seed in seeds:
        for task in tasks:
            scene = builder.build(task, seed)
            try:
                sub_goals = prompter.plan(scene.robot.observe(), instruction)
            except PromptRefusedError as error:
                refusal = refusal or error
                continue
            if scene.asks_for(*sub_goals):
                return scene
    if refusal is not None and len(seeds) > 1:
        raise PromptRefusedError(f"{refusal}; none of {len(seeds)} scenes fits, --seed names another one")
    raise refusal or PromptRefusedError(f"no scene of {', '.join(tasks)} with seed {_span(seeds)} fits '{instruction}'")


def _span(seeds: range) -> str:
    return f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
