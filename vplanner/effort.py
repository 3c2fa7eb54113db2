"""How much of a plan fits into the time that is left: fewer samples, fewer steps of the sampler, no simulation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """`samples` futures of `steps` Euler steps each; without `scored`, the first is taken without a simulation."""

    samples: int
    steps: int
    scored: bool = True

    @property
    def work(self) -> int:
        """About how long it takes: rows that the video model computes, each call counting as two more."""
        later = self.steps - 1 if self.samples > 1 else 0
        rows = self.samples + later * (self.samples - 1) + (self.samples if self.scored else 0)
        calls = 1 + later + int(self.scored)
        return rows + 2 * calls


LEAST = Effort(samples=1, steps=1, scored=False)


def efforts(samples: int, steps: int) -> list[Effort]:
    """Everything between all and the least, in the order in which it is given up: steps first, then samples."""
    full = [Effort(samples, fewer) for fewer in range(steps, 0, -1)]
    return [*full, *(Effort(fewer, 1) for fewer in range(samples - 1, 1, -1)), LEAST]


class Pace:
    """What a unit of work takes on this machine, learnt as plans are made."""

    def __init__(self) -> None:
        """Nothing is known: the first plan under a deadline is the least one, which is timed."""
        self._ms: float | None = None

    def note(self, effort: Effort, ms: float) -> None:
        """A plan of this effort took so long. Slower is believed at once, faster little by little."""
        found = ms / effort.work
        self._ms = found if self._ms is None else max(found, 0.8 * self._ms + 0.2 * found)

    def choose(self, samples: int, steps: int, left_ms: float) -> Effort:
        """The most that fits into the time that is left; the least, when nothing fits."""
        if self._ms is None:
            return LEAST
        fitting = (effort for effort in efforts(samples, steps) if self._ms * effort.work <= left_ms)
        return next(fitting, LEAST)


def what_was_cut(effort: Effort, samples: int, steps: int, deadline_ms: float) -> str:
    """What an effort lacks to the whole, in words; empty when it lacks nothing."""
    lacking = []
    if effort.samples < samples:
        lacking.append(f"{effort.samples} of {samples} samples")
    if effort.steps < steps and effort.samples > 1:
        lacking.append(f"{effort.steps} of {steps} steps")
    if not effort.scored:
        lacking.append("not scored")
    return f"{', '.join(lacking)} to meet {deadline_ms:g} ms" if lacking else ""
