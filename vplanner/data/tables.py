"""Arrow schemas and small tables of a LeRobotDataset v3."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vplanner.data import schema, stats
from vplanner.data.schema import Field

_VALUES = {"float32": pa.float32(), "int64": pa.int64()}
ALL_FIELDS = (*schema.FIELDS, schema.TIMESTAMP, *schema.INDEX_FIELDS)


def data_schema() -> pa.Schema:
    """Return the schema of a data file, with the feature description that Hugging Face's readers expect."""
    features: dict[str, dict[str, object]] = {}
    columns: list[pa.Field] = []
    for field in ALL_FIELDS:
        value: dict[str, object] = {"dtype": field.kind, "_type": "Value"}
        if field.size == 1:
            features[field.key] = value
            columns.append(pa.field(field.key, _VALUES[field.kind]))
        else:
            features[field.key] = {"feature": value, "length": field.size, "_type": "List"}
            columns.append(pa.field(field.key, pa.list_(_VALUES[field.kind], field.size)))
    return pa.schema(columns, metadata={"huggingface": json.dumps({"info": {"features": features}})})


def column(field: Field, values: NDArray[np.generic]) -> pa.Array:
    """Return values (N, size) as an Arrow column of the field's type."""
    flat = pa.array(np.ascontiguousarray(values, dtype=field.kind).reshape(-1), _VALUES[field.kind])
    return flat if field.size == 1 else pa.FixedSizeListArray.from_arrays(flat, field.size)


def values(field: Field, table: pa.Table) -> NDArray[np.generic]:
    """Return one column of a data file as an array (N, size)."""
    array = table.column(field.key).combine_chunks()
    if field.size > 1:
        array = array.flatten()
    return np.asarray(array.to_numpy(zero_copy_only=False), dtype=field.kind).reshape(-1, field.size)


def episodes_schema(cameras: Sequence[str]) -> pa.Schema:
    """Return the schema of the episode table; LeRobot's columns first, then those of this project."""
    integers = ["data/chunk_index", "data/file_index", "dataset_from_index", "dataset_to_index"]
    columns = [
        pa.field("episode_index", pa.int64()),
        pa.field("tasks", pa.list_(pa.string())),
        pa.field("length", pa.int64()),
        *(pa.field(name, pa.int64()) for name in integers),
    ]
    for camera in cameras:
        prefix = f"videos/{schema.image_key(camera)}"
        columns += [pa.field(f"{prefix}/{name}", pa.int64()) for name in ("chunk_index", "file_index")]
        columns += [pa.field(f"{prefix}/{name}", pa.float64()) for name in ("from_timestamp", "to_timestamp")]
    columns += [pa.field(f"meta/episodes/{name}", pa.int64()) for name in ("chunk_index", "file_index")]
    columns += [pa.field(name, pa.string()) for name in ("sim_task", "behaviour")]
    columns += [pa.field("seed", pa.int64()), pa.field("succeeded", pa.bool_())]
    numbers = pa.list_(pa.float64())
    pictures = pa.list_(pa.list_(numbers))
    for camera in cameras:
        columns += _stats_columns(schema.image_key(camera), pictures)
    for field in ALL_FIELDS:
        columns += _stats_columns(field.key, numbers)
    return pa.schema(columns)


def stats_row(key: str, of: stats.Stats) -> dict[str, object]:
    """Return the episode table's statistics columns of one feature."""
    return {f"stats/{key}/{name}": value for name, value in of.entries().items()}


def stats_from_table(key: str, table: pa.Table) -> list[stats.Stats]:
    """Return one feature's statistics of every episode of a table."""
    columns = [table.column(f"stats/{key}/{name}").to_pylist() for name in stats.NAMES]
    return [
        stats.Stats(np.array(low), np.array(high), np.array(mean), np.array(std), count[0])
        for low, high, mean, std, count in zip(*columns, strict=True)
    ]


def tasks_table(instructions: Sequence[str]) -> pa.Table:
    """Return the table of instructions, whose pandas index is the text."""
    index = "__index_level_0__"
    described: list[dict[str, str | None]] = [
        {"name": "task_index", "field_name": "task_index", "pandas_type": "int64", "numpy_type": "int64"},
        {"name": None, "field_name": index, "pandas_type": "unicode", "numpy_type": "object"},
    ]
    pandas = {
        "index_columns": [index],
        "column_indexes": [
            {"name": None, "field_name": None, "pandas_type": "unicode", "numpy_type": "object", "metadata": None}
        ],
        "columns": [{**entry, "metadata": None} for entry in described],
    }
    table = pa.table({"task_index": pa.array(range(len(instructions)), pa.int64()), index: pa.array(instructions)})
    return table.replace_schema_metadata({"pandas": json.dumps(pandas)})


def _stats_columns(key: str, extent: pa.DataType) -> list[pa.Field]:
    """Return the columns for the statistics of one feature."""
    types = {**dict.fromkeys(stats.NAMES, extent), "count": pa.list_(pa.int64())}
    return [pa.field(f"stats/{key}/{name}", kind) for name, kind in types.items()]
