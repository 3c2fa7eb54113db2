"""Training of the prompter's text network on sentences from the grammar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import OptimiserConfig
from vplanner_models.prompter_data import IGNORED, KINDS, MAX_TOKENS, ROLES, Sentence
from vplanner_models.prompter_sampler import Sampler
from vplanner_models.prompter_text import TextNet

Encode = Callable[[str], tuple[list[int], NDArray[np.int64]]]
"""Where each token of a text starts, and the codes (L, 6) of the tokens."""

_VALIDATION_SENTENCES = 500
_VALIDATION_SEED = 2**40
_BUCKETS = 8
_UNKNOWN = ROLES.index("unknown")


@dataclass(frozen=True, slots=True)
class Batch:
    """Codes (B, L, 6) of tokens, kinds (B,), and per token roles, begins and skills (B, L); some are `IGNORED`."""

    tokens: Tensor
    kind: Tensor
    roles: Tensor
    begins: Tensor
    skills: Tensor


class TextStage:
    """Every batch is drawn anew, so that there is nothing to overfit on but the grammar."""

    name = "prompter_text"

    def __init__(self, encode: Encode) -> None:
        self.optimiser = OptimiserConfig(batch_size=48, learning_rate=4e-3, warmup_steps=50, ema_decay=0.99)
        self.module: nn.Module = TextNet()
        self._encode = encode
        self._waiting: list[Batch] = []
        sampler = Sampler(np.random.default_rng(_VALIDATION_SEED))
        self._held_back = batch_of([sampler.sentence() for _ in range(_VALIDATION_SENTENCES)], encode)

    def loss(self, progress: float, generator: torch.Generator) -> dict[str, Tensor]:
        """Cross entropy of the sentence's kind, and of roles, begins and skills of its words."""
        if not self._waiting:
            self._waiting = self._draw(generator)
        batch = self._waiting.pop()
        kind, roles, begins, skills = self.module(batch.tokens)
        losses = {
            "kind": F.cross_entropy(kind, batch.kind),
            "roles": _words_loss(roles, batch.roles),
            "begins": _words_loss(begins, batch.begins),
            "skills": _words_loss(skills, batch.skills),
        }
        return {"loss": losses["kind"] + 3 * losses["roles"] + 2 * losses["begins"] + losses["skills"], **losses}

    def settle(self, average: nn.Module) -> None:
        """Nothing to finish."""

    def validate(self, average: nn.Module) -> dict[str, float]:
        """Shares of sentences of the right kind, and of commands of which every word is labelled right."""
        batch = self._held_back
        kind, *words = average(batch.tokens)
        right = torch.ones(len(batch.kind), dtype=torch.bool)
        for values, labels in zip(words, (batch.roles, batch.begins, batch.skills), strict=True):
            right &= ((values.argmax(-1) == labels) | (labels == IGNORED)).all(1)
        commands = batch.kind == KINDS.index("ok")
        return {
            "kind": (kind.argmax(1) == batch.kind).float().mean().item(),
            "exact": right[commands].float().mean().item(),
        }

    def _draw(self, generator: torch.Generator) -> list[Batch]:
        """Batches of sentences of like length, which need little padding, in random order."""
        size = self.optimiser.batch_size
        sampler = Sampler(np.random.default_rng(int(torch.randint(_VALIDATION_SEED, (), generator=generator))))
        sentences = sorted((sampler.sentence() for _ in range(_BUCKETS * size)), key=lambda s: len(s.text))
        order = torch.randperm(_BUCKETS, generator=generator).tolist()
        return [batch_of(sentences[i * size : (i + 1) * size], self._encode) for i in order]


def batch_of(sentences: list[Sentence], encode: Encode) -> Batch:
    """The sentences as tokens; of those that are refused only the kind, and unknown words, count."""
    encoded = [encode(sentence.text) for sentence in sentences]
    length = min(MAX_TOKENS, max(1, *(len(starts) for starts, _ in encoded)))
    tokens = np.zeros((len(sentences), length, encoded[0][1].shape[1]), dtype=np.int64)
    labels = np.full((3, len(sentences), length), IGNORED, dtype=np.int64)
    for row, (sentence, (starts, codes)) in enumerate(zip(sentences, encoded, strict=True)):
        count = min(len(starts), length)
        tokens[row, :count] = codes[:count]
        at = starts[:count]
        if KINDS[sentence.kind] == "unknown_word":
            labels[0, row, :count] = [sentence.roles[i] if sentence.roles[i] in (0, _UNKNOWN) else IGNORED for i in at]
        elif KINDS[sentence.kind] == "ok":
            labels[0, row, :count] = [sentence.roles[i] for i in at]
            labels[1, row, :count] = [max(sentence.begins[i:j]) for i, j in zip(at, [*at[1:], at[-1] + 1], strict=True)]
            labels[2, row, :count] = [sentence.skills[i] for i in at]
    return Batch(
        torch.from_numpy(tokens),
        torch.tensor([sentence.kind for sentence in sentences]),
        *(torch.from_numpy(part) for part in labels),
    )


def _words_loss(logits: Tensor, labels: Tensor) -> Tensor:
    total = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED, reduction="sum")
    return total / (labels != IGNORED).sum().clamp(min=1)
