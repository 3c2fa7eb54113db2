"""Windows of T future steps for the video model and the behaviour-cloning baseline."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from vplanner_models.dataset import TrainingSet


@dataclass(frozen=True, slots=True)
class Window:
    """A present instant and its future."""

    now: Tensor
    """(B, 1, V, C, 8, 8), present latents."""
    future: Tensor
    """(B, T, V, C, 8, 8)."""
    actions: Tensor
    """(B, T, 7) SI units, as executed."""
    intended: Tensor
    """(B, T), 1 up to the first step that the expert did not want."""
    real: Tensor
    """(B, T), 1 where the step was executed, or where staying at the end is right."""


def steps_at(data: TrainingSet, rows: Tensor) -> tuple[Tensor, Tensor]:
    """The steps (B, T, 7) wanted at `rows` and which of them are known (B, T), without any pictures.

    The first is known wherever someone could act, even if something else was done; the others while that was done.
    """
    acting = data.acting_rows(rows)
    known = data.deliberate[acting].float().cumprod(1)
    known[:, 0] = ((rows < data.last[rows]) | data.deliberate[rows]).float()
    return data.wanted[acting], known


def windows_at(data: TrainingSet, latents: Tensor, rows: Tensor) -> Window:
    """Cut the windows whose present is at `rows`; past an episode's end its last instant repeats."""
    acting = data.acting_rows(rows)
    deliberate = data.deliberate[acting]
    executed = (acting < data.last[acting]) | deliberate
    return Window(
        now=latents[rows, None].float(),
        future=latents[data.future_rows(rows)].float(),
        actions=data.action[acting],
        intended=deliberate.float().cumprod(1),
        real=executed.float(),
    )
