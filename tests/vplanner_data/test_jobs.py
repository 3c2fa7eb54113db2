"""Seeds are unique, do not depend on how much is collected, and stay on one side of the borders."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from vplanner.data.behaviours import Behaviour
from vplanner.data.jobs import Mix, Recipe, plan_files
from vplanner.errors import InputError

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


def test_mix_is_drawn_in_its_shares() -> None:
    counts = Counter(_MIX.draw(seed) for seed in range(2000))
    assert abs(counts[Behaviour.NOISY] - 900) < 100 and abs(counts[Behaviour.PLAY] - 200) < 60
    assert {Mix.parse("play=1").draw(seed) for seed in range(9)} == {Behaviour.PLAY}


@pytest.mark.parametrize("text", ["expert=0.5", "expert=1,play=x", "best=1", "", "expert=2,play=-1"])
def test_bad_mix_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Mix.parse(text)
