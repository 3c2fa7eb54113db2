"""The settings of one action, with their substitutions performed and their types checked."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vplanner.errors import InputError
from vplanner_ros.launching.document import Items, Map, Place, Scalar, Value, fail
from vplanner_ros.launching.schema import check_part
from vplanner_ros.launching.scope import Scope, condition, truth


@dataclass(frozen=True, slots=True)
class Attributes:
    """Reads the keys of `body` in `scope`; every mistake is an `InputError` with file and line."""

    body: Map
    scope: Scope

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.body.entries

    def place(self, key: str) -> Place:
        """Where the key stands."""
        return self.body.key_places.get(key, self.body.place)

    def fail(self, key: str, message: str) -> None:
        """Raise `InputError` at the place of the key."""
        fail(self.place(key), message)

    def raw(self, key: str) -> str | None:
        """A text before its substitutions; None without the key."""
        value = self.body.entries.get(key)
        if value is None:
            return None
        if not isinstance(value, Scalar) or not isinstance(value.value, str):
            shown = value.value if isinstance(value, Scalar) else "a list or map"
            fail(value.place, f"`{key}` must be a text, not {shown!r}: put it in quotes, as ROS 2 wants it too")
        return value.value

    def text(self, key: str) -> str | None:
        """A text; None without the key."""
        raw = self.raw(key)
        if raw is None:
            return None
        try:
            return self.scope.text(raw)
        except InputError as error:
            fail(self.place(key), f"`{key}`: {error}")

    def needed(self, key: str) -> str:
        """A text that must be there, as the check of the keys has ensured."""
        text = self.text(key)
        if text is None:
            fail(self.body.place, f"there is no `{key}`")
        return text

    def command(self, key: str) -> list[str]:
        """Arguments of a command line; none without the key."""
        raw = self.raw(key)
        if raw is None:
            return []
        try:
            return self.scope.command(raw)
        except InputError as error:
            fail(self.place(key), f"`{key}`: {error}")

    def flag(self, key: str, default: bool) -> bool:
        """A truth value, written as such or as a text."""
        value = self.body.entries.get(key)
        if value is None:
            return default
        if isinstance(value, Scalar) and isinstance(value.value, bool):
            return value.value
        try:
            return truth(self.needed(key))
        except InputError as error:
            fail(self.place(key), f"`{key}`: {error}")

    def number(self, key: str, default: float) -> float:
        """A number of seconds that is not negative: a float, or a text that becomes one."""
        value = self.body.entries.get(key)
        if value is None:
            return default
        if isinstance(value, Scalar) and isinstance(value.value, int) and not isinstance(value.value, bool):
            fail(value.place, f"`{key}` must be a float for ROS 2: write {value.value}.0")
        number = (
            value.value if isinstance(value, Scalar) and isinstance(value.value, float) else self._parse(key, float)
        )
        if not math.isfinite(number) or number < 0.0:
            fail(value.place, f"`{key}` is {number}; it must be 0.0 or more")
        return float(number)

    def integer(self, key: str, default: int) -> int:
        """A whole number, written as such or as a text."""
        value = self.body.entries.get(key)
        if value is None:
            return default
        if isinstance(value, Scalar) and type(value.value) is int:
            return value.value
        return int(self._parse(key, int))

    def _parse(self, key: str, kind: type[int] | type[float]) -> float:
        text = self.needed(key)
        try:
            return kind(text)
        except ValueError:
            fail(self.place(key), f"`{key}` became '{text}', which is no {kind.__name__}")

    def parts(self, key: str, schema: str | None = None) -> list[Attributes]:
        """The elements of a list of maps, their keys checked; none without the key."""
        value = self.body.entries.get(key)
        if value is None:
            return []
        if not isinstance(value, Items) or not value.items or not all(isinstance(item, Map) for item in value.items):
            fail(value.place, f"`{key}` must be a list of maps, one `- name: ...` each")
        maps = [item for item in value.items if isinstance(item, Map)]
        for item in maps:
            check_part(schema or key, item)
        return [Attributes(item, self.scope) for item in maps]

    def children(self, key: str = "children") -> Value:
        """The value of a key that holds actions."""
        return self.body.entries[key]

    def applies(self) -> bool:
        """Whether `if` and `unless` let the action happen."""
        if self.has("if") and self.has("unless"):
            fail(self.place("unless"), "`if` and `unless` cannot stand together; use `$(and ...)` or `$(not ...)`")
        for key in ("if", "unless"):
            if self.has(key):
                try:
                    return condition(self.needed(key)) == (key == "if")
                except InputError as error:
                    fail(self.place(key), str(error).removeprefix(f"{self.place(key)}: "))
        return True
