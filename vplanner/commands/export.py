"""`vplanner export`: write the trained networks as a bundle that runs without torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.table import Table

from vplanner.errors import InputError, MissingDependencyError, StorageError


@dataclass(frozen=True, slots=True)
class Export:
    """Write a training run as a bundle of ONNX files, checked against torch on real frames."""

    run_folder: Annotated[Path, tyro.conf.arg(name="run")]
    """Folder of the training run."""
    out: Path
    """Folder of the bundle; networks of others that are there stay."""
    data: Path
    """Data set for the comparison with torch, as in `vplanner train`."""
    name: str = "panda-tabletop"
    """Name of the bundle."""
    baseline: bool = False
    """Add the behaviour-cloning network, for `vplanner eval` to compare with."""
    evaluate: bool = False
    """Measure the networks on the validation scenes first and put the numbers into the model card."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the largest difference of each network here."""

    def run(self) -> int:
        """Export, and return the exit code 0.

        Raises:
            InputError: for a run that lacks a network, data that cannot be read, or a folder that does not fit.
            MissingDependencyError: when torch or another training package is not installed.
            StorageError: when writing fails.
        """
        try:
            from vplanner_models.evaluate import evaluate_run
            from vplanner_models.export import export_bundle
            from vplanner_models.prompter_export import export_prompter
        except ImportError as error:
            raise MissingDependencyError(
                f"export needs the extra `train` (pip install 'vplanner[train]'): {error}"
            ) from error
        from vplanner.commands.train import read_arrays

        arrays = read_arrays(self.data)
        try:
            if self.evaluate:
                evaluate_run(self.run_folder, arrays)
            parity = export_bundle(self.run_folder, arrays, self.out, self.name, self.baseline)
            if any(self.run_folder.glob("prompter_*/model.safetensors")):
                parity |= export_prompter(self.run_folder, self.out)
            if self.json_file is not None:
                self.json_file.parent.mkdir(parents=True, exist_ok=True)
                self.json_file.write_text(json.dumps({"parity": parity}, indent=1))
        except (FileNotFoundError, ValueError) as error:
            raise InputError(str(error)) from error
        except OSError as error:
            raise StorageError(f"cannot write under {self.out}: {error}") from error
        table = Table("network", "largest difference to torch")
        for name, difference in parity.items():
            table.add_row(name, f"{difference:.1e}")
        Console().print(table)
        return 0
