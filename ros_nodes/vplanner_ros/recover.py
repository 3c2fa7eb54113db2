"""Makes a whole bag out of one whose recorder was killed: `python -m vplanner_ros.recover KILLED WHOLE`."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from vplanner.errors import InputError, VPlannerError
from vplanner_ros.bag import Bag

_MAGIC = b"\x89MCAP0\r\n"
_SCHEMA, _CHANNEL, _MESSAGE, _CHUNK = 0x03, 0x04, 0x05, 0x06
_CHUNK_HEADER = 8 + 8 + 8 + 4


def recover(killed: Path, whole: Path) -> int:
    """Copy every message of the bag `killed` that is complete into the new bag `whole`; returns their number.

    Raises:
        InputError: There is no MCAP file that `recorder_node` wrote.
        StorageError: The new bag cannot be written.
    """
    files = sorted(killed.glob("*.mcap")) if killed.is_dir() else [killed]
    if len(files) != 1 or not files[0].is_file():
        raise InputError(f"{killed}: no bag with one .mcap file in it")
    content = files[0].read_bytes()
    if not content.startswith(_MAGIC):
        raise InputError(f"{files[0]}: is no MCAP file")
    kinds: dict[int, str] = {}
    topics: dict[int, str] = {}
    count = 0
    with Bag(whole) as bag:
        for code, record in _inside_chunks(content):
            if code == _SCHEMA:
                kinds[_u16(record, 0)] = _text(record, 2)[0]
            elif code == _CHANNEL:
                channel, (topic, _) = _u16(record, 0), _text(record, 4)
                if channel not in topics:
                    topics[channel] = topic
                    bag.add_topic(topic, kinds[_u16(record, 2)])
            elif code == _MESSAGE:
                (time_ns,) = struct.unpack_from("<Q", record, 6)
                bag.write(topics[_u16(record, 0)], time_ns, record[22:])
                count += 1
    return count


def _inside_chunks(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The records of all complete chunks, which are not compressed."""
    for code, chunk in _records(content[len(_MAGIC) :]):
        if code != _CHUNK:
            continue
        compression, start = _text(chunk, _CHUNK_HEADER)
        if compression:
            raise InputError(f"chunks are compressed with {compression}; recorder_node does not compress")
        yield from _records(chunk[start + 8 :])


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Operation code and content of records, up to the first one that is cut off."""
    position = 0
    while position + 9 <= len(content):
        code, length = struct.unpack_from("<BQ", content, position)
        position += 9
        if position + length > len(content):
            return
        yield code, content[position : position + length]
        position += length


def _u16(record: bytes, position: int) -> int:
    return int(struct.unpack_from("<H", record, position)[0])


def _text(record: bytes, position: int) -> tuple[str, int]:
    """A text with its length in front, and where it ends."""
    (length,) = struct.unpack_from("<I", record, position)
    end = position + 4 + length
    return record[position + 4 : end].decode(), end


def main(arguments: Sequence[str]) -> int:
    """Recover one bag; 0 when that went well, 2 for bad input."""
    if len(arguments) != 2:
        print("usage: python -m vplanner_ros.recover KILLED WHOLE", file=sys.stderr)
        return 2
    try:
        count = recover(Path(arguments[0]), Path(arguments[1]))
    except VPlannerError as error:
        print(f"vplanner: {error}", file=sys.stderr)
        return 2
    print(f"{count} messages recovered to {arguments[1]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
