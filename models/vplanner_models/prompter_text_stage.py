"""Training of the prompter's text network on sentences from the grammar."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import OptimiserConfig
from vplanner_models.prompter_data import IGNORED, Sampler, Sentence
from vplanner_models.prompter_text import HEADS, TextNet, encode_characters

_VALIDATION_SENTENCES = 2000
_VALIDATION_SEED = 2**40
_TAG_WEIGHT = 2.0
_WORD_WEIGHT = 3.0
_BUCKETS = 8


class TextStage:
    """Every batch is drawn anew, so that there is nothing to overfit on but the grammar."""

    name = "prompter_text"

    def __init__(self) -> None:
        self.optimiser = OptimiserConfig(batch_size=64, learning_rate=2e-3, warmup_steps=50, ema_decay=0.995)
        self.module: nn.Module = TextNet()
        sampler = Sampler(np.random.default_rng(_VALIDATION_SEED))
        self._waiting: list[list[Sentence]] = []
        self._held_back = [sampler.sentence() for _ in range(_VALIDATION_SENTENCES)]

    def loss(self, progress: float, generator: torch.Generator) -> dict[str, Tensor]:
        """Cross entropy of every head, and of the characters of unknown words."""
        if not self._waiting:
            self._waiting = self._draw(generator)
        sentences = self._waiting.pop()
        characters = encode_characters([s.text for s in sentences])
        *logits, unknown, words = self.module(characters)
        total = torch.zeros(())
        for head, values in zip(HEADS, logits, strict=True):
            total = total + F.cross_entropy(values, _labels(sentences, head), ignore_index=IGNORED)
        present = (characters > 0).to(torch.float32)
        tags = F.binary_cross_entropy_with_logits(
            unknown, _tags(sentences, characters), weight=present, reduction="sum"
        )
        named = F.cross_entropy(words.flatten(0, 1), _words(sentences, characters).flatten(), ignore_index=IGNORED)
        loss = total + _TAG_WEIGHT * tags / present.sum() + _WORD_WEIGHT * named
        return {"loss": loss, "heads": total, "words": named}

    def settle(self, average: nn.Module) -> None:
        """Nothing to finish."""

    def validate(self, average: nn.Module) -> dict[str, float]:
        """Share of sentences of which every label is right, and of unknown words found."""
        characters = encode_characters([s.text for s in self._held_back])
        *logits, unknown, _ = average(characters)
        right = torch.ones(len(self._held_back), dtype=torch.bool)
        for head, values in zip(HEADS, logits, strict=True):
            labels = _labels(self._held_back, head)
            right &= (values.argmax(1) == labels) | (labels == IGNORED)
        marked = _tags(self._held_back, characters) > 0
        return {"exact": right.float().mean().item(), "unknown_found": (unknown[marked] > 0).float().mean().item()}

    def _draw(self, generator: torch.Generator) -> list[list[Sentence]]:
        """Batches of sentences of like length, which need little padding, in random order."""
        size = self.optimiser.batch_size
        sampler = Sampler(np.random.default_rng(int(torch.randint(_VALIDATION_SEED, (), generator=generator))))
        sentences = sorted((sampler.sentence() for _ in range(_BUCKETS * size)), key=lambda s: len(s.text))
        order = torch.randperm(_BUCKETS, generator=generator).tolist()
        return [sentences[i * size : (i + 1) * size] for i in order]


def _labels(sentences: list[Sentence], head: str) -> Tensor:
    return torch.tensor([int(getattr(sentence, head)) for sentence in sentences])


def _tags(sentences: list[Sentence], characters: Tensor) -> Tensor:
    length = characters.shape[1]
    rows = [[*sentence.unknown] + [False] * (length - len(sentence.unknown)) for sentence in sentences]
    return torch.tensor(rows, dtype=torch.float32)


def _words(sentences: list[Sentence], characters: Tensor) -> Tensor:
    length = characters.shape[1]
    return torch.tensor([[*sentence.words] + [IGNORED] * (length - len(sentence.words)) for sentence in sentences])
