"""What a stage measures while it is trained: lines of JSON in `metrics.jsonl`, of which the last may be half."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

_FILE = "metrics.jsonl"


def append_records(folder: Path) -> TextIO:
    """Open the stage's records to add some, on a line of their own even after an interruption in mid-line."""
    path = folder / _FILE
    torn = path.is_file() and path.read_bytes()[-1:] not in (b"", b"\n")
    stream = path.open("a", encoding="utf-8")
    if torn:
        stream.write("\n")
    return stream


def read_records(folder: Path) -> list[dict[str, float]]:
    """Return the stage's records in order, without lines that an interruption left half; none before training."""
    path = folder / _FILE
    if not path.is_file():
        return []
    records: list[dict[str, float]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError:
            continue
    return records
