"""The interfaces behind which prompters, networks, critics and robots are exchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

import numpy as np

from vplanner.types import ActionChunk, Float, Observation, Plan, SubGoal, Verdict, VideoPlan

Clock = Callable[[], float]
"""Gives seconds since some fixed instant."""


class Prompter(Protocol):
    """Turns words and images into grounded sub-goals and keeps their points up to date.

    One that can also say when a sub-goal is reached is a `Judge` as well, and may be given to the loop as both.
    """

    def plan(self, observation: Observation, instruction: str) -> list[SubGoal]:
        """Sub-goals in order. Raises `PromptRefusedError` when nothing in view fits the instruction."""
        ...

    def track(self, observation: Observation, sub_goal: SubGoal) -> SubGoal:
        """The same sub-goal with its points where the objects are seen now."""
        ...


class VideoModel(Protocol):
    """One network that proposes futures from a prompt and simulates futures from actions, in latent space."""

    @property
    def sampling_steps(self) -> int:
        """Steps of the sampler, when nothing hurries."""
        ...

    def encode(self, observation: Observation) -> Float:
        """Latents (V, C, h, w) of the camera images."""
        ...

    def propose(
        self,
        present: Float,
        observation: Observation,
        sub_goal: SubGoal,
        samples: int,
        generator: np.random.Generator,
        steps: int | None = None,
    ) -> list[VideoPlan]:
        """Imagined futures from `present` (V, C, h, w), the latents of now; `steps` bounds those of the sampler."""
        ...

    def rollout(self, present: Float, observation: Observation, chunks: list[ActionChunk]) -> list[VideoPlan]:
        """What the cameras would see if each chunk were executed."""
        ...

    def decode(self, latents: Float) -> np.ndarray:
        """Pictures uint8 (N, V, H, W, 3) of latents (N, V, C, h, w), for people and for VLM judges."""
        ...


class InverseDynamics(Protocol):
    """Reads SE(3) steps out of imagined frames."""

    def extract(self, present: Float, plans: list[VideoPlan]) -> list[ActionChunk]:
        """One chunk per plan; `present` (V, C, h, w) is the frame before each plan's first."""
        ...


class Critic(Protocol):
    """Rates candidates and the present."""

    def progress(self, present: Float, observation: Observation, sub_goal: SubGoal, futures: Float) -> Float:
        """Progress and success probability (N, 2) of `futures` (N, V, C, h, w), each in [0, 1]."""
        ...


class Robot(Protocol):
    """A robot, simulated or real."""

    def observe(self) -> Observation:
        """The newest observation.

        Whatever has changed comes as a new `Observation` with arrays of its own: one that was returned before is
        never written to, because pictures that are known already are not encoded again.
        """
        ...

    def execute(self, chunk: ActionChunk) -> None:
        """Carry out the steps in order. Raises `SafetyError` and stays put when the chunk is not finite."""
        ...

    def stop(self) -> None:
        """Hold the present pose."""
        ...


@runtime_checkable
class StreamingRobot(Protocol):
    """A `Robot` that moves by its own clock: given several steps at once, it need not halt between them."""

    def stream(self, chunk: ActionChunk) -> Iterator[Observation]:
        """Carry out the steps in order; gives what is seen after each. Raises as `Robot.execute` does."""
        ...


class Judge(Protocol):
    """Says whether a sub-goal is reached."""

    def judge(self, observation: Observation, sub_goal: SubGoal) -> Verdict:
        """Whether `sub_goal` is reached in `observation`."""
        ...


class Planner(Protocol):
    """Chooses what to do next."""

    def start(self, observation: Observation) -> None:
        """Begin a sub-goal: what came before `observation` is forgotten."""
        ...

    def plan(self, observation: Observation, sub_goal: SubGoal) -> Plan:
        """Imagine, extract, score; returns every candidate and the best one."""
        ...


class AheadPlanner(Planner, Protocol):
    """Can also choose what to do after steps that are still being carried out."""

    def plan_ahead(self, observation: Observation, sub_goal: SubGoal, chunk: ActionChunk, count: int) -> Plan:
        """A plan from `observation` on for the moment after the first `count` steps of `chunk`."""
        ...
