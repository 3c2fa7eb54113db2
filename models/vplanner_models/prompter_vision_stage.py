"""Training of the prompter's vision network on labelled pictures."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vplanner_models.config import OptimiserConfig
from vplanner_models.prompter_net import HEAT_CELLS, VisionNet
from vplanner_models.prompter_pictures import PictureSet, Queries, draw_queries

_OFFSET_WEIGHT = 3.0
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
        place, offset = _losses(self.module, queries)
        return {"loss": place + _OFFSET_WEIGHT * offset, "place": place, "offset": offset}

    def settle(self, average: nn.Module) -> None:
        """Nothing to finish."""

    def validate(self, average: nn.Module) -> dict[str, float]:
        """Median and 95th percentile of the error [pixels of 128], share of right presences, in unseen scenes."""
        generator = torch.Generator().manual_seed(0)
        errors, right = [], []
        for _ in range(_VALIDATION_BATCHES):
            rows = torch.randint(len(self._validation), (64,), generator=generator)
            queries = draw_queries(self._validation, rows, generator, augment=False)
            heat, offset, presence = average(queries.images, queries.noun, queries.colour, queries.view)
            there = queries.heat.sum(-1) > 0.5
            right.append(((presence > 0) == there).float().mean())
            best = heat.flatten(2).argmax(-1)[..., None, None].expand(-1, -1, 2, 1)
            miss = (offset.flatten(3) - queries.offset).gather(3, best)[..., 0].norm(dim=-1)
            errors.append(miss[queries.single] * (128 / HEAT_CELLS))
        miss = torch.cat(errors)
        return {
            "median_px": miss.median().item(),
            "p95_px": miss.quantile(0.95).item(),
            "presence": torch.stack(right).mean().item(),
        }


def _losses(network: nn.Module, queries: Queries) -> tuple[Tensor, Tensor]:
    heat, offset, _ = network(queries.images, queries.noun, queries.colour, queries.view)
    nowhere = torch.zeros(*heat.shape[:2], 1)
    logits = torch.cat([heat.flatten(2), nowhere], -1)
    target = torch.cat([queries.heat, 1 - queries.heat.sum(-1, keepdim=True)], -1)
    place = -(target * F.log_softmax(logits, -1)).sum(-1).mean()
    miss = F.smooth_l1_loss(offset.flatten(3), queries.offset, beta=0.1, reduction="none").sum(2)
    weight = queries.heat * queries.single[..., None]
    return place, (miss * weight).sum() / weight.sum().clamp(min=1)
