"""The folder of a bundle on disk: made beside, and put in place only when it is whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vplanner_models.errors import TrainingInputError
from vplanner_models.files import replace_json, replace_text

SCHEMA_VERSION = 1
_MANIFEST, _CARD = "bundle.json", "README.md"


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the contents of the `bundle.json` that is there; of a new bundle, the schema version alone.

    Raises:
        TrainingInputError: if it is damaged, or of another schema.
    """
    path = folder / _MANIFEST
    if not path.is_file():
        return {"schema_version": SCHEMA_VERSION}
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise TrainingInputError(f"{path} is damaged ({error}); give --out a new folder") from error
    version = manifest.get("schema_version")
    if version != SCHEMA_VERSION:
        raise TrainingInputError(f"{path} has schema_version {version!r}; this version writes {SCHEMA_VERSION}")
    return manifest


@contextmanager
def scratch_folder(folder: Path) -> Iterator[Path]:
    """An empty folder beside the bundle's own, removed at the end; what an interruption left there goes first."""
    own = folder.resolve()
    scratch = own.with_name(f".{own.name}.partial")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def publish(scratch: Path, folder: Path, manifest: dict[str, Any], card: str) -> None:
    """Move the files of `scratch` into the bundle's folder, then replace manifest and card, then remove old networks.

    A bundle that is read between the moves has files that its manifest does not name by hash, which loading tells.
    """
    found = read_manifest(folder).get("components", {})
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(scratch.iterdir()):
        path.replace(folder / path.name)
    replace_json(folder / _MANIFEST, manifest)
    replace_text(folder / _CARD, card)
    named = {component["file"] for component in manifest["components"].values()}
    for file in {component["file"] for component in found.values()} - named:
        (folder / Path(file).name).unlink(missing_ok=True)
