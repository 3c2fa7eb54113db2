"""Training of the prompter's vision network on labelled pictures."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import OptimiserConfig
from vplanner_models.prompter_net import HEAT_CELLS, VISION_SIZE, VisionNet
from vplanner_models.prompter_pictures import PictureSet, Queries, draw_queries

_OFFSET_WEIGHT = 3.0
_BOX_WEIGHT = 0.5
_VALIDATION_BATCHES = 8


class VisionStage:
    """Where the point is or that there is none, in one cross entropy; the exact place from the offsets around it."""

    name = "prompter_vision"

    def __init__(self, training: PictureSet, validation: PictureSet) -> None:
        self.optimiser = OptimiserConfig(batch_size=32, learning_rate=3e-3, warmup_steps=100, ema_decay=0.995)
        self.module: nn.Module = VisionNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._training, self._validation = training, validation

    def loss(self, progress: float, generator: torch.Generator) -> dict[str, Tensor]:
        """Losses of one batch of pictures, each with many queries."""
        rows = torch.randint(len(self._training), (self.optimiser.batch_size,), generator=generator)
        queries = draw_queries(self._training, rows, generator, augment=True)
        place, offset, box = _losses(cast(VisionNet, self.module), queries)
        loss = place + _OFFSET_WEIGHT * offset + _BOX_WEIGHT * box
        return {"loss": loss, "place": place, "offset": offset, "box": box}

    def settle(self, average: nn.Module) -> None:
        """Nothing to finish."""

    def validate(self, average: nn.Module) -> dict[str, float]:
        """Errors of points (median, 95th percentile) and of the boxes' sides (median) [pixels of 128] in unseen scenes.

        And the share of right presences.
        """
        network = cast(VisionNet, average)
        generator = torch.Generator().manual_seed(0)
        errors, sides, right = [], [], []
        for _ in range(_VALIDATION_BATCHES):
            rows = torch.randint(len(self._validation), (64,), generator=generator)
            queries = draw_queries(self._validation, rows, generator, augment=False)
            near = queries.near[..., :1]
            asked = queries.images, queries.noun, queries.colour, queries.view
            heat, _ = network.near(*asked, near)
            there = queries.heat.sum(-1) > 0.5
            right.append(((heat.logsumexp(-1) > 0) == there).float().mean())
            best = heat.argmax(-1, keepdim=True)
            _, answers = network.near(*asked, best)
            centre = torch.stack([best % HEAT_CELLS, best // HEAT_CELLS], 2) + 0.5  # (B, Q, 2, 1)
            asked_for = torch.stack([near % HEAT_CELLS, near // HEAT_CELLS], 2) + 0.5
            shift = asked_for - centre  # what is right was told of another cell
            miss = (answers[:, :, :2] - queries.offset[..., :1] - shift)[..., 0].norm(dim=-1)
            errors.append(miss[queries.single] * (VISION_SIZE / HEAT_CELLS))
            aside = answers[:, :, 2:] - queries.box[..., :1] + torch.cat([shift, -shift], 2)
            sides.append(aside[..., 0].abs()[queries.boxed].flatten() * (VISION_SIZE / HEAT_CELLS))
        miss = torch.cat(errors)
        return {
            "median_px": miss.median().item(),
            "p95_px": miss.quantile(0.95).item(),
            "box_px": torch.cat(sides).median().item(),
            "presence": torch.stack(right).mean().item(),
        }


def _losses(network: VisionNet, queries: Queries) -> tuple[Tensor, Tensor, Tensor]:
    heat, answers = network.near(queries.images, queries.noun, queries.colour, queries.view, queries.near)
    logits = torch.cat([heat, torch.zeros(*heat.shape[:2], 1)], -1)
    target = torch.cat([queries.heat, 1 - queries.heat.sum(-1, keepdim=True)], -1)
    place = -(target * F.log_softmax(logits, -1)).sum(-1).mean()
    missed = _around(answers[:, :, :2], queries.offset, queries.share * queries.single[..., None])
    return place, missed, _around(answers[:, :, 2:], queries.box, queries.share * queries.boxed[..., None])


def _around(answer: Tensor, right: Tensor, weight: Tensor) -> Tensor:
    """Mean error of answers (B, Q, n, N) at the cells around the point, which have `weight` (B, Q, N)."""
    miss = F.smooth_l1_loss(answer, right, beta=0.1, reduction="none").sum(2)
    return (miss * weight).sum() / weight.sum().clamp(min=1)
