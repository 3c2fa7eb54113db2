"""Node parameters as frozen dataclasses: declared with descriptions and ranges, checked whenever one is set."""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from typing import Any, Protocol, TypeVar

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor, SetParametersResult
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.parameter import Parameter

from vplanner.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spec:
    """What a parameter is for and which values it takes; numbers lie in [`low`, `high`].

    `name` is the ROS name where it differs from the field's, as in `scale.linear`. A `fixed` parameter is given when
    the node starts and cannot be changed later.
    """

    description: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    fixed: bool = False
    name: str = ""


def parameter(
    default: Any,
    description: str,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    fixed: bool = False,
    name: str = "",
) -> Any:
    """A dataclass field that `declare` turns into a ROS parameter; the arguments are those of `Spec`."""
    return field(default=default, metadata={"spec": Spec(description, low, high, choices, fixed, name)})


class _Node(Protocol):
    """What is needed of a node."""

    def declare_parameter(self, name: str, value: Any, descriptor: ParameterDescriptor) -> Parameter: ...

    def get_parameter(self, name: str) -> Parameter: ...

    def add_on_set_parameters_callback(self, callback: Any) -> None: ...


def declare(node: _Node, cls: type[T]) -> T:
    """Declare every field of the dataclass `cls` and return the values that the node was started with.

    From now on a change is refused, with the reason, when it breaks a range, a choice, or the `__post_init__` of `cls`.

    Raises:
        InputError: A value from the command line or a file has the wrong type or cannot be used.
    """
    for item in fields(cls):  # type: ignore[arg-type]
        name = name_of(item)
        try:
            node.declare_parameter(name, _as_parameter(item.default), _descriptor(item))
        except InvalidParameterTypeException as error:
            example = _as_parameter(item.default)
            raise InputError(f"parameter '{name}' must be of the type of {example!r}: {error}") from error
        except InvalidParameterValueException as error:
            raise InputError(f"parameter '{name}' cannot be used: {error}") from error
    values = current(node, cls)
    node.add_on_set_parameters_callback(lambda changes: _judge(node, cls, changes))
    return values


def current(node: _Node, cls: type[T]) -> T:
    """The present values. Raises `InputError` when they do not fit together."""
    return _build(cls, {name_of(item): node.get_parameter(name_of(item)).value for item in fields(cls)})  # type: ignore[arg-type]


def name_of(item: Field[Any]) -> str:
    """The ROS name of a field."""
    return _spec(item).name or item.name


def _spec(item: Field[Any]) -> Spec:
    spec = item.metadata["spec"]
    assert isinstance(spec, Spec)
    return spec


def _build(cls: type[T], values: dict[str, Any]) -> T:
    arguments: dict[str, Any] = {}
    for item in fields(cls):  # type: ignore[arg-type]
        name, spec = name_of(item), _spec(item)
        value = values[name]
        if isinstance(item.default, tuple):
            value = tuple(part for part in value if part != "")
        if spec.choices and value not in spec.choices:
            raise InputError(f"parameter '{name}' is '{value}'; it must be one of: {', '.join(spec.choices)}")
        arguments[item.name] = value
    try:
        return cls(**arguments)
    except ValueError as error:
        raise InputError(str(error)) from error


def _judge(node: _Node, cls: type[T], changes: list[Parameter]) -> SetParametersResult:
    """Whether the values still fit together after `changes`."""
    values = {name_of(item): node.get_parameter(name_of(item)).value for item in fields(cls)}  # type: ignore[arg-type]
    values.update({change.name: change.value for change in changes if change.name in values})
    try:
        _build(cls, values)
    except InputError as error:
        return SetParametersResult(successful=False, reason=str(error))
    return SetParametersResult(successful=True)


def _as_parameter(default: Any) -> Any:
    """A default as rclpy takes it: it cannot tell the type of an empty array, so that is a list of one empty word."""
    if isinstance(default, tuple):
        return list(default) or [""]
    return default


def _descriptor(item: Field[Any]) -> ParameterDescriptor:
    spec = _spec(item)
    limits = f" One of: {', '.join(spec.choices)}." if spec.choices else ""
    descriptor = ParameterDescriptor(description=spec.description + limits, read_only=spec.fixed)
    kind = item.default[0] if isinstance(item.default, tuple) and item.default else item.default
    if spec.low is None or spec.high is None:
        return descriptor
    if isinstance(kind, float):
        descriptor.floating_point_range = [FloatingPointRange(from_value=float(spec.low), to_value=float(spec.high))]
    else:
        descriptor.integer_range = [IntegerRange(from_value=int(spec.low), to_value=int(spec.high), step=1)]
    return descriptor
