"""Which episodes go into which data file, and how one file is filled."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vplanner.data.behaviours import Behaviour
from vplanner.data.lerobot_writer import FileWriter, PartSummary, read_summary
from vplanner.data.recorder import UnstablePhysicsError, record_episodes
from vplanner.data.schema import FileIndex
from vplanner.errors import InputError

if TYPE_CHECKING:
    from vplanner.data.student import Student
    from vplanner_sim import TabletopEnv

EPISODES_PER_FILE = 50
SEEDS_PER_SPLIT = 100_000
_STREAM = 11


@dataclass(frozen=True, slots=True)
class Mix:
    """The share of each behaviour; shares sum to one."""

    expert: float
    noisy: float
    play: float
    handover: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Mix:
        """Read `expert=0.45,noisy=0.45,play=0.1`; a behaviour that is left out has share zero.

        Raises:
            InputError: for an unknown behaviour, a share that is no number, or shares that do not sum to one.
        """
        shares = dict.fromkeys((kind.value for kind in Behaviour), 0.0)
        for item in text.split(","):
            name, _, value = item.strip().partition("=")
            try:
                share = float(value)
            except ValueError:
                share = -1.0
            if name not in shares or not 0.0 <= share <= 1.0:
                raise InputError(
                    f"mix {item.strip()!r} is not NAME=SHARE with NAME among {sorted(shares)}, SHARE in 0..1"
                )
            shares[name] = share
        if abs(sum(shares.values()) - 1.0) > 1e-6:
            raise InputError(f"the shares of mix {text!r} sum to {sum(shares.values()):g}; they must sum to 1")
        return cls(**shares)

    def draw(self, seed: int) -> Behaviour:
        """Return the behaviour of the episode with this seed."""
        generator = np.random.default_rng([_STREAM, seed])
        shares = (self.expert, self.noisy, self.play, self.handover)
        return tuple(Behaviour)[int(np.searchsorted(np.cumsum(shares), generator.random(), side="right").clip(0, 3))]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What fixes the content of every file of a data set; a set can only grow with the same recipe."""

    seed: int
    mix: Mix
    tasks: tuple[str, ...]
    """All tasks that exist, in their fixed order."""
    student: str | None = None
    """`student_hash` of the bundle whose networks act in `handover` episodes."""


@dataclass(frozen=True, slots=True)
class FileJob:
    """One data file to fill: the episodes with the given seeds of one task; `student` is a bundle's folder."""

    root: Path
    number: int
    task: str
    seeds: range
    mix: Mix
    student: Path | None


def student_hash(bundle: Path) -> str:
    """SHA-256 of the bundle's `bundle.json`, which states that of every network: the same wherever the folder lies."""
    return hashlib.sha256((bundle / "bundle.json").read_bytes()).hexdigest()


def check_split(seeds: range, what: str) -> None:
    """Refuse seeds on both sides of a border; `what` is the beginning of the message.

    Raises:
        InputError: if the seeds cross from training to validation or from validation to test scenes.
    """
    for border in (SEEDS_PER_SPLIT, 2 * SEEDS_PER_SPLIT):
        if seeds[0] < border <= seeds[-1]:
            raise InputError(
                f"{what} from seed {seeds[0]} need seeds up to {seeds[-1]}, across the border at {border} that keeps "
                "training, validation and test scenes apart"
            )


def plan_files(
    root: Path, recipe: Recipe, tasks: tuple[str, ...], episodes: int, student: Path | None = None
) -> list[FileJob]:
    """Divide the episodes of `tasks` into files; `student` is the bundle that the recipe names by its hash.

    Which seeds a file holds depends on neither the number of episodes nor the tasks that are collected beside it, so
    that a data set can grow.

    Raises:
        InputError: if the seeds would cross from training to validation or from validation to test scenes.
    """
    every = recipe.tasks
    check_split(range(recipe.seed, recipe.seed + episodes * len(every)), f"{episodes} episodes of {len(every)} tasks")
    jobs = []
    for block, first in enumerate(range(0, episodes, EPISODES_PER_FILE)):
        stop = min(first + EPISODES_PER_FILE, episodes)
        for position, task in enumerate(every):
            if task in tasks:
                start = recipe.seed + position
                seeds = range(start + first * len(every), start + stop * len(every), len(every))
                number = block * len(every) + position
                jobs.append(FileJob(root, number, task, seeds, recipe.mix, student))
    return jobs


def pending(jobs: list[FileJob]) -> list[FileJob]:
    """Return the jobs whose file is absent or holds fewer episodes than planned."""
    return [job for job in jobs if done_episodes(job) < len(job.seeds)]


def done_episodes(job: FileJob) -> int:
    """Return how many episodes of a job are on disk, those dropped as failed included."""
    summary = read_summary(job.root, FileIndex.of(job.number))
    return 0 if summary is None else summary.attempted


def fill_file(job: FileJob, env: TabletopEnv, student: Student | None, on_episode: Callable[[], None]) -> PartSummary:
    """Record the scenes of one file, each as an episode per sub-goal.

    Expert episodes that do not reach the goal are counted and dropped: the labels would call them right. So are those
    in which the simulation diverges.
    `on_episode` is called after each episode and may raise to stop; the file is then removed.
    """
    started = time.monotonic()
    written = rows = unstable = 0
    tried = dict.fromkeys(Behaviour, 0)
    reached = dict.fromkeys(Behaviour, 0)
    with FileWriter(job.root, FileIndex.of(job.number), env.cameras, env.image_size) as writer:
        for seed in job.seeds:
            behaviour = job.mix.draw(seed)
            try:
                episodes = list(record_episodes(env, behaviour, seed, student))
            except UnstablePhysicsError:
                unstable += 1
            else:
                tried[behaviour] += 1
                reached[behaviour] += episodes[-1].succeeded
                for episode in episodes:
                    if episode.succeeded or behaviour is not Behaviour.EXPERT:
                        writer.add(episode)
                        written += 1
                        rows += len(episode)
            on_episode()
        summary = PartSummary(
            task=job.task,
            attempted=len(job.seeds),
            written=written,
            clean=tried[Behaviour.EXPERT],
            clean_reached=reached[Behaviour.EXPERT],
            noisy=tried[Behaviour.NOISY],
            noisy_reached=reached[Behaviour.NOISY],
            unstable=unstable,
            rows=rows,
            seconds=time.monotonic() - started,
            handover=tried[Behaviour.HANDOVER],
            handover_reached=reached[Behaviour.HANDOVER],
        )
        writer.finish(summary)
    return summary
