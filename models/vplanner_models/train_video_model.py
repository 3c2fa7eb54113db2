"""Stage 3: the video model learns to propose and to simulate in latent space."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vplanner_models.config import HORIZON, OptimiserConfig, TrunkConfig, VideoTrainingConfig
from vplanner_models.dataset import TrainingSet
from vplanner_models.inverse_dynamics import InverseDynamics, command_steps, step_loss
from vplanner_models.metrics import step_errors
from vplanner_models.prompts import Prompt, prompt_of
from vplanner_models.sampling import RowSampler
from vplanner_models.video_model import VideoModel, scaled_actions
from vplanner_models.windows import Window, steps_at, windows_at

_SCALE_ROWS = 4096
_VALIDATION_ROWS = 512
_INTENTION_ROWS = 1024
_MOVING = 0.5
"""Mean squared scaled residual from which a cell counts as moving."""
_REST_ENERGY = 0.3
"""Mean squared scaled residual of a window below which motion counts as small."""


class VideoModelStage:
    """Regression first, flow matching later; commands read out of the imagination must be the true ones."""

    name = "video_model"

    def __init__(
        self,
        *,
        trunk: TrunkConfig,
        config: VideoTrainingConfig,
        optimiser: OptimiserConfig,
        data: TrainingSet,
        latents: Tensor,
        reader: InverseDynamics,
    ) -> None:
        """Build the stage; `reader` is the trained inverse dynamics, which stays as it is."""
        self.config, self.optimiser, self.data, self.latents = config, optimiser, data, latents
        self.reader = reader.eval().requires_grad_(False)
        self.network = VideoModel(trunk)
        self.module: nn.Module = self.network
        rows = data.training_rows
        some = rows[torch.linspace(0, len(rows) - 1, min(_SCALE_ROWS, len(rows))).long()]
        window = windows_at(data, latents, some)
        # One scale a step: the first steps, which are the ones executed, move least.
        self.network.residual_scale.copy_((window.future - window.now).square().mean((0, 2, 3, 4, 5)).sqrt())
        self.deliberate = RowSampler(data, rows[data.deliberate[rows]])
        self.every = RowSampler(data, rows)

    def loss(self, progress: float, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw windows, hide conditions at random, and return the losses."""
        count = self.optimiser.batch_size
        kind = torch.rand(count, generator=generator)
        proposing = kind < self.config.prompt_share
        acting_only = ~proposing & (kind < self.config.prompt_share + self.config.action_share)
        rows = torch.where(proposing, self.deliberate.draw(count, generator), self.every.draw(count, generator))
        window = windows_at(self.data, self.latents, rows)
        mask = torch.where(proposing[:, None], window.intended, window.real)
        clean = self.network.residual(window.now, window.future)
        regression = count if progress < self.config.regression_only else 3 * count // 4
        noisy, sigma = self._noise(clean, regression, generator)
        prompt = prompt_of(self.data, rows, generator)
        guess = imagine(
            self.network, window, prompt, prompt_on=~acting_only, actions_on=~proposing, noisy=noisy, sigma=sigma
        )
        energy = clean.square().mean(3, keepdim=True)  # (B, T, V, 1, h, w)
        weight = (1 + (self.config.moving_weight - 1) * (energy > _MOVING)) * mask[:, :, None, None, None, None]
        # Small motions change little; without this they would hardly count.
        weight = weight / (_REST_ENERGY + energy.mean((1, 2, 3, 4, 5), keepdim=True))
        squared = (guess - clean) ** 2
        video = (weight * squared).mean()
        commands = self._command_loss(window, guess, mask, regression)
        intent = self._intention_loss(generator)
        error = squared[:regression].detach().mean((2, 3, 4, 5))
        return {
            "loss": video + self.config.action_weight * commands + self.config.intent_weight * intent,
            "video": video,
            "commands": commands,
            "intent": intent,
            "regression_mse": (error * mask[:regression]).sum() / mask[:regression].sum().clamp_min(1),
        }

    def _noise(self, clean: Tensor, regression: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Noisy residuals and their levels: the first `regression` rows see nothing, the others a flow state.

        The noise has a random scale, because sampling at a low temperature visits states with less noise.
        """
        flowing = len(clean) - regression
        noisy, sigma = torch.zeros_like(clean), torch.ones(len(clean), 1)
        if flowing:
            low = self.config.lowest_sigma
            level = low + (1 - low) * torch.rand(flowing, 1, generator=generator)
            temperature = torch.rand(flowing, 1, generator=generator).sqrt()
            noise = torch.randn(clean[regression:].shape, generator=generator)
            shape = (flowing, 1, 1, 1, 1, 1)
            kept = (1 - level.view(shape)) * clean[regression:]
            noisy[regression:] = kept + (level * temperature).view(shape) * noise
            sigma[regression:] = level
        return noisy, sigma

    def _intention_loss(self, generator: torch.Generator) -> Tensor:
        """Loss of the steps that the prompt suggests; it needs no pictures, so many rows cost little."""
        rows = self.every.draw(_INTENTION_ROWS, generator)
        prompt, (steps, known) = prompt_of(self.data, rows, generator), steps_at(self.data, rows)
        raw = self.network.intention(prompt.skill, prompt.points_xyz, prompt.proprio)
        return (step_loss(raw, scaled_actions(steps)) * known).sum() / known.sum().clamp_min(1)

    def _command_loss(self, window: Window, guess: Tensor, mask: Tensor, regression: int) -> Tensor:
        now = window.now[:regression]
        imagined = self.network.future(now, guess[:regression])
        raw = read_commands(self.reader, now, imagined)
        errors = step_loss(raw, scaled_actions(window.actions[:regression]))
        return (errors * mask[:regression]).sum() / mask[:regression].sum().clamp_min(1)

    def settle(self, average: nn.Module) -> None:
        """Nothing to finish."""

    def validate(self, average: nn.Module) -> dict[str, float]:
        """Proposals without noise: error of residuals (copying the last frame gives `copy_mse`) and of commands."""
        rows = self.data.validation_rows
        rows = rows[self.data.deliberate[rows]]
        if len(rows) == 0:
            return {}
        assert isinstance(average, VideoModel)
        rows = rows[torch.linspace(0, len(rows) - 1, min(_VALIDATION_ROWS, len(rows))).long()]
        window = windows_at(self.data, self.latents, rows)
        on = torch.ones(len(rows), dtype=torch.bool)
        clean = average.residual(window.now, window.future)
        prompt = prompt_of(self.data, rows, None)
        blank, level = torch.zeros_like(clean), torch.ones(len(rows), 1)
        guess = imagine(average, window, prompt, prompt_on=on, actions_on=~on, noisy=blank, sigma=level)
        simulated = imagine(average, window, prompt, prompt_on=~on, actions_on=on, noisy=blank, sigma=level)
        intended, real = window.intended.bool(), window.real.bool()
        steps = command_steps(read_commands(self.reader, window.now, average.future(window.now, guess)))
        return {
            "propose_mse": float((guess - clean).square().mean((2, 3, 4, 5))[intended].mean()),
            "simulate_mse": float((simulated - clean).square().mean((2, 3, 4, 5))[real].mean()),
            "copy_mse": float(clean.square().mean((2, 3, 4, 5))[intended].mean()),
            **step_errors(steps[intended], window.actions[intended]),
        }


def imagine(
    network: VideoModel,
    window: Window,
    prompt: Prompt,
    *,
    prompt_on: Tensor,
    actions_on: Tensor,
    noisy: Tensor,
    sigma: Tensor,
) -> Tensor:
    """Run one denoising step; the switches are bool (B,)."""
    return torch.as_tensor(
        network(
            window.now[:, 0],
            prompt.skill,
            prompt.points_uv,
            prompt.points_xyz,
            prompt.proprio,
            prompt.projections,
            prompt_on[:, None].float(),
            window.actions,
            actions_on[:, None].float(),
            noisy,
            sigma,
        )
    )


def read_commands(reader: InverseDynamics, now: Tensor, future: Tensor) -> Tensor:
    """Raw commands (B, T, 7) read between consecutive instants of now (B, 1, ...) and future (B, T, ...)."""
    instants = torch.cat([now, future], 1)
    raw = reader(instants[:, :-1].flatten(0, 1), instants[:, 1:].flatten(0, 1))
    return torch.as_tensor(raw.reshape(-1, HORIZON, 7))
