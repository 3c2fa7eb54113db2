"""A rosbag2 folder in MCAP that stays readable up to its last second when the process is killed."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

from rosbags.interfaces import Connection
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.rosbag2.errors import WriterError
from rosbags.rosbag2.storage_mcap import McapWriter
from rosbags.typesys import Stores, get_typestore

from vplanner.errors import InputError, StorageError

TYPES = get_typestore(Stores.ROS2_KILTED)


class Bag:
    """Takes serialised messages; what was taken before the last `flush` survives anything but the disk."""

    def __init__(self, folder: Path) -> None:
        """Create the folder. Raises `StorageError` when it cannot be made, or is there already."""
        self.folder = folder
        self._connections: dict[str, Connection] = {}
        self._closed = False
        try:
            self._writer = Writer(folder, version=Writer.VERSION_LATEST, storage_plugin=StoragePlugin.MCAP)
            self._writer.open()
        except (OSError, WriterError) as error:
            raise self._failure(error) from error

    def add_topic(self, topic: str, kind: str) -> None:
        """Take messages of a topic of type `kind`, such as std_msgs/msg/String. Raises `InputError` for others."""
        if kind not in TYPES.types:
            raise InputError(f"topic {topic}: type '{kind}' is not known to rosbags")
        self._connections[topic] = self._writer.add_connection(topic, kind, typestore=TYPES)

    def write(self, topic: str, time_ns: int, data: bytes) -> None:
        """Take a message in CDR. Raises `StorageError` when it cannot be written; the bag is closed then."""
        try:
            self._writer.write(self._connections[topic], time_ns, data)
        except OSError as error:
            self._abort()
            raise self._failure(error) from error

    def flush(self) -> None:
        """Hand everything so far to the operating system. Raises `StorageError` as `write` does."""
        if self._closed:
            return
        storage = self._writer.storage
        assert isinstance(storage, McapWriter)
        try:
            if storage.chunk.bio.tell():
                storage.close_chunk()
            storage.bio.flush()
        except OSError as error:
            self._abort()
            raise self._failure(error) from error

    def close(self) -> None:
        """Write index and metadata. Raises `StorageError` when they cannot be written."""
        if self._closed:
            return
        self._closed = True
        try:
            self._writer.close()
        except OSError as error:
            raise self._failure(error) from error

    def __enter__(self) -> Bag:
        """Nothing more to do."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Close."""
        self.close()

    def _abort(self) -> None:
        self._closed = True
        storage: Any = self._writer.storage
        try:
            self._writer.abort()
        except OSError:  # what is buffered cannot be written either; the file must be closed nevertheless
            storage.bio.raw.close()

    def _failure(self, error: Exception) -> StorageError:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return StorageError(f"{self.folder}: recording cannot be written ({reason})")
