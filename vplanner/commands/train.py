"""`vplanner train`: train the networks of a bundle, one stage or all, resumable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro
from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

from vplanner.commands.common import check_writable
from vplanner.errors import InputError, MissingDependencyError, StorageError
from vplanner.run_folder import write_json

if TYPE_CHECKING:
    from vplanner_models.arrays import EpisodeArrays
    from vplanner_models.prompter_text_stage import Encode

Results = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Train:
    """Train the networks. The same command again continues where an interrupted one stopped."""

    stage: tyro.conf.Positional[
        Literal[
            "tokenizer", "inverse_dynamics", "video_model", "critic", "behaviour_cloning", "all",
            "prompter_text", "prompter_vision", "prompter_judge",
        ]
    ]  # fmt: skip
    """What to train. Later stages need the tokenizer, the video model also the inverse dynamics."""
    run_folder: Annotated[Path, tyro.conf.arg(name="run")]
    """Folder for checkpoints, curves and records; one folder holds all stages of one set of networks."""
    data: tuple[Path, ...] = ()
    """One or several LeRobotDatasets v3 from `vplanner collect`, or folders of saved arrays, such as one of training
    and one of validation scenes; for `prompter_vision` and `prompter_judge` folders of `vplanner collect --pictures`.
    `prompter_text` needs none: it writes its own sentences."""
    minutes: float = 60.0
    """Training time, earlier calls included; `all` divides it among the stages."""
    preset: Literal["tiny", "small", "base"] | None = None
    """Sizes of the networks: tiny learns in hours on a CPU, the others want a GPU. Without it, those of the run, and
    tiny for a new one."""
    seed: int = 0
    """Seed of weights and batches."""
    start_from: Path | None = None
    """Another run: a stage that is new in --run begins with its weights instead of random ones."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the validation of each stage here."""

    def run(self) -> int:
        """Train, and return the exit code 0.

        Raises:
            InputError: for a bad number, an option that does not apply, data that cannot be read, or a run folder that
                does not fit.
            MissingDependencyError: when torch or another training package is not installed.
            StorageError: when writing fails.
        """
        self._check_options()
        check_writable(self.json_file)
        try:
            from vplanner_models.config import STAGES
            from vplanner_models.train_prompter import train_judge, train_text, train_vision
            from vplanner_models.training import train
        except ImportError as error:
            raise MissingDependencyError(
                f"train needs the extra `train` (pip install 'vplanner[train]'): {error}"
            ) from error
        results: Results
        with training_errors(self.run_folder):
            self.run_folder.mkdir(parents=True, exist_ok=True)
            if self.stage == "prompter_text":
                results = {self.stage: train_text(self.run_folder, text_encoder(), self.minutes, self.seed)}
            elif self.stage == "prompter_vision":
                results = {self.stage: train_vision(self.run_folder, self.data, self.minutes, self.seed)}
            elif self.stage == "prompter_judge":
                results = {self.stage: train_judge(self.run_folder, self.data, self.minutes, self.seed)}
            else:
                results = train(
                    STAGES if self.stage == "all" else (self.stage,),
                    read_arrays(self.data),
                    data_name=", ".join(path.name for path in self.data),
                    run=self.run_folder,
                    minutes=self.minutes,
                    preset=self.preset,
                    seed=self.seed,
                    initial=self.start_from,
                )
        if self.json_file is not None:
            write_json(self.json_file, as_json(results))
        _show(results)
        return 0

    def _check_options(self) -> None:
        if not self.minutes > 0:
            raise InputError(f"--minutes {self.minutes} must be more than 0")
        if self.stage.startswith("prompter_"):
            for option, value in (("preset", self.preset), ("start-from", self.start_from)):
                if value is not None:
                    raise InputError(f"--{option} {value} does not apply to {self.stage}; leave it out")
        if self.stage != "prompter_text" and not self.data:
            kind = "pictures from `vplanner collect --pictures`" if self.stage.startswith("prompter_") else "episodes"
            raise InputError(f"{self.stage} needs --data, one or several folders of {kind}")


def text_encoder() -> Encode:
    """How the prompter cuts texts into coded words, with the lexicon that `vplanner export` will write."""
    from vplanner.prompting.tokens import Tokeniser
    from vplanner.prompting.vocabulary import Vocabulary
    from vplanner_models.prompter_export import vocabulary

    known = Vocabulary.model_validate(vocabulary())
    return Tokeniser(known.lexicon, known.buckets).encode


def read_arrays(paths: Sequence[Path]) -> EpisodeArrays:
    """Open data sets of either kind, and join them where there are several.

    Raises:
        InputError: if a folder is neither, or is damaged, or their cameras differ.
    """
    from vplanner_models.arrays import EpisodeArrays
    from vplanner_models.errors import TrainingInputError
    from vplanner_models.joining import join_arrays

    sets: dict[str, EpisodeArrays] = {}
    for path in paths:
        if str(path) in sets:
            raise InputError(f"--data names {path} twice; name each data set once")
        try:
            if EpisodeArrays.is_saved(path):
                sets[str(path)] = EpisodeArrays.load(path)
            else:
                from vplanner.data import load_arrays

                sets[str(path)] = load_arrays(path)
        except (TrainingInputError, OSError) as error:
            raise InputError(f"--data {path}: {error}") from error
    try:
        return join_arrays(sets)
    except TrainingInputError as error:
        raise InputError(f"--data: {error}") from error


@contextmanager
def training_errors(folder: Path) -> Iterator[None]:
    """Say what was wrong with the input of training or export, or which file in `folder` could not be written.

    Raises:
        InputError: for what the user gave.
        StorageError: when writing fails.
    """
    from vplanner_models.errors import TrainingInputError

    try:
        yield
    except TrainingInputError as error:
        raise InputError(str(error)) from error
    except OSError as error:
        raise StorageError(f"{error.filename or folder}: cannot be written ({error.strerror or error})") from error


def as_json(results: Mapping[str, Mapping[str, float]]) -> JsonValue:
    """Numbers by stage and name, as JSON."""
    return {stage: dict(values) for stage, values in results.items()}


def _show(results: Results) -> None:
    """Print one line per measured quantity."""
    table = Table("stage", "quantity", "value")
    for stage, values in results.items():
        for name, value in values.items():
            table.add_row(stage, name.removeprefix("validation/"), f"{value:.4g}")
    Console().print(table)
