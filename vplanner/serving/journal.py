"""The server's log: one JSON object a line."""

from __future__ import annotations

import json
import time
from typing import TextIO

from pydantic import JsonValue

_LONGEST = 4000


class Journal:
    """Writes events to a stream; a stream that is gone ends the log, not the server."""

    def __init__(self, stream: TextIO | None) -> None:
        """Write to `stream`; None keeps quiet."""
        self._stream = stream

    def write(self, event: str, **details: JsonValue) -> None:
        """Write one line: the time (UTC), the event, and what belongs to it; long texts are cut."""
        if self._stream is None:
            return
        line: dict[str, JsonValue] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "event": event,
            **{name: value[:_LONGEST] if isinstance(value, str) else value for name, value in details.items()},
        }
        try:
            self._stream.write(json.dumps(line) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = None
