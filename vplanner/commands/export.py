"""`vplanner export`: write the trained networks as a bundle that runs without torch."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.table import Table

from vplanner.commands.common import check_writable
from vplanner.commands.train import as_json, read_arrays, training_errors
from vplanner.errors import MissingDependencyError
from vplanner.run_folder import write_json


@dataclass(frozen=True, slots=True)
class Export:
    """Write a training run as a bundle of ONNX files, checked against torch on real frames."""

    run_folder: Annotated[Path, tyro.conf.arg(name="run")]
    """Folder of the training run."""
    out: Path
    """Folder of the bundle. One that is there stays as it is until every new file has been checked; a prompter in it
    stays when the run has none."""
    data: tuple[Path, ...]
    """Data sets for the comparison with torch and for --evaluate, as in `vplanner train`."""
    name: str = "panda-tabletop"
    """Name of the bundle."""
    baseline: bool = False
    """Add the behaviour-cloning network, for `vplanner eval` to compare with."""
    evaluate: bool = False
    """Measure the networks on the validation scenes of --data first and put the numbers into the model card."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the largest difference of each network here."""

    def run(self) -> int:
        """Export, and return the exit code: 0 when done, 1 when a file does not compute what torch computes.

        Raises:
            InputError: for a run that lacks a network, data that cannot be read, or a folder that does not fit.
            MissingDependencyError: when torch or another training package is not installed.
            StorageError: when writing fails.
        """
        check_writable(self.json_file)
        try:
            from vplanner_models.errors import ParityError
            from vplanner_models.evaluate import evaluate_run
            from vplanner_models.export import export_bundle
        except ImportError as error:
            raise MissingDependencyError(
                f"export needs the extra `train` (pip install 'vplanner[train]'): {error}"
            ) from error
        arrays = read_arrays(self.data)
        try:
            with training_errors(self.out):
                if self.evaluate:
                    evaluate_run(self.run_folder, arrays)
                parity = export_bundle(self.run_folder, arrays, self.out, self.name, self.baseline)
        except ParityError as error:
            print(f"vplanner: {error}; {self.out} is as it was", file=sys.stderr)
            return 1
        if self.json_file is not None:
            write_json(self.json_file, as_json({"parity": parity}))
        table = Table("network", "largest difference to torch")
        for name, difference in parity.items():
            table.add_row(name, f"{difference:.1e}")
        Console().print(table)
        return 0
