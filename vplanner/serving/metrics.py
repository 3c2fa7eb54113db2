"""Counts what the server does, in Prometheus' text format."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping

from vplanner.serving.refusals import KINDS

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

Gauges = Mapping[str, tuple[str, Callable[[], float]]]
"""Name, help and value of what rises and falls."""


class Histogram:
    """How many durations [s] were at most so long."""

    def __init__(self) -> None:
        """No duration yet."""
        self._counts = [0] * (len(_BUCKETS_S) + 1)
        self._sum_s = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self._counts[bisect_left(_BUCKETS_S, seconds)] += 1
        self._sum_s += seconds

    def lines(self, name: str, about: str) -> list[str]:
        """Its lines of text."""
        lines, total = _head(name, about, "histogram"), 0
        for bound, count in zip((*map(str, _BUCKETS_S), "+Inf"), self._counts, strict=True):
            total += count
            lines.append(f'{name}_bucket{{le="{bound}"}} {total}')
        return [*lines, f"{name}_sum {self._sum_s:.6f}", f"{name}_count {total}"]


class Metrics:
    """All figures of one server; written and read by its event loop alone."""

    def __init__(self, gauges: Gauges) -> None:
        """Nothing has happened; `gauges` are asked when the text is made."""
        self._gauges = dict(gauges)
        self.requests = 0
        self.answered = 0
        self.errors: Counter[str] = Counter()
        self.connections = 0
        self.refused_connections: Counter[str] = Counter()
        self.latency = Histogram()
        self.planning = Histogram()

    def text(self) -> str:
        """The page for Prometheus."""
        lines = _head("vplanner_requests_total", "Requests that came in.", "counter")
        lines.append(f"vplanner_requests_total {self.requests}")
        lines += _head("vplanner_errors_total", "Requests that got an error, by its kind.", "counter")
        lines += [f'vplanner_errors_total{{kind="{kind}"}} {self.errors[kind]}' for kind in KINDS]
        lines += _head("vplanner_connections_total", "Clients that were let in.", "counter")
        lines.append(f"vplanner_connections_total {self.connections}")
        name = "vplanner_refused_connections_total"
        lines += _head(name, "Clients that were not let in, or were closed, by reason.", "counter")
        lines += [f'{name}{{reason="{reason}"}} {count}' for reason, count in sorted(self.refused_connections.items())]
        lines += self.latency.lines("vplanner_request_seconds", "From a whole request to its reply, waiting included.")
        lines += self.planning.lines("vplanner_planning_seconds", "Of that, judging and planning.")
        for name, (about, value) in self._gauges.items():
            lines += [*_head(name, about, "gauge"), f"{name} {value():g}"]
        return "\n".join(lines) + "\n"


def _head(name: str, about: str, kind: str) -> list[str]:
    return [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]
