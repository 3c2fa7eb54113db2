"""Records the episodes of a simulated scene, with the labels that training needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from vplanner.data.behaviours import Behaviour, limit_step, make_actor
from vplanner.data.episode import Episode
from vplanner.errors import VPlannerError
from vplanner.sim_robot import reset_env
from vplanner.types import Float, Image, Skill

if TYPE_CHECKING:
    from vplanner.data.student import Student
    from vplanner_sim import Expert, SimObservation, SubGoalTruth, TabletopEnv

SKILLS = tuple(Skill)
_HOLD_STEPS = {
    Behaviour.EXPERT: (4, 6), Behaviour.NOISY: (6, 10), Behaviour.PLAY: (0, 0), Behaviour.HANDOVER: (6, 10)
}  # fmt: skip
_PLAY_STEPS = (20, 35)
_STREAM = 7


class UnstablePhysicsError(VPlannerError):
    """The simulation diverged."""


class _Rows:
    """Collects the rows of an episode."""

    def __init__(self) -> None:
        self.images: list[Image] = []
        self.state: list[Float] = []
        self.action: list[Float] = []
        self.expert_action: list[Float] = []
        self.source_xyz: list[Float] = []
        self.target_xyz: list[Float] = []
        self.progress: list[float] = []
        self.success: list[float] = []
        self.noisy: list[float] = []

    def add(self, seen: SimObservation, truth: SubGoalTruth, action: Float, wanted: Float, noisy: bool) -> None:
        """Append what was seen and true before a step, and the step."""
        self.images.append(np.stack(seen.images))
        opening = np.array([seen.gripper_opening])
        state = np.concatenate([seen.joint_positions, seen.tcp_position, seen.tcp_quat_wxyz, opening])
        self.state.append(state.astype(np.float32))
        self.action.append(action)
        self.expert_action.append(wanted)
        self.source_xyz.append(np.array(truth.source.position, np.float32))
        self.target_xyz.append(np.array(truth.target.position, np.float32))
        self.progress.append(float(truth.progress))
        self.success.append(float(truth.done))
        self.noisy.append(float(noisy))


def record_episodes(
    env: TabletopEnv, behaviour: Behaviour, seed: int, student: Student | None = None
) -> Iterator[Episode]:
    """Record what this seed gives: one episode per sub-goal, so a single one for most tasks.

    Each begins where the one before ended, and the next follows only when the last sub-goal was reached. All but play
    go on for a few steps after success, so that a model learns to stay; without success they end after the task's
    number of steps, which noise extends by half, as mistakes do. Play has a length of its own, and only the first
    sub-goal. Only `handover` needs a student.

    Raises:
        UnstablePhysicsError: if the simulation diverged; MuJoCo then starts anew, which no row may show.
        MissingDependencyError: if the machine cannot render.
    """
    from vplanner_sim import make_expert

    generator = np.random.default_rng([_STREAM, seed])
    seen = reset_env(env, seed)
    expert = make_expert(env)
    if student is not None:
        student.start(env, generator)
    for index, task in enumerate(env.task.sub_goals()):
        run = _SubGoalRun(env, behaviour, index, task.max_steps, generator, expert, student)
        episode, seen = run.record(seen, seed)
        yield episode
        if not episode.succeeded or behaviour is Behaviour.PLAY:
            return


class _SubGoalRun:
    """The way to one sub-goal."""

    def __init__(
        self, env: TabletopEnv, behaviour: Behaviour, index: int, max_steps: int, generator: np.random.Generator,
        expert: Expert, student: Student | None,
    ) -> None:  # fmt: skip
        self._env, self._behaviour, self._index, self._expert = env, behaviour, index, expert
        self._generator, self._student = generator, student
        self._playing = behaviour is Behaviour.PLAY
        self._steps = {
            Behaviour.EXPERT: max_steps,
            Behaviour.NOISY: max_steps * 3 // 2,
            Behaviour.HANDOVER: max_steps * 3 // 2,
            Behaviour.PLAY: int(generator.integers(*_PLAY_STEPS, endpoint=True)),
        }[behaviour]
        self._hold = int(generator.integers(*_HOLD_STEPS[behaviour], endpoint=True))

    def record(self, seen: SimObservation, seed: int) -> tuple[Episode, SimObservation]:
        """Act from what is `seen` now; returns the episode and what is seen at its end."""
        env, student = self._env, self._student
        truth = env.truth()
        goal = truth.sub_goals[self._index]
        actor = make_actor(
            self._behaviour, self._generator, None if student is None else lambda fresh: student.step(seen, goal, fresh)
        )
        rows = _Rows()
        reached = 0
        for _ in range(self._steps):
            wanted = limit_step(self._expert.act_for(self._index))
            objects = [np.asarray(thing.position, np.float32) for thing in truth.objects]
            action = limit_step(actor.act(wanted, np.asarray(seen.tcp_position, np.float32), objects))
            rows.add(seen, goal, action, wanted, noisy=self._playing or not np.array_equal(action, wanted))
            before_s = env.scene.data.time
            seen = env.step(action).observation
            if env.scene.data.time < before_s:
                raise UnstablePhysicsError(f"the simulation of {env.task.name} with seed {seed} diverged")
            truth = env.truth()
            goal = truth.sub_goals[self._index]
            reached = reached + 1 if goal.done else 0
            if reached > self._hold and not self._playing:
                break
        nothing = np.zeros(7, np.float32)
        rows.add(seen, goal, nothing, nothing, noisy=False)
        return self._episode(rows, goal.skill, seed), seen

    def _episode(self, rows: _Rows, skill: str, seed: int) -> Episode:
        return Episode(
            task=self._env.task.name,
            behaviour=self._behaviour.value,
            instruction=self._env.instruction,
            seed=seed,
            images=np.stack(rows.images),
            state=np.stack(rows.state),
            action=np.stack(rows.action),
            expert_action=np.stack(rows.expert_action),
            skill=SKILLS.index(Skill(skill)),
            source_xyz=np.stack(rows.source_xyz),
            target_xyz=np.stack(rows.target_xyz),
            progress=np.array(rows.progress, np.float32),
            success=np.array(rows.success, np.float32),
            noisy=np.array(rows.noisy, np.float32),
        )
