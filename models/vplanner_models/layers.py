"""Building blocks that several networks share."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def waves(values: Tensor, wavelengths: Sequence[float]) -> Tensor:
    """Sine and cosine of `values` (..., D) at each wavelength, as (..., 2 D len(wavelengths)).

    They make small differences visible that a linear layer on the plain values would drown.
    """
    phases = torch.cat([values * (2 * math.pi / length) for length in wavelengths], -1)
    return torch.cat([phases.sin(), phases.cos()], -1)


def channels_last(module: nn.Module) -> None:
    """Lay the weights of all 2-D convolutions out channels last, which is faster on a CPU."""
    for parameter in module.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


class ResidualConv(nn.Module):
    """Pre-activation residual block with one 3x3 convolution: cheap on a CPU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, width, h, w) to the same shape."""
        return x + torch.as_tensor(self.conv(F.silu(self.norm(x))))


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """Shift and scale tokens (B, N, D) by per-sample vectors (B, D)."""
    return x * (1 + scale[:, None]) + shift[:, None]


class Attention(nn.Module):
    """Multi-head self-attention over all tokens."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, N, D) to (B, N, D)."""
        tokens, width = x.shape[1], x.shape[2]
        qkv = self.qkv(x).reshape(-1, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = F.scaled_dot_product_attention(q, k, v)  # (B, heads, N, D / heads)
        return torch.as_tensor(self.out(mixed.transpose(1, 2).reshape(-1, tokens, width)))


class DiTBlock(nn.Module):
    """Transformer block whose norms and gates are set by the condition; it starts as the identity (adaLN-Zero)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, elementwise_affine=False)
        self.attention = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width, elementwise_affine=False)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(approximate="tanh"), nn.Linear(4 * width, width))
        self.modulation = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Map tokens (B, N, D) under the condition (B, D), already activated."""
        shift1, scale1, gate1, shift2, scale2, gate2 = self.modulation(condition).chunk(6, -1)
        x = x + gate1[:, None] * self.attention(modulate(self.norm1(x), shift1, scale1))
        return torch.as_tensor(x + gate2[:, None] * self.mlp(modulate(self.norm2(x), shift2, scale2)))
