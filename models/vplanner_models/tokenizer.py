"""Convolutional autoencoder: a 64x64 picture becomes an 8x8 grid of normalised latents, one view at a time."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import GRID, LATENT_CHANNELS, VIEWS, TokenizerConfig
from vplanner_models.layers import ResidualConv


class Encoder(nn.Module):
    """Pictures to latents of zero mean and unit variance per channel."""

    def __init__(self, widths: tuple[int, int, int]) -> None:
        super().__init__()
        first, second, third = widths
        self.body = nn.Sequential(
            nn.PixelUnshuffle(2),
            nn.Conv2d(12, first, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(first, second, 3, stride=2, padding=1),
            nn.SiLU(),
            nn.Conv2d(second, third, 3, stride=2, padding=1),
            ResidualConv(third),
            nn.SiLU(),
            nn.Conv2d(third, LATENT_CHANNELS, 1),
        )
        # Batch statistics while training, frozen statistics afterwards: decoder and dynamics always see unit scale.
        self.normalise = nn.BatchNorm2d(LATENT_CHANNELS, affine=False, momentum=0.01)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (B, 3, 64, 64) in 0..1 to latents (B, C, 8, 8)."""
        return torch.as_tensor(self.normalise(self.body(images - 0.5)))


class Decoder(nn.Module):
    """Latents to pictures."""

    def __init__(self, widths: tuple[int, int, int]) -> None:
        super().__init__()
        first, second, third = widths
        self.body = nn.Sequential(
            nn.Conv2d(LATENT_CHANNELS, first, 3, padding=1),
            ResidualConv(first),
            ResidualConv(first),
            nn.Conv2d(first, 4 * second, 1),
            nn.PixelShuffle(2),
            ResidualConv(second),
            nn.SiLU(),
            nn.Conv2d(second, 4 * third, 1),
            nn.PixelShuffle(2),
            ResidualConv(third),
            nn.SiLU(),
            nn.Conv2d(third, 12, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def forward(self, latents: Tensor) -> Tensor:
        """Map latents (B, C, 8, 8) to images (B, 3, 64, 64), unbounded around 0..1."""
        return torch.as_tensor(self.body(latents) + 0.5)


class Tokenizer(nn.Module):
    """Encoder, decoder and a small head that reads the TCP pose from the latents, used only in training."""

    def __init__(self, config: TokenizerConfig) -> None:
        super().__init__()
        self.encoder = Encoder(config.encoder_widths)
        self.decoder = Decoder(config.decoder_widths)
        cells = len(VIEWS) * LATENT_CHANNELS * GRID * GRID
        self.pose = nn.Sequential(nn.Linear(cells, 128), nn.SiLU(), nn.Linear(128, 10))

    def forward(self, images: Tensor, latent_noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return latents, pictures decoded from noisy latents, and poses (B, 10).

        Args:
            images: (B V, 3, 64, 64), the views of one instant in neighbouring rows.
            latent_noise: (B V, C, 8, 8), added before decoding.
        """
        latents = self.encoder(images)
        noisy = latents + latent_noise
        return latents, self.decoder(noisy), self.pose(noisy.reshape(-1, self.pose[0].in_features))

    @torch.no_grad()
    def calibrate(self, batches: list[Tensor]) -> None:
        """Set the normalisation to the exact statistics of these image batches (each (B, 3, 64, 64))."""
        norm = self.encoder.normalise
        momentum = norm.momentum
        norm.reset_running_stats()
        norm.momentum = None  # cumulative average
        norm.train()
        for images in batches:
            self.encoder(images)
        norm.momentum = momentum
        norm.eval()


def foreground(images: Tensor) -> Tensor:
    """Where pictures (B, 3, H, W) differ from their own median colour, the table's: arm and objects (B, 1, H, W)."""
    table = images.flatten(2).median(2).values[:, :, None, None]
    return ((images - table).abs().amax(1, keepdim=True) > 0.12).to(images.dtype)


def reconstruction_loss(decoded: Tensor, images: Tensor, foreground_weight: float) -> Tensor:
    """Weighted L1 and squared error; arm and objects count more than the table."""
    weight = 1 + (foreground_weight - 1) * foreground(images)
    error = F.l1_loss(decoded, images, reduction="none") + 4 * F.mse_loss(decoded, images, reduction="none")
    return (weight * error).mean() / weight.mean()
