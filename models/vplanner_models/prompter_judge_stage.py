"""Training of the prompter's judge on instants around the end of sub-goals, reached and nearly reached."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import SKILLS, OptimiserConfig
from vplanner_models.prompter_judge import JudgeNet
from vplanner_models.prompter_pictures import PictureSet, augmented

_UV_NOISE = 0.8 / 128
_XYZ_NOISE_M = 0.003
_ASTRAY = 0.4  # share of instants whose points are three times as wrong: what is seen must count more
_VALIDATION_BATCH = 256
_PUSHED_M = 0.028


class JudgeStage:
    """Reached or not, in one cross entropy in which both come up alike for every skill."""

    name = "prompter_judge"

    def __init__(self, training: PictureSet, validation: PictureSet) -> None:
        self.optimiser = OptimiserConfig(batch_size=64, learning_rate=2e-3, warmup_steps=100, ema_decay=0.995)
        self.module: nn.Module = JudgeNet()
        self._training, self._validation = training, validation
        self._done = surely_done(training)
        kind = training.skill * 2 + self._done.long()
        count = torch.bincount(kind, minlength=2 * len(SKILLS)).float()
        self._chance = 1.0 / count[kind]

    def loss(self, progress: float, generator: torch.Generator) -> dict[str, Tensor]:
        """Cross entropy over one batch of instants."""
        rows = torch.multinomial(self._chance, self.optimiser.batch_size, replacement=True, generator=generator)
        inputs = judge_inputs(self._training, rows)
        done = self._done[rows].float()
        logits = self.module(*_disturbed(inputs, generator))
        loss = F.binary_cross_entropy_with_logits(logits, done)
        return {"loss": loss, "right": ((logits > 0) == (done > 0.5)).float().mean()}

    def settle(self, average: nn.Module) -> None:
        """Nothing to finish."""

    def validate(self, average: nn.Module) -> dict[str, float]:
        """Balanced accuracy in unseen scenes: over all instants, and the least of the skills."""
        data = self._validation
        starts = range(0, len(data), _VALIDATION_BATCH)
        blocks = [torch.arange(start, min(start + _VALIDATION_BATCH, len(data))) for start in starts]
        judged = torch.cat([average(*judge_inputs(data, rows)) > 0 for rows in blocks])
        skills = sorted(set(data.skill.tolist()))
        of_skills = [_balanced(judged[data.skill == k], data.done[data.skill == k]) for k in skills]
        return {"balanced": _balanced(judged, data.done), "least_balanced": min(of_skills)}


def surely_done(data: PictureSet) -> Tensor:
    """Which instants (N,) to call reached: none of a pushed thing that lies at the border of success.

    Points are found to a few millimetres, so what counts as reached there would often not be. One more push does no
    harm.
    """
    index = torch.arange(len(data))
    gap = (data.xyz[index, data.source] - data.xyz[index, data.target])[:, :2].norm(dim=-1)
    return data.done & ~((data.skill == SKILLS.index("push")) & (gap > _PUSHED_M))


def judge_inputs(data: PictureSet, rows: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """What `JudgeNet` reads of the instants `rows` (B,), with the true points."""
    slots = torch.stack([data.source[rows], data.target[rows]], 1)  # (B, 2)
    index = rows[:, None]
    images = data.images[rows].permute(0, 1, 4, 2, 3).float() / 255.0
    skill = F.one_hot(data.skill[rows], len(SKILLS)).float()
    return images, skill, data.uv[index, slots].clamp(0, 1), data.xyz[index, slots], data.proprio[rows]


def _disturbed(
    inputs: tuple[Tensor, Tensor, Tensor, Tensor, Tensor], generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Other light, and points as wrong as they are when they are found in pictures."""
    images, skill, uv, xyz, proprio = inputs
    changed, moved = augmented(images.flatten(0, 1), generator)
    scale = torch.where(torch.rand(len(uv), 1, 1, generator=generator) < _ASTRAY, 3.0, 1.0)
    uv = uv + moved + _UV_NOISE * scale[..., None] * torch.randn(uv.shape, generator=generator)
    xyz = xyz + _XYZ_NOISE_M * scale * torch.randn(xyz.shape, generator=generator)
    return changed.reshape(images.shape), skill, uv, xyz, proprio


def _balanced(judged: Tensor, done: Tensor) -> float:
    """Mean of the shares of reached and of not reached instants that are judged right."""
    return 0.5 * (judged[done].float().mean() + (~judged[~done]).float().mean()).item()
