"""Whether a bundle plans what another one plans: same situations, same noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vplanner.agent import AgentConfig, open_networks
from vplanner.bundle import Bundle
from vplanner.errors import InputError
from vplanner.situations import Situation, plans_of
from vplanner.types import Float


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """How commands of all candidates differ: translation [mm] and rotation [deg], and how often the gripper agrees.

    `same_choice` is how often both chose the same candidate; `loss` is what the other bundle's choice lacks in the
    first one's own scores, on average.
    """

    situations: int
    translation_mm_p50: float
    translation_mm_p95: float
    translation_mm_max: float
    rotation_deg_p95: float
    gripper_agrees: float
    same_choice: float
    loss: float


EXACT_MM = 0.1
CLOSE_MM = 2.0


def plan_difference(first: Bundle, other: Bundle, situations: list[Situation]) -> PlanDifference:
    """Plan in every situation with both."""
    config = AgentConfig()
    plans = [list(plans_of(open_networks(bundle, config), config, situations)) for bundle in (first, other)]
    steps: list[Float] = [
        np.stack([candidate.chunk.steps for plan in part for candidate in plan.candidates]).reshape(-1, 7)
        for part in plans
    ]
    translation = 1000.0 * np.linalg.norm(steps[0][:, :3] - steps[1][:, :3], axis=1)
    rotation = np.degrees(np.linalg.norm(steps[0][:, 3:6] - steps[1][:, 3:6], axis=1))
    losses = [a.best.score.total - a.candidates[b.chosen].score.total for a, b in zip(*plans, strict=True)]
    return PlanDifference(
        situations=len(situations),
        translation_mm_p50=round(float(np.median(translation)), 4),
        translation_mm_p95=round(float(np.percentile(translation, 95)), 4),
        translation_mm_max=round(float(translation.max()), 4),
        rotation_deg_p95=round(float(np.percentile(rotation, 95)), 4),
        gripper_agrees=round(float((steps[0][:, 6] == steps[1][:, 6]).mean()), 4),
        same_choice=round(float(np.mean([a.chosen == b.chosen for a, b in zip(*plans, strict=True)])), 4),
        loss=round(float(np.mean(losses)), 5),
    )


def check_difference(found: PlanDifference, exact: bool) -> None:
    """Raise `InputError` when the other bundle plans something else.

    With `exact` every command must agree to 0.1 mm, else 95 of 100 to 2 mm, less than what inverse dynamics errs by.
    """
    measured, most, what = (
        (found.translation_mm_max, EXACT_MM, "the largest")
        if exact
        else (found.translation_mm_p95, CLOSE_MM, "the 95th percentile")
    )
    if not measured <= most:
        raise InputError(
            f"the plans differ: {what} difference of a step is {measured:.2f} mm; at most {most} mm is right"
        )
