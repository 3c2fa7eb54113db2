"""Stage 5, a baseline: the same trunk learns commands directly."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vplanner_models.behaviour_cloning import BehaviourCloning
from vplanner_models.config import OptimiserConfig, TrunkConfig
from vplanner_models.dataset import TrainingSet
from vplanner_models.inverse_dynamics import command_steps, step_loss
from vplanner_models.metrics import step_errors
from vplanner_models.prompts import prompt_of
from vplanner_models.sampling import RowSampler
from vplanner_models.video_model import scaled_actions
from vplanner_models.windows import windows_at

_VALIDATION_ROWS = 512


class BehaviourCloningStage:
    """The windows, prompts and noise of the video model's proposals, with commands as the target."""

    name = "behaviour_cloning"

    def __init__(self, trunk: TrunkConfig, optimiser: OptimiserConfig, data: TrainingSet, latents: Tensor) -> None:
        self.optimiser, self.data, self.latents = optimiser, data, latents
        self.network = BehaviourCloning(trunk)
        self.module: nn.Module = self.network
        self.deliberate = RowSampler(data, data.training_rows[data.deliberate[data.training_rows]])

    def loss(self, progress: float, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw windows that the expert wanted and return the command loss."""
        rows = self.deliberate.draw(self.optimiser.batch_size, generator)
        window, prompt = windows_at(self.data, self.latents, rows), prompt_of(self.data, rows, generator)
        raw = self.network(window.now[:, 0], prompt.skill, prompt.points_uv, prompt.points_xyz, prompt.proprio)
        errors = step_loss(raw, scaled_actions(window.actions))
        return {"loss": (errors * window.intended).sum() / window.intended.sum()}

    def settle(self, average: nn.Module) -> None:
        """Nothing to finish."""

    def validate(self, average: nn.Module) -> dict[str, float]:
        """Errors of the commands."""
        rows = self.data.validation_rows
        rows = rows[self.data.deliberate[rows]]
        if len(rows) == 0:
            return {}
        rows = rows[torch.linspace(0, len(rows) - 1, min(_VALIDATION_ROWS, len(rows))).long()]
        window, prompt = windows_at(self.data, self.latents, rows), prompt_of(self.data, rows, None)
        raw = average(window.now[:, 0], prompt.skill, prompt.points_uv, prompt.points_xyz, prompt.proprio)
        intended = window.intended.bool()
        return step_errors(command_steps(raw)[intended], window.actions[intended])
