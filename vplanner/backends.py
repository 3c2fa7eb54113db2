"""Runs one network of a bundle with onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import numpy as np
import onnxruntime as ort

from vplanner.bundle import Bundle, TensorSpec
from vplanner.errors import BundleError, OutOfMemoryError, SafetyError
from vplanner.lanes import Lanes
from vplanner.providers import Provider, open_session
from vplanner.types import Float

Watch = Callable[[str, tuple[Float, ...]], None]
"""Is told the name of a network and the inputs of every call."""

_MOST_LANES = 4  # the rows of a replan with the usual four samples

_ONNX_TYPES = {"float32": "tensor(float)", "float64": "tensor(double)", "int64": "tensor(int64)"}


@dataclass(frozen=True, slots=True)
class BackendConfig:
    """`threads` is the number used for one call, which share its rows; without it, the number of physical cores.

    `spinning` keeps threads awake between operators: faster when alone, ruinous when the cores are shared.
    `provider` is what runs the operators; one that this machine lacks gives way to the CPU, with a message.
    """

    threads: int | None = None
    spinning: bool = False
    provider: Provider = Provider.CPU
    watch: Watch | None = field(default=None, repr=False, compare=False)

    @property
    def all_threads(self) -> int:
        """`threads`, counted where it is left to the machine."""
        return self.threads if self.threads is not None else physical_cores()

    @property
    def lanes(self) -> int:
        """How many parts the rows of a call are cut into, each on its own thread; threads beyond that share operators.

        Threads that never sleep need no lanes, and other providers are faster with all rows at once.
        """
        alone = self.spinning or self.provider is not Provider.CPU
        return 1 if alone else min(self.all_threads, _MOST_LANES)


def physical_cores() -> int:
    """Cores that this process may use, hyper-threads of one core counted once."""
    allowed = os.sched_getaffinity(0)
    cores = set()
    for cpu in allowed:
        siblings = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        try:
            cores.add(siblings.read_text().strip())
        except OSError:
            cores.add(str(cpu))
    return max(1, len(cores))


class OnnxNetwork:
    """A component of a bundle, with inputs and outputs held to what `bundle.json` says."""

    def __init__(self, bundle: Bundle, name: str, feeds: Mapping[str, int], config: BackendConfig) -> None:
        """Open the network.

        Args:
            bundle: Holds the network.
            name: The component.
            feeds: Names of the inputs that `run` will be given, in that order, and how many axes each has.
            config: How to run it.

        Raises:
            BundleError: The network is missing or damaged, takes other inputs, or differs from `bundle.json`.
        """
        component = bundle.component(name)
        _check_feeds(f"{bundle.folder}: {name}", component.inputs, feeds)
        path = bundle.path(name)
        options = ort.SessionOptions()
        lanes = config.lanes if _fixed_rows(component.inputs) == 1 else 1
        options.intra_op_num_threads = config.all_threads - lanes + 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "1" if config.spinning else "0")
        try:
            self._session = open_session(path, component, options, config.provider)
        except Exception as error:  # onnxruntime's exceptions share no base class but Exception
            if _is_out_of_memory(error):
                raise OutOfMemoryError(f"{path}: not enough memory to load it") from error
            reason = str(error).splitlines()[0]
            raise BundleError(f"{path}: onnxruntime cannot load it ({reason})") from error
        self.name = name
        self._watch = config.watch
        self._lanes = Lanes(lanes)
        self._right: set[tuple[tuple[np.dtype[np.float32], tuple[int, ...]], ...]] = set()
        self._inputs = component.inputs
        self._outputs = component.outputs
        self._output_names = [spec.name for spec in component.outputs]
        _compare(path, "input", component.inputs, self._session.get_inputs())
        _compare(path, "output", component.outputs, self._session.get_outputs())

    @property
    def shares(self) -> bool:
        """Whether inputs that all rows have in common are given once, with a batch of one."""
        return any(spec.shape[0] == 1 for spec in self._inputs)

    def run(self, *inputs: Float) -> tuple[Float, ...]:
        """Outputs in the order of `bundle.json`, from inputs in that order.

        Raises:
            BundleError: An input has another shape or type than the network takes.
            OutOfMemoryError: The inputs have more rows than the memory is large enough for.
            SafetyError: An output is not finite.
        """
        if len(inputs) != len(self._inputs):
            raise BundleError(f"{self.name}: got {len(inputs)} inputs; it takes {len(self._inputs)}")
        rows = _fixed_rows(self._inputs)
        if rows == 1:
            return self._call(inputs)
        count = max(len(value) for value in inputs)
        pieces = [self._call(self._padded(inputs, start, rows)) for start in range(0, count, rows)]
        return tuple(np.concatenate(parts)[:count] for parts in zip(*pieces, strict=True))

    def _padded(self, inputs: tuple[Float, ...], start: int, rows: int) -> tuple[Float, ...]:
        """Rows from `start` on, for a network with a fixed number of them; the last one fills up what is missing."""
        found = []
        for spec, value in zip(self._inputs, inputs, strict=True):
            piece = value[start : start + rows] if len(value) > 1 else value
            missing = rows - len(piece) if spec.shape[0] == rows else 0
            found.append(np.concatenate([piece, np.repeat(piece[-1:], missing, axis=0)]) if missing else piece)
        return tuple(found)

    def _call(self, inputs: tuple[Float, ...]) -> tuple[Float, ...]:
        self._check(inputs)
        if self._watch is not None:
            self._watch(self.name, inputs)
        try:
            outputs = self._lanes.run(self._compute, inputs)
        except Exception as error:  # onnxruntime's exceptions share no base class but Exception
            if not _is_out_of_memory(error):
                raise
            rows = max(len(value) for value in inputs)
            raise OutOfMemoryError(
                f"{self.name}: not enough memory for {rows} rows at once; give fewer --samples"
            ) from error
        for spec, output in zip(self._outputs, outputs, strict=True):
            if not np.isfinite(output).all():
                raise SafetyError(f"{self.name}: output '{spec.name}' is not finite; nothing was sent to the robot")
        return tuple(outputs)

    def _check(self, inputs: tuple[Float, ...]) -> None:
        """Shapes and types; those that have been right before are known again, which takes a tenth of the time."""
        seen = tuple((value.dtype, value.shape) for value in inputs)
        if seen not in self._right:
            for spec, value in zip(self._inputs, inputs, strict=True):
                _check_array(self.name, spec, value)
            self._right.add(seen)

    def _compute(self, inputs: tuple[Float, ...]) -> list[Float]:
        feeds = {spec.name: value for spec, value in zip(self._inputs, inputs, strict=True)}
        outputs: list[Float] = self._session.run(self._output_names, feeds)
        return outputs


def _is_out_of_memory(error: Exception) -> bool:
    text = str(error).lower()
    return isinstance(error, MemoryError) or "bad_alloc" in text or "allocate memory" in text or "out of memory" in text


def _check_feeds(network: str, specs: tuple[TensorSpec, ...], feeds: Mapping[str, int]) -> None:
    """Names and numbers of axes that the network takes against those that it will be fed, one by one."""
    takes = [f"{spec.name} ({len(spec.shape)} axes)" for spec in specs]
    fed = [f"{name} ({axes} axes)" for name, axes in feeds.items()]
    for number, (taken, given) in enumerate(zip_longest(takes, fed, fillvalue="nothing"), start=1):
        if taken != given:
            raise BundleError(
                f"{network} takes {taken} as input {number}; this version of vplanner feeds {given}: "
                "use a bundle that was exported with it"
            )


def _compare(path: Path, role: str, specs: tuple[TensorSpec, ...], found: list[ort.NodeArg]) -> None:
    """Names, types and fixed axes of the file against `bundle.json`."""
    by_name = {node.name: node for node in found}
    if set(by_name) != {spec.name for spec in specs}:
        listed = [spec.name for spec in specs]
        raise BundleError(f"{path}: {role}s are {sorted(by_name)}; bundle.json says {sorted(listed)}")
    for spec in specs:
        node = by_name[spec.name]
        if node.type != _ONNX_TYPES.get(spec.dtype):
            raise BundleError(f"{path}: {role} '{spec.name}' is {node.type}; bundle.json says {spec.dtype}")
        if len(node.shape) != len(spec.shape) or any(
            isinstance(a, int) and isinstance(b, int) and a != b for a, b in zip(node.shape, spec.shape, strict=True)
        ):
            raise BundleError(f"{path}: {role} '{spec.name}' is {node.shape}; bundle.json says {list(spec.shape)}")


def _fixed_rows(specs: tuple[TensorSpec, ...]) -> int:
    """How many rows every call must have; 1 where that is free."""
    return max((axis for spec in specs if isinstance(axis := spec.shape[0], int)), default=1)


def _check_array(network: str, spec: TensorSpec, value: Float) -> None:
    if str(value.dtype) != spec.dtype:
        raise BundleError(f"{network}: input '{spec.name}' is {value.dtype}; it takes {spec.dtype}")
    fits = value.ndim == len(spec.shape) and all(
        isinstance(want, str) or have == want for have, want in zip(value.shape, spec.shape, strict=True)
    )
    if not fits:
        raise BundleError(f"{network}: input '{spec.name}' is {list(value.shape)}; it takes {list(spec.shape)}")
