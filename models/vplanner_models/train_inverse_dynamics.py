"""Stage 2: the inverse dynamics learns commands from neighbouring latents."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vplanner_models.config import OptimiserConfig, ReaderConfig
from vplanner_models.dataset import TrainingSet, draw
from vplanner_models.inverse_dynamics import InverseDynamics, command_steps, step_loss
from vplanner_models.layers import channels_last
from vplanner_models.metrics import step_errors
from vplanner_models.sampling import RowSampler
from vplanner_models.video_model import scaled_actions

_LARGEST_NOISE = 0.12
"""More of it teaches to take small motions for noise, and to answer with rest or full speed."""
_RESTING_SHARE = 0.03
_RELIT_SHARE = 0.25
_VALIDATION_ROWS = 2048


class InverseDynamicsStage:
    """Pairs of neighbouring rows with noise in the latents, as imagined latents are never exact.

    A quarter of them comes from relit pictures, so that commands are read in scenes that look like none seen before.
    """

    name = "inverse_dynamics"

    def __init__(
        self,
        config: ReaderConfig,
        optimiser: OptimiserConfig,
        data: TrainingSet,
        latents: Tensor,
        relit: tuple[Tensor, Tensor],
    ) -> None:
        """Train on `latents` of all rows, and on `relit` ones: rows (M,) of whole episodes, and their latents."""
        self.optimiser, self.data, self.latents = optimiser, data, latents
        self.network = InverseDynamics(config)
        channels_last(self.network)
        self.module: nn.Module = self.network
        self.acting = RowSampler(data, _acting(data, data.training_rows))
        rows, self.relit = relit
        self.relit_index = torch.full((len(latents),), -1).index_put((rows,), torch.arange(len(rows)))
        self.acting_relit = RowSampler(data, _acting(data, rows))
        self.resting = data.training_rows[data.last[data.training_rows] == data.training_rows]

    def loss(self, progress: float, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw pairs; a few are an episode's last instant twice, where the command is to stay."""
        count = self.optimiser.batch_size
        resting = torch.rand(count, generator=generator) < _RESTING_SHARE
        rows = torch.where(resting, draw(self.resting, count, generator), self.acting.draw(count, generator))
        after = torch.minimum(rows + 1, self.data.last[rows])
        pair = torch.stack([self.latents[rows], self.latents[after]])  # (2, B, V, C, h, w)
        part = int(_RELIT_SHARE * count)
        rows[:part] = self.acting_relit.draw(part, generator)
        pair[:, :part] = self.relit[torch.stack([self.relit_index[rows[:part]], self.relit_index[rows[:part] + 1]])]
        pair = pair.float()
        level = _LARGEST_NOISE * torch.rand(count, 1, 1, 1, 1, generator=generator)
        pair = pair + level * torch.randn(pair.shape, generator=generator)
        raw = self.network(pair[0], pair[1])
        loss = step_loss(raw, scaled_actions(self.data.action[rows])).mean()
        return {"loss": loss}

    def settle(self, average: nn.Module) -> None:
        """Nothing to finish."""

    def validate(self, average: nn.Module) -> dict[str, float]:
        """Errors of commands read from real latents."""
        rows = _acting(self.data, self.data.validation_rows)
        if len(rows) == 0:
            return {}
        rows = rows[torch.linspace(0, len(rows) - 1, min(_VALIDATION_ROWS, len(rows))).long()]
        raw = average(self.latents[rows].float(), self.latents[rows + 1].float())
        return step_errors(command_steps(raw), self.data.action[rows])


def _acting(data: TrainingSet, rows: Tensor) -> Tensor:
    """Rows with a step whose command can be read: what the expert wanted, or what the hand did as told."""
    rows = rows[rows < data.last[rows]]
    return rows[data.deliberate[rows] | data.carried_out[rows]]
