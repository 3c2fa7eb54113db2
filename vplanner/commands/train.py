"""`vplanner train`: train the networks of a bundle, one stage or all, resumable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro
from rich.console import Console
from rich.table import Table

from vplanner.errors import InputError, MissingDependencyError, StorageError

if TYPE_CHECKING:
    from vplanner_models.arrays import EpisodeArrays


@dataclass(frozen=True, slots=True)
class Train:
    """Train the networks. The same command again continues where an interrupted one stopped."""

    stage: tyro.conf.Positional[
        Literal[
            "tokenizer", "inverse_dynamics", "video_model", "critic", "behaviour_cloning", "all",
            "prompter_text", "prompter_vision",
        ]
    ]  # fmt: skip
    """What to train. Later stages need the tokenizer, the video model also the inverse dynamics."""
    data: Path
    """A LeRobotDataset v3 from `vplanner collect`, or a folder of saved arrays; for `prompter_vision` a folder of
    `vplanner collect --pictures`; `prompter_text` writes its own sentences and reads nothing."""
    run_folder: Annotated[Path, tyro.conf.arg(name="run")]
    """Folder for checkpoints, curves and records; one folder holds all stages of one set of networks."""
    minutes: float = 60.0
    """Training time, earlier calls included; `all` divides it among the stages."""
    preset: Literal["tiny", "small", "base"] = "tiny"
    """Sizes of the networks: tiny learns in hours on a CPU, the others want a GPU."""
    seed: int = 0
    """Seed of weights and batches."""
    start_from: Path | None = None
    """Another run: a stage that is new in --run begins with its weights instead of random ones."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the validation of each stage here."""

    def run(self) -> int:
        """Train, and return the exit code 0.

        Raises:
            InputError: for a bad number, data that cannot be read, or a run folder that does not fit.
            MissingDependencyError: when torch or another training package is not installed.
            StorageError: when writing fails.
        """
        if not self.minutes > 0:
            raise InputError(f"--minutes {self.minutes} must be more than 0")
        try:
            from vplanner_models.config import STAGES
            from vplanner_models.train_prompter import train_text, train_vision
            from vplanner_models.training import train
        except ImportError as error:
            raise MissingDependencyError(
                f"train needs the extra `train` (pip install 'vplanner[train]'): {error}"
            ) from error
        results: dict[str, dict[str, float]]
        try:
            if self.stage == "prompter_text":
                results = {self.stage: train_text(self.run_folder, self.minutes, self.seed)}
            elif self.stage == "prompter_vision":
                results = {self.stage: train_vision(self.run_folder, self.data, self.minutes, self.seed)}
            else:
                results = train(
                    STAGES if self.stage == "all" else (self.stage,),
                    read_arrays(self.data),
                    data_name=self.data.name,
                    run=self.run_folder,
                    minutes=self.minutes,
                    preset=self.preset,
                    seed=self.seed,
                    initial=self.start_from,
                )
            if self.json_file is not None:
                self.json_file.parent.mkdir(parents=True, exist_ok=True)
                self.json_file.write_text(json.dumps(results, indent=1))
        except (FileNotFoundError, ValueError) as error:
            raise InputError(str(error)) from error
        except OSError as error:
            raise StorageError(f"cannot write under {self.run_folder}: {error}") from error
        _show(results)
        return 0


def read_arrays(path: Path) -> EpisodeArrays:
    """Open a data set of either kind.

    Raises:
        InputError: if the folder is neither, or is damaged.
    """
    from vplanner_models.arrays import EpisodeArrays

    try:
        if EpisodeArrays.is_saved(path):
            return EpisodeArrays.load(path)
        from vplanner.data import load_arrays

        return load_arrays(path)
    except (FileNotFoundError, ValueError) as error:
        raise InputError(f"--data {path}: {error}") from error


def _show(results: dict[str, dict[str, float]]) -> None:
    """Print one line per measured quantity."""
    table = Table("stage", "quantity", "value")
    for stage, values in results.items():
        for name, value in values.items():
            table.add_row(stage, name.removeprefix("validation/"), f"{value:.4g}")
    Console().print(table)
