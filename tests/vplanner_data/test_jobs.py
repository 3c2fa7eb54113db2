"""Seeds are unique, do not depend on how much is collected, and stay on one side of the borders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from vplanner.data.behaviours import Behaviour
from vplanner.data.episode import Episode
from vplanner.data.jobs import FileJob, Mix, Recipe, check_split, fill_file, plan_files
from vplanner.data.lerobot_writer import read_summary
from vplanner.data.schema import FileIndex
from vplanner.errors import InputError

if TYPE_CHECKING:
    from vplanner_sim import TabletopEnv

_MIX = Mix(0.45, 0.45, 0.1)
_RECIPE = Recipe(seed=100, mix=_MIX, tasks=("a", "b", "c"))


def _seeds(tasks: tuple[str, ...], episodes: int) -> dict[tuple[int, str], list[int]]:
    return {(job.number, job.task): list(job.seeds) for job in plan_files(Path("set"), _RECIPE, tasks, episodes)}


def test_every_episode_has_its_own_seed() -> None:
    seeds = [seed for file in _seeds(("a", "b", "c"), 120).values() for seed in file]
    assert sorted(seeds) == list(range(100, 100 + 360))


def test_larger_sets_contain_smaller_ones() -> None:
    small, large = _seeds(("b",), 70), _seeds(("a", "b", "c"), 130)
    assert all(large[key][: len(seeds)] == seeds for key, seeds in small.items())
    assert len({number for number, _ in large}) == len(large)


@pytest.mark.parametrize(("seed", "episodes"), [(99_990, 5), (199_999, 1)])
def test_borders_between_splits_hold(seed: int, episodes: int) -> None:
    with pytest.raises(InputError, match="border"):
        plan_files(Path("set"), Recipe(seed, _MIX, ("a", "b", "c")), ("a",), episodes)


@pytest.mark.parametrize("seeds", [range(99_999), range(100_000, 200_000), range(299_990, 300_010)])
def test_seeds_on_one_side_of_the_borders_are_free(seeds: range) -> None:
    check_split(seeds, "all of them")


def test_what_the_student_did_is_counted_apart(
    tmp_path: Path, make_episode: Callable[[int, int], Episode], monkeypatch: pytest.MonkeyPatch
) -> None:
    def record(env: object, behaviour: Behaviour, seed: int, student: object) -> list[Episode]:
        episode = make_episode(seed, 3)
        episode.success[-1] = seed % 3 == 0
        return [replace(episode, behaviour=behaviour.value)]

    monkeypatch.setattr("vplanner.data.jobs.record_episodes", record)
    mix = Mix(expert=0.0, noisy=0.5, play=0.0, handover=0.5)
    job = FileJob(tmp_path, 0, "reach", range(40), mix, tmp_path)
    world = cast("TabletopEnv", SimpleNamespace(cameras=("front", "side"), image_size=32))
    summary = fill_file(job, world, None, lambda: None)
    acted = [seed for seed in job.seeds if mix.draw(seed) is Behaviour.HANDOVER]
    assert 0 < summary.handover == len(acted) and summary.noisy == 40 - len(acted)
    assert summary.handover_reached == sum(seed % 3 == 0 for seed in acted)
    assert summary.noisy_reached + summary.handover_reached == 14
    assert read_summary(tmp_path, FileIndex.of(0)) == summary


def test_mix_is_drawn_in_its_shares() -> None:
    counts = Counter(_MIX.draw(seed) for seed in range(2000))
    assert abs(counts[Behaviour.NOISY] - 900) < 100 and abs(counts[Behaviour.PLAY] - 200) < 60
    assert {Mix.parse("play=1").draw(seed) for seed in range(9)} == {Behaviour.PLAY}


@pytest.mark.parametrize("text", ["expert=0.5", "expert=1,play=x", "best=1", "", "expert=2,play=-1"])
def test_bad_mix_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Mix.parse(text)
