"""The trained prompter as part of a bundle: the graphs of its networks, and the vocabulary of their classes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from vplanner_models.checkpoint import load_weights
from vplanner_models.config import PROMPTER_STAGES, SKILLS, VIEWS
from vplanner_models.graphs import Graph
from vplanner_models.onnx_files import sha256_of
from vplanner_models.prompter_data import AFFORDANCES, BEGINS, COLOURS, KINDS, MAX_TOKENS, NOUNS, ROLES
from vplanner_models.prompter_judge import OBJECTS, JudgeNet
from vplanner_models.prompter_net import VISION_NOUNS, VISION_SIZE, VisionNet
from vplanner_models.prompter_text import BUCKETS, COLUMNS, OUTPUTS, TextNet
from vplanner_models.prompter_words import lexicon, plain_words

VOCABULARY = "prompter_vocabulary"
VOCABULARY_VERSION = 2
PARTS = {"drawer": ("drawer_handle", "drawer_handle"), "lever": ("lever_grip", "lever_pivot")}
"""Nouns that are not seen as a whole: the points that stand for them as source and as target."""
_QUERIES = 3


def prompter_graphs(run: Path, pictures: Tensor) -> list[Graph]:
    """Load what the run has of the prompter: all of its networks, some, or none.

    Args:
        run: Folder of the training run.
        pictures: Real pictures (B, 3, h, w) in 0..1 to check with, the views taking turns; they are scaled to the
            size that the network reads.

    Raises:
        TrainingInputError: A network was trained with another architecture.
    """
    make = {
        "prompter_text": lambda: _text(run),
        "prompter_vision": lambda: _vision(run, pictures),
        "prompter_judge": lambda: _judge(run, pictures),
    }
    graphs = [make[stage]() for stage in PROMPTER_STAGES if (run / stage / "model.safetensors").is_file()]
    return [replace(graph, network=graph.network.eval().requires_grad_(False)) for graph in graphs]


def vocabulary() -> dict[str, Any]:
    """What the networks' classes mean, and which combinations of them make sense."""
    return {
        "version": VOCABULARY_VERSION,
        "kinds": KINDS,
        "roles": ROLES,
        "begins": BEGINS,
        "skills": SKILLS,
        "nouns": NOUNS,
        "colours": COLOURS,
        "vision_nouns": VISION_NOUNS,
        "vision_size": VISION_SIZE,
        "most_tokens": MAX_TOKENS,
        "buckets": BUCKETS,
        "affordances": {skill: {"sources": s, "targets": t} for skill, (s, t) in AFFORDANCES.items()},
        "parts": {noun: {"source": source, "target": target} for noun, (source, target) in PARTS.items()},
        "lexicon": {"classes": lexicon(), "plain": plain_words()},
    }


def write_vocabulary(folder: Path) -> dict[str, Any]:
    """Write the vocabulary and return what `bundle.json` says about the file."""
    path = folder / f"{VOCABULARY}.json"
    path.write_text(json.dumps(vocabulary(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return {"file": path.name, "sha256": sha256_of(path), "precision": "json", "inputs": [], "outputs": []}


def _text(run: Path) -> Graph:
    network = TextNet()
    load_weights(network, run / "prompter_text")
    return text_graph(network)


def text_graph(network: TextNet) -> Graph:
    """The text network with texts of several lengths to check it with."""
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(1, 64, (4, MAX_TOKENS, COLUMNS), generator=generator)  # the traced graph has the full length
    tokens[..., 1] %= 8
    tokens[..., 2:] = torch.randint(BUCKETS, tokens[..., 2:].shape, generator=generator)
    tokens *= (torch.arange(MAX_TOKENS) < torch.tensor([[5], [20], [60], [MAX_TOKENS]]))[..., None]
    return Graph("prompter_text", network, ("tokens",), OUTPUTS, (tokens,))


def _vision(run: Path, pictures: Tensor) -> Graph:
    network = VisionNet()
    load_weights(network, run / "prompter_vision")
    images = _enlarged(pictures)
    generator = torch.Generator().manual_seed(0)
    noun = torch.randint(len(VISION_NOUNS), (len(images), _QUERIES), generator=generator)
    colour = torch.randint(len(COLOURS), (len(images), _QUERIES), generator=generator)
    view = torch.arange(len(images)) % len(VIEWS)
    inputs, outputs = ("images", "noun", "colour", "view"), ("heat", "offset", "box", "presence")
    queried = ("noun", "colour", *outputs)
    axes = dict.fromkeys(queried, ("B", "Q"))
    return Graph("prompter_vision", network, inputs, outputs, (images, noun, colour, view), axes)


def _judge(run: Path, pictures: Tensor) -> Graph:
    network = JudgeNet()
    load_weights(network, run / "prompter_judge")
    images = _enlarged(pictures)
    images = images.reshape(-1, len(VIEWS), *images.shape[1:])
    generator = torch.Generator().manual_seed(0)
    count = len(images)
    points_uv = torch.rand((count, OBJECTS, len(VIEWS), 2), generator=generator)
    points_xyz = torch.rand((count, OBJECTS, 3), generator=generator)
    proprio = torch.rand((count, 10), generator=generator)
    skill = F.one_hot(torch.arange(count) % len(SKILLS), len(SKILLS)).float()
    inputs = ("images", "skill", "points_uv", "points_xyz", "proprio")
    return Graph("prompter_judge", network, inputs, ("success",), (images, skill, points_uv, points_xyz, proprio))


def _enlarged(pictures: Tensor) -> Tensor:
    return F.interpolate(pictures, size=(VISION_SIZE, VISION_SIZE), mode="bilinear", align_corners=False)
