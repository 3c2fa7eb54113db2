"""The CSV of an evaluation, one row per episode, to which an interrupted evaluation returns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from vplanner.errors import InputError, StorageError
from vplanner.evaluation import Job, Method, Row
from vplanner.run_folder import write_whole

COLUMNS = tuple(field.name for field in fields(Row))
_EARLIER = COLUMNS[: COLUMNS.index("reached")]  # of files from before there were tasks of several sub-goals

# By the type of a column: what reads a value, and what the value must be.
_READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "str": (str, "text"),
    "int": (int, "a whole number"),
    "float": (float, "a number"),
    "bool": ({"True": True, "False": False}.__getitem__, "True or False"),
    "method": (lambda text: Method(text).value, f"one of {', '.join(Method)}"),
}


def read_rows(path: Path) -> list[Row]:
    """The rows of a CSV; none when there is no file; a last line that was cut short is left out.

    In a file of an earlier version each row is of a task of one sub-goal.

    Raises:
        InputError: The file is something else, or a line that is not the last is damaged.
    """
    if not path.exists():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            text = stream.read()
        reader = csv.reader(io.StringIO(text, newline=""))
        lines = [(reader.line_num, line) for line in reader]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: is no CSV ({error}); give another --csv") from error
    columns = tuple(lines[0][1]) if lines else COLUMNS
    if columns not in (COLUMNS, _EARLIER):
        raise InputError(f"{path}: is not an evaluation (columns {', '.join(COLUMNS)}); give another --csv")
    rows = lines[1:]
    if rows and (not text.endswith("\n") or len(rows[-1][1]) != len(columns)):
        rows.pop()
    return [_parse(f"{path}:{number}", line, columns) for number, line in rows]


def _parse(where: str, line: list[str], columns: tuple[str, ...]) -> Row:
    """The row of a line at `where`. Raises `InputError` when it is damaged."""
    if len(line) != len(columns):
        raise InputError(f"{where}: has {len(line)} values; a row has {len(columns)}. Mend or delete the line")
    values: dict[str, Any] = {}
    for field, text in zip(fields(Row), line, strict=False):
        read, needed = _READERS["method" if field.name == "method" else str(field.type)]
        try:
            values[field.name] = read(text)
        except (KeyError, ValueError) as error:
            raise InputError(f"{where}: {field.name} is '{text}'; it must be {needed}") from error
    if columns == _EARLIER:
        values.update(reached=int(values["success"]), planned=1)
    return Row(**values)


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write a whole CSV, in place of what was there. Raises `StorageError` when it cannot be written."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerow(COLUMNS)
    csv.writer(stream).writerows(list(asdict(row).values()) for row in rows)
    write_whole(path, stream.getvalue())


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
