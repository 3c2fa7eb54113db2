"""Text network of the prompter: reads characters, so that one small network serves English and Chinese alike."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import SKILLS
from vplanner_models.prompter_data import COLOURS, KINDS, MAX_CHARACTERS, NOUNS, WORDS

HEADS = {
    "kind": len(KINDS),
    "skill": len(SKILLS),
    "source": len(NOUNS),
    "source_colour": len(COLOURS),
    "target": len(NOUNS),
    "target_colour": len(COLOURS),
}
"""Classes of each output, in the order of the outputs; `unknown` (B, L) and `words` (B, L, classes) come after them."""

_BUCKETS = 6144
_NGRAMS = 5
_PRIME = 2_147_483_629
_FACTOR = 1_000_003
_STRIDE = 4
_STRANGE = 0.03
_HIDDEN = 1e4


def encode_characters(texts: list[str]) -> Tensor:
    """Code points (B, L) int64 of normalised texts, padded with zeros to the longest, rounded up to whole tokens."""
    length = -(-max(len(text) for text in texts) // _STRIDE) * _STRIDE
    rows = [[ord(c) for c in text] + [0] * (length - len(text)) for text in texts]
    return torch.tensor(rows, dtype=torch.int64)


class _Attention(nn.Module):
    """Self-attention that leaves padding out."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        qkv = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None])
        return torch.as_tensor(self.out(mixed.transpose(1, 2).reshape(batch, tokens, width)))


class _Block(nn.Module):
    """Transformer block, normalised before attention and before the MLP."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attention = _Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x), mask)
        return x + torch.as_tensor(self.mlp(self.norm2(x)))


class TextNet(nn.Module):
    """Hashed character n-grams, two strided convolutions, a small transformer, one pooled query per head."""

    def __init__(self, embedding: int = 40, width: int = 96, depth: int = 2, heads: int = 4) -> None:
        super().__init__()
        self.embedding = nn.Embedding(_BUCKETS, embedding)
        self.local = nn.Conv1d(embedding, embedding, 5, padding=2)
        self.words = nn.Linear(embedding, len(WORDS))
        self.named = nn.Linear(len(WORDS), embedding)
        self.down1 = nn.Conv1d(embedding, width, 4, stride=2, padding=1)
        self.down2 = nn.Conv1d(width, width, 4, stride=2, padding=1)
        self.positions = nn.Parameter(torch.randn(MAX_CHARACTERS // _STRIDE, width) * 0.02)
        self.blocks = nn.ModuleList(_Block(width, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.queries = nn.Parameter(torch.randn(len(HEADS), width) * width**-0.5)
        self.heads = nn.ModuleList(nn.Linear(width, classes) for classes in HEADS.values())
        self.tag_context = nn.Linear(width, embedding)
        self.tag = nn.Linear(embedding, 1)

    def forward(self, characters: Tensor) -> tuple[Tensor, ...]:
        """Say what sentences ask for.

        Args:
            characters: Code points (B, L) int64, L a multiple of 4; 0 is padding, which changes nothing.

        Returns:
            Logits of every head (B, classes); then, per character, the logit (B, L) of being part of an unknown word,
            and logits (B, L, words) of being part of a known one, which depend on the characters close by alone.
        """
        length = characters.shape[1]
        present = (characters > 0).to(torch.float32)
        mask = (present[:, ::_STRIDE] - 1) * _HIDDEN  # (B, L / 4), added to logits of attention
        codes = characters
        grams = self._embed(codes, 1)
        for n in range(2, _NGRAMS + 1):
            # The hash of n characters follows from the hash of n - 1 and the character that many places back.
            codes = torch.remainder(codes * _FACTOR + F.pad(characters[:, : length - n + 1], (n - 1, 0)), _PRIME)
            grams = grams + self._embed(codes, n)
        x = (grams * present[..., None]).transpose(1, 2)
        x = x + F.gelu(self.local(x)) * present[:, None]
        words = self.words(F.gelu(x.transpose(1, 2)))
        x = x + self.named(torch.softmax(words, -1)).transpose(1, 2) * present[:, None]
        halved = F.gelu(self.down1(x)) * present[:, None, ::2]
        tokens = self.down2(halved).transpose(1, 2) + self.positions[: length // _STRIDE]
        for block in self.blocks:
            tokens = block(tokens, mask)
        tokens = self.norm(tokens)
        weights = torch.softmax(tokens @ self.queries.T + mask[..., None], dim=1)  # (B, L / 4, heads)
        pooled = weights.transpose(1, 2) @ tokens
        context = self.tag_context(tokens).repeat_interleave(_STRIDE, dim=1)
        unknown = self.tag(F.gelu(x.transpose(1, 2) + context))[..., 0]
        return (*(head(pooled[:, i]) for i, head in enumerate(self.heads)), unknown, words)

    def _embed(self, codes: Tensor, n: int) -> Tensor:
        buckets = torch.remainder(codes * 7919 + n * 104_729, _PRIME) % _BUCKETS
        if self.training:  # some n-grams as if never seen, which share a bucket with others
            strange = torch.rand(buckets.shape) < _STRANGE
            buckets = torch.where(strange, torch.randint(_BUCKETS, buckets.shape), buckets)
        return torch.as_tensor(self.embedding(buckets))
