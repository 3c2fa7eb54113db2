"""Puts the parts of a bundle together: networks, planner, judge and safety filter."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from vplanner.backends import BackendConfig
from vplanner.bundle import Bundle
from vplanner.critic import CriticJudge
from vplanner.memory import LatentMemory
from vplanner.networks import OnnxCritic, OnnxInverseDynamics, OnnxVideoModel
from vplanner.planner import ImaginePlanner, PlannerConfig
from vplanner.prompting import EmbeddedPrompter
from vplanner.prompting.judging import COMPONENT as CLOSE_UP
from vplanner.prompting.judging import CloseUpJudge, SubGoalJudge
from vplanner.protocols import Judge
from vplanner.safety import SafetyFilter, SafetyLimits


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """`temperatures` replace the bundle's; success is declared above `success_threshold` in [0, 1]."""

    planner: PlannerConfig = field(default_factory=PlannerConfig)
    backend: BackendConfig = field(default_factory=BackendConfig)
    temperatures: tuple[float, ...] | None = None
    success_threshold: float = 0.93


@dataclass(frozen=True, slots=True)
class Networks:
    """The opened networks of a bundle; they hold no state and serve any number of episodes."""

    bundle: Bundle
    video_model: OnnxVideoModel
    inverse_dynamics: OnnxInverseDynamics
    critic: OnnxCritic
    close_up: CloseUpJudge | None


@dataclass(frozen=True, slots=True)
class Agent:
    """Everything that plans and judges in one episode, but for the prompter."""

    networks: Networks
    memory: LatentMemory
    planner: ImaginePlanner
    judge: Judge
    safety: SafetyFilter


def open_networks(bundle: Bundle, config: AgentConfig) -> Networks:
    """Open the networks of a bundle. Raises `BundleError` when one is missing, damaged, or of another version."""
    return Networks(
        bundle,
        OnnxVideoModel(bundle, config.backend, config.temperatures),
        OnnxInverseDynamics(bundle, config.backend),
        OnnxCritic(bundle, config.backend),
        CloseUpJudge(bundle, config.backend) if bundle.has(CLOSE_UP) else None,
    )


def make_agent(networks: Networks, config: AgentConfig, generator: np.random.Generator) -> Agent:
    """An agent with an empty memory; the same `generator` state replays the same plans."""
    memory = LatentMemory(networks.video_model)
    limits = safety_limits(networks.bundle)
    planner = ImaginePlanner(
        memory,
        networks.video_model,
        networks.inverse_dynamics,
        networks.critic,
        limits,
        config.planner,
        generator,
    )
    judge: Judge = CriticJudge(networks.critic, memory, config.success_threshold)
    if networks.close_up is not None:
        judge = SubGoalJudge(networks.close_up, judge, config.success_threshold)
    return Agent(networks, memory, planner, judge, SafetyFilter(limits))


def safety_limits(bundle: Bundle) -> SafetyLimits:
    """The largest steps that the bundle's networks were trained with; the workspace is the default one."""
    limits = bundle.manifest.action_limits
    return SafetyLimits(translation_m=limits.translation_m, rotation_rad=limits.rotation_rad)


def open_prompter(bundle: Bundle, backend: BackendConfig) -> EmbeddedPrompter:
    """The prompter that the bundle carries. Raises `BundleError` when it carries none."""
    return EmbeddedPrompter(bundle, backend)
