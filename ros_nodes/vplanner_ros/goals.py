"""One goal at a time: a new one takes the place of the old one, which is called off first. No ROS."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from vplanner.loop import Ending, Outcome


@dataclass(slots=True, eq=False)
class Goal:
    """An instruction, what is told whoever gave it, and, once `done`, how it went."""

    instruction: str
    on_done: Callable[[Outcome], None]
    outcome: Outcome | None = None
    called_off: str | None = field(default=None)


class GoalRunner:
    """Carries goals out in a thread of its own."""

    def __init__(self, carry_out: Callable[[Goal], Outcome], call_off: Callable[[str | None], None]) -> None:
        """`carry_out` runs a goal to its end; `call_off` makes it end soon; with None it makes way for the next one."""
        self._carry_out = carry_out
        self._call_off = call_off
        self._changed = threading.Condition()
        self._next: Goal | None = None
        self._present: Goal | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="planning", daemon=True)
        self._thread.start()

    @property
    def present(self) -> Goal | None:
        """The goal that is being carried out."""
        return self._present

    def submit(self, instruction: str, on_done: Callable[[Outcome], None]) -> Goal:
        """Carry out an instruction as soon as the present one has been called off."""
        goal = Goal(instruction, on_done)
        with self._changed:
            replaced, self._next = self._next, goal
            if self._present is not None:
                self._interrupt(self._present, "a new instruction came")
            self._changed.notify_all()
        if replaced is not None:
            _end(replaced, _not_begun("a new instruction came"))
        return goal

    def cancel(self, reason: str, goal: Goal | None = None) -> bool:
        """Call off `goal`, or whatever there is. Returns whether there was something."""
        with self._changed:
            waiting = self._next if self._next is not None and goal in (None, self._next) else None
            if waiting is not None:
                self._next = None
            running = self._present if self._present is not None and goal in (None, self._present) else None
            if running is not None:
                self._interrupt(running, reason)
        if waiting is not None:
            _end(waiting, _not_begun(reason))
        return waiting is not None or running is not None

    def close(self, reason: str) -> None:
        """Call off everything and end the thread."""
        with self._changed:
            self._stopped = True
        self.cancel(reason)
        with self._changed:
            self._changed.notify_all()
        self._thread.join()

    def _interrupt(self, goal: Goal, reason: str) -> None:
        goal.called_off = reason
        self._call_off(reason)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._next is not None or self._stopped)
                if self._next is None:
                    return
                goal, self._next = self._next, None
                self._present = goal
                self._call_off(None)
            try:
                outcome = self._carry_out(goal)
            except Exception as error:  # a bug must end this goal, not all that come after it
                outcome = broken(error)
            with self._changed:
                self._present = None
            _end(goal, outcome)


def broken(error: Exception) -> Outcome:
    """How a goal went that was ended by an error which nobody foresaw."""
    return Outcome(Ending.FAILED, f"{type(error).__name__}: {error}", 0, 0, 0.0)


def _end(goal: Goal, outcome: Outcome) -> None:
    goal.outcome = outcome
    goal.on_done(outcome)


def _not_begun(reason: str) -> Outcome:
    return Outcome(Ending.INTERRUPTED, f"interrupted: {reason}", 0, 0, 0.0)
