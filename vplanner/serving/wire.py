"""msgpack with numpy arrays, as openpi's clients speak it; what comes in is held to strict bounds.

An array is the map `{b"__ndarray__": True, b"data": bytes, b"dtype": str, b"shape": [int, ...]}`, a numpy number is
`{b"__npgeneric__": True, b"data": number, b"dtype": str}`. Nothing that comes in can name another type than numbers and
booleans, and nothing is executed.
"""

from __future__ import annotations

import math
import re
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

from vplanner.serving.refusals import RequestError

Message = dict[str, Any]
"""A decoded request: values are str, bool, int, float, None, bytes, list, dict or `numpy.ndarray`."""

_DTYPE = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248])")
_MOST_AXES = 8
_MOST_ENTRIES = 64
"""Of one map or list. Pictures and vectors come as arrays, which count as one."""
_MOST_CONTAINERS = 512
"""Maps and lists in one message: a few bytes on the wire become a hundred in memory."""
_LONGEST_TEXT = 16_384


def pack(message: Message) -> bytes:
    """Encode a reply. Raises `TypeError` for what is neither plain nor numeric."""
    packed: bytes = msgpack.packb(message, default=_encode)
    return packed


def unpack(data: bytes) -> Message:
    """Decode a request. Raises `RequestError` when it is no map of the known kinds, or goes beyond the bounds."""
    guard = _Guard()
    try:
        message = msgpack.unpackb(
            data,
            object_hook=guard.on_map,
            list_hook=guard.on_list,
            strict_map_key=False,
            max_str_len=_LONGEST_TEXT,
            max_array_len=_MOST_ENTRIES,
            max_map_len=_MOST_ENTRIES,
            max_ext_len=0,
        )
    except RequestError:
        raise
    except Exception as error:  # msgpack raises its own, ValueError, TypeError, UnicodeDecodeError and others
        reason = str(error) or type(error).__name__
        raise RequestError(
            f"the message of {len(data)} bytes is no msgpack that can be read ({reason[:200]})"
        ) from error
    if not isinstance(message, dict):
        raise RequestError(f"the message is a {type(message).__name__}; it must be a map of observation keys")
    for key in message:
        if not isinstance(key, str):
            raise RequestError(f"key {_shown(key)} is a {type(key).__name__}; keys are text")
    return message


class _Guard:
    """Counts what is decoded, and turns maps that mean arrays into arrays."""

    def __init__(self) -> None:
        self._count = 0

    def on_list(self, items: list[Any]) -> list[Any]:
        self._take()
        return items

    def on_map(self, content: dict[Any, Any]) -> object:
        self._take()
        if b"__ndarray__" in content:
            return _array(content)
        if b"__npgeneric__" in content:
            return _number(content)
        return content

    def _take(self) -> None:
        self._count += 1
        if self._count > _MOST_CONTAINERS:
            raise RequestError(f"the message has more than {_MOST_CONTAINERS} maps and lists; send arrays")


def _encode(value: object) -> object:
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return {b"__ndarray__": True, b"data": value.tobytes(), b"dtype": value.dtype.str, b"shape": value.shape}
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        return {b"__npgeneric__": True, b"data": value.item(), b"dtype": value.dtype.str}
    raise TypeError(f"{type(value).__name__} has no place in a message")


def _array(content: dict[Any, Any]) -> NDArray[Any]:
    """A read-only array over the received bytes."""
    dtype, data, shape = _dtype(content), content.get(b"data"), content.get(b"shape")
    if not isinstance(data, bytes):
        raise RequestError(f"the data of an array are {type(data).__name__}; they must be bytes")
    if not isinstance(shape, list) or len(shape) > _MOST_AXES or not all(type(n) is int and n >= 0 for n in shape):
        raise RequestError(f"the shape of an array is {_shown(shape)}; it must be a list of up to {_MOST_AXES} counts")
    wanted = math.prod(shape) * dtype.itemsize
    if len(data) != wanted:
        raise RequestError(f"an array of shape {shape} and type {dtype} takes {wanted} bytes; it came with {len(data)}")
    return np.frombuffer(data, dtype).reshape(shape)


def _number(content: dict[Any, Any]) -> NDArray[Any]:
    dtype, value = _dtype(content), content.get(b"data")
    if not isinstance(value, bool | int | float):
        raise RequestError(f"a number came as {type(value).__name__}")
    try:
        return np.asarray(value, dtype)
    except (OverflowError, ValueError) as error:
        raise RequestError(f"the number {_shown(value)} does not fit into {dtype}") from error


def _dtype(content: dict[Any, Any]) -> np.dtype[Any]:
    name = content.get(b"dtype")
    if not isinstance(name, str) or _DTYPE.fullmatch(name) is None:
        raise RequestError(f"array type {_shown(name)} is not known; it must be booleans, integers or floats, as '<f4'")
    return np.dtype(name)


def _shown(value: object) -> str:
    return repr(value)[:80]
