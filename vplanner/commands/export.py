"""`vplanner export`: trained networks become a bundle that runs without torch, and a bundle becomes a fast one."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro
from rich.console import Console
from rich.table import Table

from vplanner.commands.common import check_at_least, check_writable
from vplanner.commands.train import as_json, read_arrays, training_errors
from vplanner.errors import InputError, MissingDependencyError
from vplanner.run_folder import write_json

if TYPE_CHECKING:
    from pydantic import JsonValue

    from vplanner.bundle import Bundle
    from vplanner.situations import Situation

_SITUATIONS = 24
_CALIBRATION_SEED = 90_000  # of scenes that may be trained on


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Write a training run as a bundle of ONNX files, or make a bundle fast on a machine; both are checked."""

    source: tyro.conf.Positional[Path | None] = None
    """Folder of a training run, or of a bundle in float32."""
    run_folder: Annotated[Path | None, tyro.conf.arg(name="run")] = None
    """Folder of the training run."""
    from_bundle: Path | None = None
    """Folder of a bundle in float32, to be made fast; needs onnx, but no torch."""
    out: Path
    """Folder of the new bundle. One that is there stays as it is until every new file has been checked; a prompter in
    it stays when the run has none."""
    data: tuple[Path, ...] = ()
    """Data sets with the frames to compare and to calibrate on, as in `vplanner train`. A training run needs them; for
    a bundle, frames of the simulation serve as well."""
    precision: Literal["fp32", "fp16", "int8"] | None = None
    """Rewrite the networks for speed, in this precision; without it a training run is written as it is."""
    target: Literal["cpu", "cuda", "tensorrt"] = "cpu"
    """For what: fp16 is for cuda and tensorrt, int8 for cpu and tensorrt."""
    fixed_samples: int | None = None
    """Fix the size of every batch to that of a replan with so many samples, as TensorRT likes it."""
    name: str = "panda-tabletop"
    """Name of the bundle of a training run."""
    baseline: bool = False
    """Add the behaviour-cloning network, for `vplanner eval` to compare with."""
    evaluate: bool = False
    """Measure the networks on the validation scenes of --data first and put the numbers into the model card."""
    json_file: Annotated[Path | None, tyro.conf.arg(name="json")] = None
    """Write the parity of each network here, and with --precision of whole plans."""

    def run(self) -> int:
        """Export, and return the exit code: 0 when done, 1 when a file does not compute what it should.

        Raises:
            InputError: for a run that lacks a network, data that cannot be read, or a folder that does not fit.
            BundleError: for a bundle that is missing or damaged.
            MissingDependencyError: when a package for training or for editing networks is not installed.
            StorageError: when writing fails.
        """
        check_writable(self.json_file)
        check_at_least("--fixed-samples", self.fixed_samples, 1)
        run_folder, bundle = self._sources()
        if bundle is not None:
            return self._deploy(bundle)
        assert run_folder is not None
        if not self.data:
            raise InputError("a training run needs --data, one or several folders of episodes to compare on")
        if self.precision is None:
            return self._export(run_folder, self.out)
        with tempfile.TemporaryDirectory() as folder:
            trained = Path(folder) / "bundle"
            return self._export(run_folder, trained) or self._deploy(trained)

    def _sources(self) -> tuple[Path | None, Path | None]:
        """The training run, or the bundle; and whether what is asked of it goes together."""
        given = [path for path in (self.source, self.run_folder, self.from_bundle) if path is not None]
        if len(given) != 1:
            raise InputError("give one folder, of a training run or of a bundle (export FOLDER --out NEW_FOLDER)")
        is_bundle = self.from_bundle is not None or (self.source is not None and (given[0] / "bundle.json").is_file())
        if is_bundle and self.precision is None:
            raise InputError("a bundle needs --precision: fp32, fp16 or int8")
        unfit = {("fp16", "cpu"): "--target cuda or tensorrt", ("int8", "cuda"): "--target cpu or tensorrt"}
        instead = unfit.get((self.precision or "", self.target))
        if instead is not None:
            raise InputError(f"--precision {self.precision} brings nothing with --target {self.target}; give {instead}")
        return (None, given[0]) if is_bundle else (given[0], None)

    def _export(self, run_folder: Path, out: Path) -> int:
        """Write the trained networks as they are."""
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
            with training_errors(out):
                if self.evaluate:
                    evaluate_run(run_folder, arrays)
                parity = export_bundle(run_folder, arrays, out, self.name, self.baseline)
        except ParityError as error:
            print(f"vplanner: {error}; {out} is as it was", file=sys.stderr)
            return 1
        if self.json_file is not None:
            write_json(self.json_file, as_json({"parity": parity}))
        table = Table("network", "largest difference to torch")
        for name, difference in parity.items():
            table.add_row(name, f"{difference:.1e}")
        Console().print(table)
        return 0

    def _deploy(self, source: Path) -> int:
        """Make a bundle fast."""
        try:
            from vplanner_models.deploy.pipeline import Deployment, deploy
            from vplanner_models.errors import ParityError
        except ImportError as error:
            raise MissingDependencyError(
                f"--precision needs the extra `deploy` (pip install 'vplanner[deploy]'): {error}"
            ) from error
        from vplanner.bundle import load_bundle
        from vplanner.end_to_end import check_difference, plan_difference
        from vplanner.situations import network_inputs

        assert self.precision is not None
        console = Console()
        bundle = load_bundle(source)
        situations = self._situations(bundle)
        inputs = network_inputs(bundle, situations, self.fixed_samples or 4)

        def check(folder: Path) -> dict[str, Any]:
            found = plan_difference(bundle, load_bundle(folder), situations)
            try:
                check_difference(found, exact=self.precision == "fp32")
            except InputError as error:
                raise ParityError(str(error)) from error
            return asdict(found)

        wish = Deployment(self.precision, self.target, self.fixed_samples)
        try:
            with training_errors(self.out):
                components = deploy(source, inputs, self.out, wish, check, lambda name: console.print(f"{name} ..."))
        except ParityError as error:
            print(f"vplanner: {error}; {self.out} is as it was", file=sys.stderr)
            return 1
        end_to_end = json_of(self.out)["end_to_end"]
        if self.json_file is not None:
            compared = {name: entry for name, entry in components.items() if "cosine" in entry}
            rows: dict[str, JsonValue] = {name: _parity(entry) for name, entry in compared.items()}
            write_json(self.json_file, {"parity": rows, "end_to_end": end_to_end})
        _show(console, components, end_to_end)
        return 0

    def _situations(self, bundle: Bundle) -> list[Situation]:
        from vplanner.situations import recorded_situations, simulated_situations

        if not self.data:
            return simulated_situations(_SITUATIONS, _CALIBRATION_SEED)
        return recorded_situations(read_arrays(self.data), bundle.manifest, _SITUATIONS)


def json_of(folder: Path) -> dict[str, Any]:
    """What `bundle.json` says about the machine that the bundle was made for."""
    import json

    found: dict[str, Any] = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))["deployment"]
    return found


def _parity(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in ("precision", "parity", "cosine", "float_layers", "note")}


def _show(console: Console, components: dict[str, Any], end_to_end: dict[str, Any]) -> None:
    table = Table("network", "precision", "largest difference", "least cosine", "kept in float")
    for name, entry in components.items():
        if "cosine" in entry:
            kept = ", ".join(entry["float_layers"]) or entry["note"]
            table.add_row(name, entry["precision"], f"{entry['parity']:.1e}", f"{entry['cosine']:.6f}", kept)
    console.print(table)
    console.print(
        f"plans in {end_to_end['situations']} situations: steps differ by {end_to_end['translation_mm_p50']:.2f} mm "
        f"(p95 {end_to_end['translation_mm_p95']:.2f}), same choice in {end_to_end['same_choice']:.0%}"
    )
