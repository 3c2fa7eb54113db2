"""Stage 4: the critic learns progress and success of later instants."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import HORIZON, OptimiserConfig, ReaderConfig
from vplanner_models.critic import Critic
from vplanner_models.dataset import TrainingSet, draw
from vplanner_models.layers import channels_last
from vplanner_models.prompts import prompt_of
from vplanner_models.sampling import RowSampler

_PRESENT_SHARE = 0.4
_ENDING_SHARE = 0.2
_ENDING_ROWS = 6
_LARGEST_NOISE = 0.2
_VALIDATION_ROWS = 2048


class CriticStage:
    """Pairs of an instant and one at most T steps later; the label belongs to the later one."""

    name = "critic"

    def __init__(self, config: ReaderConfig, optimiser: OptimiserConfig, data: TrainingSet, latents: Tensor) -> None:
        self.optimiser, self.data, self.latents = optimiser, data, latents
        self.network = Critic(config)
        channels_last(self.network)
        self.module: nn.Module = self.network
        rows = data.training_rows
        # Around the end of an episode success changes; plain sampling would show this too seldom.
        self.ending = rows[data.last[rows] - rows < _ENDING_ROWS]
        self.every = RowSampler(data, rows)

    def loss(self, progress: float, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw pairs; the present itself is rated often, because success is judged on it."""
        count = self.optimiser.batch_size
        ending = torch.rand(count, generator=generator) < _ENDING_SHARE
        rows = torch.where(ending, draw(self.ending, count, generator), self.every.draw(count, generator))
        ahead = torch.randint(1, HORIZON + 1, (count,), generator=generator)
        ahead[torch.rand(count, generator=generator) < _PRESENT_SHARE] = 0
        later = torch.minimum(rows + ahead, self.data.last[rows])
        now, future = self.latents[rows].float(), self.latents[later].float()
        # The present is never imagined, so it gets no noise.
        level = _LARGEST_NOISE * torch.rand(count, generator=generator) * (ahead > 0)
        future = future + level.view(-1, 1, 1, 1, 1) * torch.randn(future.shape, generator=generator)
        prompt = prompt_of(self.data, rows, generator)
        logits = self.network(now, future, prompt.skill, prompt.points_uv, prompt.points_xyz, prompt.proprio)
        progress_loss = F.binary_cross_entropy_with_logits(logits[:, 0], self.data.progress[later].clamp(0, 1))
        success_loss = F.binary_cross_entropy_with_logits(logits[:, 1], self.data.success[later])
        return {"loss": progress_loss + success_loss, "progress": progress_loss, "success": success_loss}

    def settle(self, average: nn.Module) -> None:
        """Nothing to finish."""

    def validate(self, average: nn.Module) -> dict[str, float]:
        """Rate the present: mean progress error, and recall of success and of its absence."""
        rows = self.data.validation_rows
        if len(rows) == 0:
            return {}
        rows = rows[torch.linspace(0, len(rows) - 1, min(_VALIDATION_ROWS, len(rows))).long()]
        now, prompt = self.latents[rows].float(), prompt_of(self.data, rows, None)
        rating = average(now, now, prompt.skill, prompt.points_uv, prompt.points_xyz, prompt.proprio).sigmoid()
        reached, claimed = self.data.success[rows] > 0.5, rating[:, 1] > 0.5
        return {
            "progress_error": float((rating[:, 0] - self.data.progress[rows]).abs().mean()),
            "success_recall": float(claimed[reached].float().mean()) if reached.any() else 1.0,
            "failure_recall": float((~claimed)[~reached].float().mean()) if (~reached).any() else 1.0,
        }
