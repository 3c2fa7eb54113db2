"""The actions of the subset and their keys, spelt as ROS 2's own YAML front end spells them (docs/launch.md)."""

from __future__ import annotations

from dataclasses import dataclass

from vplanner_ros.launching.document import Action, Map, fail, listed

CONDITIONS = frozenset({"if", "unless"})
_PROCESS = frozenset(
    "output respawn respawn_delay respawn_max_retries on_exit env cwd sigterm_timeout sigkill_timeout".split()
)


@dataclass(frozen=True, slots=True)
class Keys:
    """What an action must and may have; conditions are allowed everywhere."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Every key that the action may have."""
        return self.required | self.optional | CONDITIONS


def _keys(required: str, optional: str = "", more: frozenset[str] = frozenset()) -> Keys:
    return Keys(frozenset(required.split()), frozenset(optional.split()) | more)


ACTIONS: dict[str, Keys] = {
    "arg": _keys("name", "default description choice"),
    "let": _keys("name value"),
    "set_env": _keys("name value"),
    "unset_env": _keys("name"),
    "node": _keys("pkg exec", "name namespace exec_name args ros_args param remap", _PROCESS),
    "executable": _keys("cmd", "name", _PROCESS),
    "group": _keys("children", "scoped"),
    "push_ros_namespace": _keys("namespace"),
    "set_remap": _keys("from to"),
    "set_parameter": _keys("name value"),
    "include": _keys("file", "arg"),
    "log": _keys("message"),
    "timer": _keys("period children"),
    "shutdown": _keys("", "reason"),
}

PARTS: dict[str, Keys] = {
    "choice": _keys("value"),
    "env": _keys("name value"),
    "remap": _keys("from to"),
    "param": _keys("", "name value type param from allow_substs"),
    "include.arg": _keys("name value"),
}
"""Elements of the lists inside actions; they have no conditions."""

SUBSTITUTIONS: dict[str, tuple[int, int]] = {
    "var": (1, 2),
    "env": (1, 2),
    "dirname": (0, 0),
    "filename": (0, 0),
    "find-pkg-share": (1, 1),
    "not": (1, 1),
    "equals": (2, 2),
    "not-equals": (2, 2),
    "and": (2, 2),
    "or": (2, 2),
}
"""Least and largest number of arguments."""


def check_action(action: Action) -> None:
    """Raise `InputError` for an unknown kind of action, unknown keys, and keys that are missing."""
    keys = ACTIONS.get(action.name)
    if keys is None:
        fail(action.place, f"unknown action `{action.name}`; there are {listed(ACTIONS)}")
    if action.name == "group" and not isinstance(action.body, Map):
        return  # the short form, a bare list of actions
    if not isinstance(action.body, Map):
        fail(action.place, f"`{action.name}` needs keys ({listed(keys.all)})")
    check_keys(f"`{action.name}`", action.body, keys, keys.all)


def check_part(name: str, body: Map) -> None:
    """Raise `InputError` for unknown and missing keys of an element of a list, such as one of `remap`."""
    keys = PARTS[name]
    check_keys(f"an element of `{name.rpartition('.')[2]}`", body, keys, keys.required | keys.optional)


def check_keys(what: str, body: Map, keys: Keys, valid: frozenset[str]) -> None:
    """Raise `InputError`, at the place of the key, for the first one that is unknown or missing."""
    for key in body.entries:
        if key not in valid:
            fail(body.key_places[key], f"unknown key `{key}` in {what}; there are {listed(valid)}")
    for key in sorted(keys.required):
        if key not in body.entries:
            fail(body.place, f"{what} has no `{key}`; it needs {listed(keys.required)}")
