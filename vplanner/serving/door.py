"""Lets clients in: as many as may be served, and none that only hold the door."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection

_HANDSHAKES = 256


class Door:
    """Counts who has connected, who shakes hands and who is in.

    When too many handshakes are under way, the oldest is cut off, so that those who open connections and say nothing
    keep nobody out: a client that means it needs milliseconds.
    """

    def __init__(self, most_clients: int, on_cut: Callable[[], None]) -> None:
        """Let in `most_clients` at a time; `on_cut` is told of each handshake that is cut off."""
        self._most_clients = most_clients
        self._on_cut = on_cut
        self._shaking: dict[ServerConnection, None] = {}
        self._clients: set[ServerConnection] = set()

    @property
    def clients(self) -> int:
        """How many are in."""
        return len(self._clients)

    def connection_type(self) -> type[ServerConnection]:
        """Connections that tell this door when they begin and when they are gone."""
        door = self

        class Connection(ServerConnection):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                door.knock(self)

            def connection_lost(self, exc: Exception | None) -> None:
                door.leave(self)
                super().connection_lost(exc)

        return Connection

    def knock(self, connection: ServerConnection) -> None:
        """Somebody has connected."""
        self._shaking[connection] = None
        if len(self._shaking) > _HANDSHAKES:
            oldest = next(iter(self._shaking))
            del self._shaking[oldest]
            oldest.transport.abort()
            self._on_cut()

    def admit(self, connection: ServerConnection) -> bool:
        """Whether there is room for a client, which is then in until it leaves."""
        if connection not in self._shaking:
            return True  # it left before its request was read; nobody will hear the answer
        if len(self._clients) >= self._most_clients:
            return False
        del self._shaking[connection]
        self._clients.add(connection)
        return True

    def leave(self, connection: ServerConnection) -> None:
        """A connection is gone, in whatever state it was."""
        self._shaking.pop(connection, None)
        self._clients.discard(connection)
