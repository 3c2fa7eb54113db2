"""The loop that every stage shares: optimiser, averaging, schedule by time, checkpoints and records."""

from __future__ import annotations

import copy
import json
import math
import time
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TextIO

import torch
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from vplanner_models.checkpoint import resume_checkpoint, save_checkpoint, start_from
from vplanner_models.config import OptimiserConfig
from vplanner_models.curves import draw_curves
from vplanner_models.records import append_records

_CHECKPOINT_S = 120.0
_RECORD_S = 10.0


class Stage(Protocol):
    """What a stage gives to the loop."""

    name: str
    module: nn.Module
    optimiser: OptimiserConfig

    def loss(self, progress: float, generator: torch.Generator) -> dict[str, Tensor]:
        """Draw a batch and return its losses; `loss` is minimised, the others are recorded.

        `progress` is the share of the time budget that is used.
        """
        ...

    def settle(self, average: nn.Module) -> None:
        """Finish the averaged weights before they are saved."""
        ...

    def validate(self, average: nn.Module) -> dict[str, float]:
        """Measure on scenes that are not trained on; empty where there are none."""
        ...


class Loop:
    """Trains one stage in its folder of the run, resuming where an earlier call stopped."""

    def __init__(self, stage: Stage, folder: Path, minutes: float, seed: int, initial: Path | None = None) -> None:
        """Prepare or resume.

        `minutes` is the stage's whole budget, earlier calls included; a stage that is new begins with the weights of
        `initial`, the same stage of another run.

        Raises:
            TrainingInputError: if what is in the folder, or `initial`, does not fit the stage.
        """
        self.stage, self.folder, self.budget_s = stage, folder, 60 * minutes
        config = stage.optimiser
        self.average = copy.deepcopy(stage.module).eval().requires_grad_(False)
        self.parameters = [p for p in stage.module.parameters() if p.requires_grad]
        self.optimiser = torch.optim.AdamW(
            self.parameters, lr=config.learning_rate, weight_decay=config.weight_decay, betas=(0.9, 0.99), fused=True
        )
        self.progress = resume_checkpoint(folder, stage.module, self.average, self.optimiser)
        if initial is not None and self.progress.steps == 0:
            start_from(initial, stage.module, self.average)
        # Depends on the step, so that a resumed run does not see its first batches again.
        self.generator = torch.Generator().manual_seed(seed + 1_000_003 * self.progress.steps)

    @property
    def finished(self) -> bool:
        """Whether earlier calls have used the budget and ended as planned."""
        return self.progress.done and self.progress.seconds >= self.budget_s

    def run(self) -> dict[str, float]:
        """Train until the budget is used and return the last validation. Raises `OSError` when writing fails."""
        if self.finished:
            return self._validated()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.stage.module.train()
        with (
            SummaryWriter(str(self.folder / "tensorboard")) as board,
            append_records(self.folder) as records,
            _bar(self.stage.name) as bar,
        ):
            task = bar.add_task(self.stage.name, total=1.0, status="")
            recorded = saved = time.monotonic()
            sums: dict[str, float] = {}
            count = 0
            while self.progress.seconds < self.budget_s:
                began = time.monotonic()
                losses = self._step()
                now = time.monotonic()
                self.progress = replace(
                    self.progress,
                    steps=self.progress.steps + 1,
                    samples=self.progress.samples + self.stage.optimiser.batch_size,
                    seconds=self.progress.seconds + now - began,
                )
                for name, value in losses.items():
                    sums[name] = sums.get(name, 0.0) + float(value.detach())
                count += 1
                if now - recorded > _RECORD_S:
                    means = {name: total / count for name, total in sums.items()}
                    means["samples_per_s"] = count * self.stage.optimiser.batch_size / (now - recorded)
                    self._record(means, board, records)
                    status = " ".join(f"{name} {value:.4g}" for name, value in means.items())
                    bar.update(task, completed=self._share(), status=status)
                    recorded, sums, count = time.monotonic(), {}, 0
                if now - saved > _CHECKPOINT_S:
                    self._checkpoint(done=False)
                    self._record(self._validated(), board, records)
                    draw_curves(self.folder)
                    recorded = saved = time.monotonic()
                    sums, count = {}, 0
            self._checkpoint(done=True)
            final = self._validated()
            self._record(final, board, records)
        draw_curves(self.folder)
        return final

    def _share(self) -> float:
        return min(1.0, self.progress.seconds / self.budget_s)

    def _step(self) -> dict[str, Tensor]:
        config, share = self.stage.optimiser, self._share()
        warm = min(1.0, (self.progress.steps + 1) / config.warmup_steps)
        cosine = config.final_share + (1 - config.final_share) * (1 + math.cos(math.pi * share)) / 2
        for group in self.optimiser.param_groups:
            group["lr"] = config.learning_rate * warm * cosine
        losses = self.stage.loss(share, self.generator)
        self.optimiser.zero_grad(set_to_none=True)
        losses["loss"].backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.parameters, config.clip_norm)
        self.optimiser.step()
        self._accumulate(config.ema_decay)
        return losses

    @torch.no_grad()
    def _accumulate(self, decay: float) -> None:
        steps = self.progress.steps
        weight = 1 - min(decay, (1 + steps) / (10 + steps))
        averaged: list[Tensor] = list(self.average.parameters())
        current: list[Tensor] = list(self.stage.module.parameters())
        torch._foreach_lerp_(averaged, current, weight)
        for target, source in zip(self.average.buffers(), self.stage.module.buffers(), strict=True):
            target.copy_(source)

    def _checkpoint(self, done: bool) -> None:
        self.progress = replace(self.progress, done=done)
        self.stage.settle(self.average)
        save_checkpoint(self.folder, self.stage.module, self.average, self.optimiser, self.progress)

    def _validated(self) -> dict[str, float]:
        with torch.no_grad():
            return {f"validation/{name}": value for name, value in self.stage.validate(self.average).items()}

    def _record(self, values: dict[str, float], board: SummaryWriter, records: TextIO) -> None:
        if not values:
            return
        for name, value in values.items():
            board.add_scalar(name, value, self.progress.steps)
        line = {"steps": self.progress.steps, "seconds": round(self.progress.seconds, 1)} | values
        records.write(json.dumps(line) + "\n")
        records.flush()


def _bar(name: str) -> ProgressBar:
    return ProgressBar(
        TextColumn(name), BarColumn(bar_width=24), TextColumn("{task.percentage:.0f}%"), TimeElapsedColumn(),
        TextColumn("{task.fields[status]}"),
    )  # fmt: skip
