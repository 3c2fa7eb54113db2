"""Which layers stay in float."""

from __future__ import annotations

import onnx
import pytest
from onnx import helper

from vplanner_models.deploy import sensitive
from vplanner_models.deploy.compare import Parity

_LOST = {"head": 0.0, "rise": 0.004, "fall": 0.0008, "out": 0.0001}
"""Of the cosine, by each layer in integers beside others; alone, `head` looks worst of all."""


def _build(kept: frozenset[str]) -> onnx.ModelProto:
    return helper.make_model(helper.make_graph([], ",".join(sorted(kept)), [], []))


def _parity(model: onnx.ModelProto, *_: object) -> Parity:
    integers = set(_LOST) - set(model.graph.name.split(","))
    return Parity(0.0, 0.99 if integers == {"head"} else 1.0 - sum(_LOST[name] for name in integers))


def test_a_layer_that_only_looked_sensitive_goes_back_to_integers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensitive, "parity", _parity)
    model, found, kept = sensitive.keep_sensitive(list(_LOST), _build, [(), (), ()], [(), (), ()], 0.999)
    assert kept == ("rise",) and model.graph.name == "rise"
    assert found.cosine == pytest.approx(0.9991)
