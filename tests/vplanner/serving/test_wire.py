from __future__ import annotations

from types import ModuleType
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vplanner.serving.refusals import RequestError
from vplanner.serving.wire import pack, unpack

NUMBERS = st.sampled_from(["|b1", "|u1", "|i1", "<i2", "<i4", "<i8", "<f2", "<f4", "<f8", ">f4", ">i2"])
ARRAYS = NUMBERS.flatmap(lambda d: hnp.arrays(np.dtype(d), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0)))


@pytest.fixture(scope="module")
def theirs() -> ModuleType:
    return pytest.importorskip("openpi_client.msgpack_numpy", reason="pip install --no-deps openpi-client")


def same(one: object, other: object) -> None:
    a, b = np.asarray(one), np.asarray(other)
    assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())


@given(array=ARRAYS)
def test_arrays_of_openpi_arrive_whole(theirs: ModuleType, array: np.ndarray) -> None:
    same(unpack(theirs.packb({"key": array}))["key"], array)


@given(array=ARRAYS)
def test_our_arrays_arrive_whole_at_openpi(theirs: ModuleType, array: np.ndarray) -> None:
    same(theirs.unpackb(pack({"key": array}))["key"], array)


@given(number=st.one_of(st.floats(width=32).map(np.float32), st.integers(-128, 127).map(np.int8)))
def test_numpy_numbers_go_both_ways(theirs: ModuleType, number: Any) -> None:
    same(unpack(theirs.packb({"key": number}))["key"], number)
    same(theirs.unpackb(pack({"key": number}))["key"], number)


def array_map(**changes: object) -> bytes:
    content = {"__ndarray__": True, "data": b"1234", "dtype": "<f4", "shape": [1], **changes}
    packed: bytes = msgpack.packb({"key": {name.encode(): value for name, value in content.items()}})
    return packed


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no msgpack"),
        (b"\xc1", "no msgpack"),
        (pack({"key": 1})[:-1], "no msgpack"),
        (pack({"key": 1}) + b"\x01", "no msgpack"),
        (b"\x91" * 5000, "no msgpack"),
        (b"\xdd\xff\xff\xff\xff" + b"\x90" * 100, "no msgpack"),
        (b"\x81\xa1a\xa1\xff", "no msgpack"),
        (b"\x81\x90\x01", "no msgpack"),
        (msgpack.packb({"key": msgpack.ExtType(5, b"abc")}), "no msgpack"),
        (msgpack.packb({"key": "x" * 20_000}), "no msgpack"),
        (msgpack.packb([[[]] * 60] * 60), "more than 512 maps and lists"),
        (msgpack.packb([1, 2]), "must be a map"),
        (msgpack.packb({1: 2}), "keys are text"),
        (msgpack.packb({b"__ndarray__": True}), "is not known"),
        (array_map(dtype="O"), "'O' is not known"),
        (array_map(dtype="<U1"), "'<U1' is not known"),
        (array_map(dtype="<c8"), "'<c8' is not known"),
        (array_map(dtype=[["x", "<f4"]]), "is not known"),
        (array_map(shape=[2**40, 2**40]), "it came with 4"),
        (array_map(shape=[-1]), "list of up to 8 counts"),
        (array_map(shape=[True]), "list of up to 8 counts"),
        (array_map(shape=[1] * 9), "list of up to 8 counts"),
        (array_map(shape=4), "list of up to 8 counts"),
        (array_map(data="1234"), "must be bytes"),
        (array_map(data=b"12345"), "it came with 5"),
        (array_map(shape=[2**63, 0], data=b""), "no msgpack"),
    ],
)
def test_what_is_no_message_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(RequestError, match=reason):
        unpack(data)


def message_or_refusal(data: bytes) -> None:
    try:
        assert isinstance(unpack(data), dict)
    except RequestError as error:
        assert str(error)


@given(data=st.binary(max_size=300))
def test_noise_is_a_message_or_is_refused(data: bytes) -> None:
    message_or_refusal(data)


@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_damaged_message_is_a_message_or_is_refused(place: int, byte: int) -> None:
    whole = bytearray(pack({"prompt": "go", "image": np.zeros((4, 4, 3), np.uint8), "more": {"list": [1, 2.5, None]}}))
    whole[place % len(whole)] = byte
    message_or_refusal(bytes(whole))


def test_only_numbers_are_sent() -> None:
    for value in (np.array(["x"]), np.array([object()]), object(), 1 + 2j):
        with pytest.raises(TypeError):
            pack({"key": value})
