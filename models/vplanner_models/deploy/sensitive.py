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

    When all in integers are too far off, each layer is tried alone, and the worst stay in float, one after the other;
    those that turn out not to be needed go back.
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
    for layer in kept[:-1]:  # without the last one it was not enough; some of those before may not be needed any more
        fewer = [name for name in kept if name != layer]
        smaller = build(frozenset(fewer))
        enough = parity(smaller, calls, wanted)
        if enough.cosine >= least:
            kept, model, found = fewer, smaller, enough
    return model, found, tuple(kept)
