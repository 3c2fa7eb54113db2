"""Node parameters from a launch file: YAML's types, and the files by which nodes get them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from vplanner.errors import InputError
from vplanner_ros.launching.attributes import Attributes
from vplanner_ros.launching.document import Items, Place, Scalar, Value, fail, listed
from vplanner_ros.launching.plan import ParameterFile
from vplanner_ros.launching.scope import Scope

_SCALARS: dict[str, type] = {"bool": bool, "int": int, "float": float, "str": str}
TYPES = (*_SCALARS, *(f"list_of_{name}" for name in _SCALARS))


def node_parameters(
    attributes: Attributes, full_name: str | None, folder: Path, number: int
) -> tuple[list[Path], list[ParameterFile]]:
    """Paths for `--params-file` in their order, and those of the files that must be written for them.

    Each element of `param` becomes a file of its own, under the node's full name where that is known and for all nodes
    where it is not; later files win. `number` tells this node's files from those of others in `folder`.

    Raises:
        InputError: A file is missing, or a value has no type that a parameter can have.
    """
    paths: list[Path] = []
    written: list[ParameterFile] = []
    for index, part in enumerate(attributes.parts("param")):
        target = folder / f"launch_params_{number}_{index}.yaml"
        if part.has("from"):
            path, text = _file(part)
            if text is not None:
                written.append(ParameterFile(target, text))
            paths.append(path if text is None else target)
            continue
        if part.has("allow_substs"):
            fail(part.place("allow_substs"), "`allow_substs` belongs to `from`")
        values = _flat(part)
        text = yaml.safe_dump({full_name or "/**": {"ros__parameters": values}}, allow_unicode=True)
        written.append(ParameterFile(target, text))
        paths.append(target)
    return paths, written


def parameter_value(attributes: Attributes) -> Any:
    """The value under `value`: as YAML types it after substitution, or as `type` says.

    Raises `InputError` when it is nothing that a parameter can be.
    """
    value, place = attributes.body.entries["value"], attributes.place("value")
    wanted = attributes.text("type")
    if wanted is not None and wanted not in TYPES:
        fail(attributes.place("type"), f"`type` is '{wanted}'; there are {listed(TYPES)}")
    if isinstance(value, Items):
        elements = [_typed(item, attributes.scope, None, place) for item in value.items]
        return _checked(elements, wanted, place)
    return _checked(_typed(value, attributes.scope, wanted, place), wanted, place)


def _file(part: Attributes) -> tuple[Path, str | None]:
    """The path under `from`, and its text when substitutions are to be performed in it."""
    for key in ("name", "value", "type", "param"):
        if part.has(key):
            fail(part.place(key), f"`from` and `{key}` cannot stand together")
    path = Path(part.needed("from"))
    if not path.is_file():
        fail(part.place("from"), f"there is no file {path}; the node would start without its limits")
    if not part.flag("allow_substs", False):
        return path, None
    try:
        return path, part.scope.text(path.read_text(encoding="utf-8"))
    except (InputError, OSError, UnicodeDecodeError) as error:
        fail(part.place("from"), f"{path}: {error}")


def _flat(part: Attributes) -> dict[str, Any]:
    """Names, joined with dots where they are nested, and values."""
    if not part.has("name"):
        fail(part.body.place, "an element of `param` needs `name`, or `from` with a file")
    if part.has("from") or part.has("allow_substs"):
        fail(part.body.place, "`from` cannot be nested")
    name = part.needed("name")
    if part.has("param"):
        for key in ("value", "type"):
            if part.has(key):
                fail(part.place(key), f"`{key}` and a nested `param` cannot stand together")
        return {f"{name}.{inner}": value for item in part.parts("param") for inner, value in _flat(item).items()}
    if not part.has("value"):
        fail(part.body.place, f"parameter '{name}' has neither `value` nor a nested `param`")
    return {name: parameter_value(part)}


def _typed(value: Value, scope: Scope, wanted: str | None, place: Place) -> Any:
    if not isinstance(value, Scalar):
        fail(value.place, "a parameter is a text, a number, true, false, or a list of those")
    if not isinstance(value.value, str):
        return value.value
    try:
        text = scope.text(value.value)
        return text if wanted == "str" else yaml.safe_load(text)
    except (InputError, yaml.YAMLError) as error:
        fail(place, f"`value`: {error}")


def _checked(value: Any, wanted: str | None, place: Place) -> Any:
    """The value when a parameter can be so, and is of the type that is wanted; whole numbers become floats."""
    elements = value if isinstance(value, list) else [value]
    name = None if wanted is None else wanted.removeprefix("list_of_")
    if wanted is not None and isinstance(value, list) != wanted.startswith("list_of_"):
        fail(place, f"`value` is {value!r}; `type` says {wanted}")
    if name == "float" and all(type(item) in (int, float) for item in elements):
        elements = [float(item) for item in elements]
    kinds = {type(item) for item in elements}
    if len(kinds) != 1 or not kinds <= set(_SCALARS.values()):
        fail(place, f"`value` is {value!r}; give a text, a number, true, false, or a list of one of those kinds")
    if name is not None and kinds != {_SCALARS[name]}:
        fail(place, f"`value` is {value!r}; `type` says {wanted}")
    return elements if isinstance(value, list) else elements[0]
