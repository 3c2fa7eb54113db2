"""What one client, and all of them together, may take."""

from __future__ import annotations

from dataclasses import dataclass, fields

from vplanner.errors import InputError

_LEAST = {"connections": 1, "queue": 0}


@dataclass(frozen=True, slots=True)
class ServeLimits:
    """Bounds of the server."""

    connections: int = 16
    """Clients that are served at a time."""
    queue: int = 8
    """Requests that may wait while one is planned; what comes beyond that is refused at once."""
    request_mb: float = 8.0
    """Largest request [MB]."""
    deadline_s: float = 30.0
    """Time within which a request is answered [s], if only with an error."""
    idle_s: float = 600.0
    """A client that asks nothing for so long is closed [s]."""
    transfer_s: float = 20.0
    """Longest time to send a request or to read a reply, once begun [s]."""
    handshake_s: float = 5.0
    """Longest time from connecting to the end of the handshake [s]."""

    def __post_init__(self) -> None:
        """Raise `InputError` for a bound that lets nothing through, or is no number."""
        for field in fields(self):
            value, least = getattr(self, field.name), _LEAST.get(field.name, 0.01)
            if not least <= value < float("inf"):
                option = f"--{field.name.replace('_', '-')}"
                raise InputError(f"{option} {value} is out of range; it must be {least} or more, and finite")

    @property
    def request_bytes(self) -> int:
        """Size of the largest request."""
        return int(1e6 * self.request_mb)
