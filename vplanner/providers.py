"""What runs the operators of a network: the CPU, CUDA or TensorRT, as far as the machine has them."""

from __future__ import annotations

import logging
import os
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

import onnxruntime as ort

from vplanner.bundle import Component

_Choice: TypeAlias = "str | tuple[str, dict[str, str]]"


class Provider(StrEnum):
    """An execution provider of onnxruntime."""

    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"


_NAMES = {
    Provider.CPU: "CPUExecutionProvider",
    Provider.CUDA: "CUDAExecutionProvider",
    Provider.TENSORRT: "TensorrtExecutionProvider",
}


def open_session(
    path: Path, component: Component, options: ort.SessionOptions, provider: Provider
) -> ort.InferenceSession:
    """Open a network on `provider`, or on the CPU where the machine has it not; a message says so once.

    TensorRT builds an engine for the machine at the first call, which takes minutes, and finds it again later in
    `engine_folder`. Raises what onnxruntime raises when the file cannot be loaded at all.
    """
    cpu = _NAMES[Provider.CPU]
    if provider is Provider.CPU:
        return ort.InferenceSession(str(path), options, providers=[cpu])
    if _NAMES[provider] not in ort.get_available_providers():
        have = ", ".join(p.value for p, name in _NAMES.items() if name in ort.get_available_providers())
        _tell(provider, f"this onnxruntime has: {have}; see docs/edge.md")
        return ort.InferenceSession(str(path), options, providers=[cpu])
    try:
        session = ort.InferenceSession(str(path), options, providers=_choices(provider, component))
    except Exception as error:  # a driver that is missing or too old: onnxruntime's exceptions have no common base
        _tell(provider, str(error).splitlines()[0])
        return ort.InferenceSession(str(path), options, providers=[cpu])
    if session.get_providers()[0] != _NAMES[provider]:
        _tell(provider, f"onnxruntime chose {session.get_providers()[0]}; its log says why")
    return session


def engine_folder(component: Component) -> Path:
    """Where the engines of a network are kept: by the hash of its file, so that no other network gets them."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "vplanner" / "engines" / component.sha256[:16]


def _choices(provider: Provider, component: Component) -> list[_Choice]:
    """The providers in the order in which they are asked for each operator."""
    cuda: _Choice = (_NAMES[Provider.CUDA], {"cudnn_conv_algo_search": "HEURISTIC"})
    if provider is Provider.CUDA:
        return [cuda, _NAMES[Provider.CPU]]
    folder = engine_folder(component)
    folder.mkdir(parents=True, exist_ok=True)
    tensorrt = {
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": str(folder),
        "trt_fp16_enable": "1" if component.precision == "float16" else "0",
        "trt_int8_enable": "1" if component.precision == "int8" else "0",
    }
    return [(_NAMES[Provider.TENSORRT], tensorrt), cuda, _NAMES[Provider.CPU]]


_told: set[Provider] = set()


def _tell(provider: Provider, reason: str) -> None:
    """One message a process, however many networks are opened."""
    if provider not in _told:
        _told.add(provider)
        logging.getLogger("vplanner").warning("no %s here, the CPU does it (%s)", provider.value, reason)
