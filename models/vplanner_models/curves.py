"""Learning curves of a stage as a picture."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from matplotlib.figure import Figure

from vplanner_models.records import read_records


def draw_curves(folder: Path) -> None:
    """Draw every quantity of `metrics.jsonl` over training minutes into `curves.png` of the same folder."""
    series: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for record in read_records(folder):
        for name, value in record.items():
            if name not in ("steps", "seconds"):
                series[name].append((record["seconds"] / 60, value))
    if not series:
        return
    columns = 3
    rows = -(-len(series) // columns)
    figure = Figure(figsize=(4 * columns, 2.6 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis, (name, points) in zip(axes, sorted(series.items()), strict=False):
        minutes, values = zip(*points, strict=True)
        axis.plot(minutes, values, linewidth=1)
        axis.set_title(name, fontsize=9)
        axis.set_xlabel("training minutes", fontsize=8)
        axis.grid(alpha=0.3)
    for axis in axes[len(series) :]:
        axis.set_visible(False)
    figure.savefig(folder / "curves.png", dpi=90)
