"""Few-step sampling of the rectified flow from noise to residuals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from torch import Tensor


def sample(denoise: Callable[[Tensor, Tensor], Tensor], noise: Tensor, sigmas: Sequence[float]) -> Tensor:
    """Integrate from `noise` (B, ...) at the first noise level down to the last.

    Args:
        denoise: maps the noisy residual and its level (B, 1) to an estimate of the clean residual.
        noise: start, already multiplied by the temperature; zeros give the conditional mean in the first step.
        sigmas: falling noise levels from 1 to 0.

    Raises:
        ValueError: if the levels do not fall from 1 to 0.
    """
    if len(sigmas) < 2 or sigmas[0] != 1 or sigmas[-1] != 0:
        raise ValueError(f"sigmas are {list(sigmas)}; they must fall from 1.0 to 0.0")
    scheduler: Any = FlowMatchEulerDiscreteScheduler()
    # The scheduler appends the final zero itself.
    scheduler.set_timesteps(sigmas=list(sigmas[:-1]))
    x = noise
    for timestep, sigma in zip(scheduler.timesteps, sigmas[:-1], strict=True):
        level = torch.full((len(x), 1), sigma, dtype=x.dtype)
        velocity = (x - denoise(x, level)) / sigma
        x = scheduler.step(velocity, timestep, x, return_dict=False)[0]
    return x
