"""`vplanner bench prompt`: how well the embedded prompter points, refuses and judges in unseen scenes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from vplanner.commands.common import TEST_SEED, check_at_least, check_writable, quiet_threads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import JsonValue
    from rich.console import Console

    from vplanner.prompt_benchmark import Grounding, Judgement


@dataclass(frozen=True, slots=True)
class BenchPrompt:
    """Measure how well the embedded prompter points, refuses and judges in scenes that it has never seen."""

    tasks: str = "all"
    """Names of tasks, separated by commas, or `all`."""
    scenes: int = 50
    """Scenes per task for pointing and refusing."""
    endings: int = 10
    """Scenes per task for judging; each gives a success, a near miss and a failure. 0 leaves judging out."""
    seed: int = TEST_SEED
    """First scene."""
    bundle: Path | None = None
    """Folder of the networks; without it, $VPLANNER_BUNDLE or models/bundles/panda-tabletop."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the figures here."""

    def run(self) -> int:
        """Measure and print; raises `BundleError`, `InputError` and `MissingDependencyError`."""
        quiet_threads()
        from rich.console import Console
        from rich.progress import track

        from vplanner.agent import AgentConfig, make_agent, open_networks, open_prompter
        from vplanner.bundle import load_bundle
        from vplanner.errors import InputError
        from vplanner.prompt_benchmark import measure_grounding, measure_judge, measure_refusal
        from vplanner.run_folder import write_json
        from vplanner.sim_robot import task_skills

        check_at_least("--scenes", self.scenes, 1)
        check_at_least("--endings", self.endings, 0)
        check_at_least("--seed", self.seed, 0)
        check_writable(self.json_file)
        every = tuple(task_skills())
        tasks = every if self.tasks == "all" else tuple(self.tasks.split(","))
        for task in tasks:
            if task not in every:
                raise InputError(f"unknown task '{task}'; the tasks are: {', '.join(every)}")
        config = AgentConfig()
        bundle = load_bundle(self.bundle)
        prompter = open_prompter(bundle, config.backend)
        console = Console()
        grounded = list(
            track(measure_grounding(prompter, tasks, self.scenes, self.seed), "pointing", self.scenes * len(tasks))
        )
        refused = list(track(measure_refusal(prompter, tasks, self.scenes, self.seed), "refusing", None))
        content: dict[str, JsonValue] = {**_pointing(grounded), "bad_refused": sum(refused) / max(1, len(refused))}
        if self.endings:
            import numpy as np

            judge = make_agent(open_networks(bundle, config), config, np.random.default_rng(0)).judge
            endings = track(
                measure_judge(prompter, judge, tasks, self.endings, self.seed), "judging", 3 * self.endings * len(tasks)
            )
            content["judge"] = _judging(list(endings))
        content.update(tasks=list(tasks), scenes=self.scenes, endings=self.endings, seed=self.seed)
        _show(console, content)
        if self.json_file is not None:
            write_json(self.json_file, content)
        return 0


def _pointing(rows: Sequence[Grounding]) -> dict[str, JsonValue]:
    import numpy as np

    p50, p95 = np.percentile([row.ms for row in rows], [50, 95])
    points, things = sum(row.points for row in rows), sum(row.things for row in rows)
    return {
        "good_refused": sum(row.refused for row in rows) / len(rows),
        "in_mask": sum(row.inside for row in rows) / max(1, points),
        "right_object": sum(row.right for row in rows) / max(1, things),
        "points": points,
        "plan_ms": {"p50": round(float(p50), 2), "p95": round(float(p95), 2)},
    }


def _judging(rows: Sequence[Judgement]) -> dict[str, JsonValue]:
    """Balanced accuracy of every task and of all, and how each ending was judged."""

    def balanced(some: Sequence[Judgement]) -> float:
        shares = []
        for done in (True, False):
            judged = [row.judged == done for row in some if row.done == done]
            shares += [sum(judged) / len(judged)] if judged else []
        return round(sum(shares) / len(shares), 4) if shares else 0.0

    of_task: dict[str, list[Judgement]] = defaultdict(list)
    of_ending: dict[str, list[Judgement]] = defaultdict(list)
    for row in rows:
        of_task[row.task].append(row)
        of_ending[row.ending].append(row)
    return {
        "balanced": balanced(rows),
        "tasks": {task: balanced(some) for task, some in of_task.items()},
        "right": {
            name: round(sum(row.judged == row.done for row in some) / len(some), 4) for name, some in of_ending.items()
        },
        "endings": len(rows),
    }


def _show(console: Console, content: dict[str, JsonValue]) -> None:
    from rich.table import Table

    table = Table("measure", "value")
    for name, key in (
        ("points within the right object's mask", "in_mask"),
        ("right objects", "right_object"),
        ("good instructions refused", "good_refused"),
        ("bad instructions refused", "bad_refused"),
    ):
        table.add_row(name, f"{content[key]:.1%}")
    ms = content["plan_ms"]
    assert isinstance(ms, dict)
    table.add_row("one plan", f"p50 {ms['p50']:.1f} ms, p95 {ms['p95']:.1f} ms")
    judge = content.get("judge")
    if isinstance(judge, dict):
        table.add_row("judge, balanced accuracy", f"{judge['balanced']:.1%}")
        for kind in ("right", "tasks"):
            parts = judge[kind]
            assert isinstance(parts, dict)
            for name, value in parts.items():
                table.add_row(f"  {name}", f"{value:.1%}")
    console.print(table)
