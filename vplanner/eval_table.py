"""The CSV of an evaluation, one row per episode, to which an interrupted evaluation returns."""

from __future__ import annotations

import csv
from dataclasses import asdict, fields
from pathlib import Path

from vplanner.errors import InputError, StorageError
from vplanner.evaluation import Job, Method, Row

COLUMNS = tuple(field.name for field in fields(Row))


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV; none when there is no file; a last line that was cut short is left out.

    Raises:
        InputError: The file is something else.
    """
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        lines = list(csv.reader(stream))
    if lines and tuple(lines[0]) != COLUMNS:
        raise InputError(f"{path}: is not an evaluation (columns {', '.join(COLUMNS)}); give another --csv")
    return [_parse(line) for line in lines[1:] if len(line) == len(COLUMNS)]


def _parse(line: list[str]) -> Row:
    value = dict(zip(COLUMNS, line, strict=True))
    return Row(
        task=value["task"],
        method=value["method"],
        seed=int(value["seed"]),
        instruction=value["instruction"],
        success=value["success"] == "True",
        declared=value["declared"] == "True",
        steps=int(value["steps"]),
        replans=int(value["replans"]),
        seconds=float(value["seconds"]),
        command_error_mm=float(value["command_error_mm"]),
        reason=value["reason"],
        setup=value["setup"],
    )


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write a whole CSV. Raises `StorageError` when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerow(COLUMNS)
            csv.writer(stream).writerows(list(asdict(row).values()) for row in rows)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror})") from error


def append_row(path: Path, row: Row) -> None:
    """Add one row. Raises `StorageError` when it cannot be written."""
    try:
        with path.open("a", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerow(list(asdict(row).values()))
    except OSError as error:
        raise StorageError(f"{path}: cannot be written ({error.strerror})") from error


def job_of(row: Row) -> Job:
    """The job that a row answers."""
    return Job(Method(row.method), row.task, row.seed)
