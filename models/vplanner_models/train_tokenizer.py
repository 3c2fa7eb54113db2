"""Stage 1: the tokenizer learns from pictures."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.arrays import EpisodeArrays
from vplanner_models.config import GRID, LATENT_CHANNELS, OptimiserConfig, TokenizerConfig
from vplanner_models.dataset import TrainingSet, draw
from vplanner_models.latents import picture_batch
from vplanner_models.layers import channels_last
from vplanner_models.tokenizer import Tokenizer, foreground, reconstruction_loss
from vplanner_models.trunk import scaled_proprioception

_CALIBRATION_BATCHES = 24
_VALIDATION_ROWS = 256


class TokenizerStage:
    """Reconstruction, weighted where things move, and a pose that must be readable from the latents."""

    name = "tokenizer"

    def __init__(
        self, config: TokenizerConfig, optimiser: OptimiserConfig, arrays: EpisodeArrays, data: TrainingSet
    ) -> None:
        self.config, self.optimiser, self.arrays, self.data = config, optimiser, arrays, data
        self.tokenizer = Tokenizer(config)
        channels_last(self.tokenizer)
        self.module: nn.Module = self.tokenizer

    def _pictures(self, rows: Tensor) -> Tensor:
        """Pictures (B V, 3, H, W) of rows, which must ascend: sequential reads from disk are faster."""
        return picture_batch(self.arrays.images[rows.numpy()])

    def loss(self, progress: float, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw rows and return reconstruction and pose losses."""
        rows = draw(self.data.training_rows, self.optimiser.batch_size, generator).sort().values
        images = self._pictures(rows)
        noise = torch.randn(len(images), LATENT_CHANNELS, GRID, GRID, generator=generator)
        _, decoded, pose = self.tokenizer(images, self.config.latent_noise * noise)
        picture = reconstruction_loss(decoded, images, self.config.foreground_weight)
        pose_error = F.smooth_l1_loss(pose, scaled_proprioception(self.data.proprio[rows]), beta=0.1)
        return {"loss": picture + self.config.pose_weight * pose_error, "picture": picture, "pose": pose_error}

    def settle(self, average: nn.Module) -> None:
        """Recompute the latent statistics for the averaged weights."""
        assert isinstance(average, Tokenizer)
        rows = self.data.training_rows
        picks = rows[torch.linspace(0, len(rows) - 1, 32 * _CALIBRATION_BATCHES).long()]
        average.calibrate([self._pictures(part) for part in picks.chunk(_CALIBRATION_BATCHES)])

    def validate(self, average: nn.Module) -> dict[str, float]:
        """PSNR [dB] over all pixels and over arm and objects; TCP error of the pose head."""
        rows = self.data.validation_rows
        if len(rows) == 0:
            return {}
        rows = rows[torch.linspace(0, len(rows) - 1, min(_VALIDATION_ROWS, len(rows))).long()]
        images = self._pictures(rows)
        _, decoded, pose = average(images, torch.zeros(1))
        error = (decoded.clamp(0, 1) - images) ** 2
        front = error.mean(1, keepdim=True)[foreground(images).bool()].mean()
        tcp = 0.2 * (pose - scaled_proprioception(self.data.proprio[rows]))[:, :3].norm(dim=-1)
        return {
            "psnr_db": float(-10 * error.mean().log10()),
            "psnr_foreground_db": float(-10 * front.log10()),
            "tcp_error_cm": float(100 * tcp.mean()),
        }
