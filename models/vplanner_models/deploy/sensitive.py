"""Which layers may be computed in integers, found by measurement."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import onnx

from vplanner_models.deploy.compare import Arrays, Parity, parity

Build = Callable[[frozenset[str]], onnx.ModelProto]
"""Makes the network with the named layers in float and all others in integers."""


def keep_sensitive(
    layers: Sequence[str], build: Build, calls: list[Arrays], wanted: list[Arrays], least: float
) -> tuple[onnx.ModelProto, Parity, tuple[str, ...]]:
    """The network with as many layers in integers as a cosine of `least` with what is wanted leaves.

    When all in integers are too far off, each layer is tried alone, and the worst stay in float, one after the other.
    """
    kept: list[str] = []
    model = build(frozenset())
    found = parity(model, calls, wanted)
    if found.cosine >= least:
        return model, found, ()
    few = slice(0, max(1, len(calls) // 3))
    alone = {layer: parity(build(frozenset(layers) - {layer}), calls[few], wanted[few]).cosine for layer in layers}
    for layer in sorted(layers, key=alone.__getitem__):
        kept.append(layer)
        model = build(frozenset(kept))
        found = parity(model, calls, wanted)
        if found.cosine >= least:
            break
    return model, found, tuple(kept)
