"""Text network of the prompter: reads words by class and spelling, so that one network serves English and Chinese."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import SKILLS
from vplanner_models.prompter_data import BEGINS, KINDS, MAX_TOKENS, ROLES

BUCKETS = 4096
COLUMNS = 6
"""Codes of a token: class, shape, then buckets of spelling: whole word, beginning, end, outer letters."""
OUTPUTS = ("kind", "roles", "begins", "skills")
_CLASSES = 128
_SHAPES = 16
_HIDDEN = 1e4
_UNSPELT, _UNCLASSED = 0.25, 0.05


class _Block(nn.Module):
    """Transformer block with a convolution over neighbours before attention; padding is left out."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.near = nn.Conv1d(width, width, 5, padding=2)
        self.norm0 = nn.LayerNorm(width)
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width))

    def forward(self, x: Tensor, present: Tensor, mask: Tensor) -> Tensor:
        x = x + F.gelu(self.near((self.norm0(x) * present).transpose(1, 2))).transpose(1, 2)
        batch, tokens, width = x.shape
        qkv = self.qkv(self.norm1(x)).reshape(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))
        return x + torch.as_tensor(self.mlp(self.norm2(x)))


class TextNet(nn.Module):
    """Sums of embedded codes, a few blocks, one head for the sentence and three for each of its words."""

    def __init__(self, width: int = 72, depth: int = 2, heads: int = 4) -> None:
        super().__init__()
        self.classes = nn.Embedding(_CLASSES, width)
        self.shapes = nn.Embedding(_SHAPES, width)
        self.spelling = nn.Embedding(BUCKETS, width)
        self.positions = nn.Parameter(torch.randn(MAX_TOKENS, width) * 0.02)
        self.blocks = nn.ModuleList(_Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.attend = nn.Linear(width, 1)
        self.kind = nn.Linear(2 * width, len(KINDS))
        self.words = nn.Linear(width, len(ROLES) + len(BEGINS) + len(SKILLS))
        nn.init.normal_(self.spelling.weight, std=0.3)

    def forward(self, tokens: Tensor) -> tuple[Tensor, ...]:
        """Say what sentences ask for.

        Args:
            tokens: Codes (B, L, 6) int64, L at most `MAX_TOKENS`; rows of zeros are padding, which changes nothing.

        Returns:
            Logits (B, kinds) of the sentences, then (B, L, roles), (B, L, begins) and (B, L, skills) of their words.
        """
        present = (tokens.sum(-1, keepdim=True) > 0).to(torch.float32)  # (B, L, 1)
        word_class, spelling = tokens[..., 0], self.spelling(tokens[..., 2:])
        if self.training:  # some words by class alone, some by spelling alone
            spelt = (torch.rand(word_class.shape) > _UNSPELT).to(torch.float32)
            spelling = spelling * spelt[..., None, None]
            word_class = word_class * ((torch.rand(word_class.shape) > _UNCLASSED) | (spelt == 0))
        x = (self.classes(word_class) + self.shapes(tokens[..., 1]) + 0.5 * spelling.sum(2)) * present
        x = x + self.positions[: tokens.shape[1]]
        mask = ((present - 1) * _HIDDEN).transpose(1, 2)[:, None]  # (B, 1, 1, L), added to logits of attention
        for block in self.blocks:
            x = block(x, present, mask)
        x = self.norm(x)
        weights = torch.softmax(self.attend(x) + (present - 1) * _HIDDEN, dim=1)
        mean = (x * present).sum(1) / present.sum(1).clamp(min=1)
        kind = self.kind(torch.cat([(weights * x).sum(1), mean], -1))
        return kind, *self.words(x).split((len(ROLES), len(BEGINS), len(SKILLS)), -1)
