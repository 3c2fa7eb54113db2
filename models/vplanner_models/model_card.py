"""The model card of a bundle, in the style of the Hugging Face hub."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_HEAD = """---
license: apache-2.0
library_name: onnx
pipeline_tag: robotics
tags: [robotics, world-model, video-prediction, inverse-dynamics, manipulation, onnx]
---

# {name}

A latent video model that plans: from two camera pictures and a grounded sub-goal it imagines the next {horizon} frames
({dt} s apart), an inverse dynamics network reads SE(3) commands out of the imagination, the same video model simulates
those commands, and a critic rates the outcome. All networks run on a CPU with onnxruntime.

## Use

```bash
vplanner run "put the red cube into the bowl" --bundle PATH_OF_THIS_FOLDER
```

Positions are in the robot's base frame [m]; one step is a translation [m], a rotation vector [rad] and a gripper
opening in 0..1. `bundle.json` describes every input and output; hashes are checked when the bundle is loaded.

"""
_PROMPTER = """## Prompter

Three more networks serve words and verdicts. `prompter_text` says what each word of an instruction in English or
Chinese does in the sentence and which skill its step is, or that the sentence is no command; `prompter_vision` points
at a thing of a given noun and colour in the two pictures, or says that it is not there; `prompter_judge` says from
close-ups of source and target whether a sub-goal is reached. `prompter_vocabulary.json` names their classes and lists
the words that are known.

"""
_TAIL = """## Limits

- Trained only on pictures of one simulated arm, its table and the two cameras at their nominal places: other robots,
  cameras or real photographs need new training.
- Knows only the skills listed above, one sub-goal at a time, and trusts the grounded points it is given.
- Imagined frames blur where several futures are possible. Commands must pass a safety filter before they reach a robot.
"""


def model_card(manifest: dict[str, Any]) -> str:
    """Write the card from the contents of `bundle.json`."""
    training = manifest["training"]
    text = _HEAD.format(name=manifest["name"], horizon=manifest["horizon"], dt=manifest["dt_s"])
    if any(name.startswith("prompter_") for name in manifest["components"]):
        text += _PROMPTER
    text += "## Networks\n\n| network | inputs | outputs | GFLOP per sample | largest difference to torch |\n"
    text += "|---|---|---|---|---|\n"
    for name, component in manifest["components"].items():
        if not component["inputs"]:
            continue
        inputs = ", ".join(f"{spec['name']} {_shape(spec)}" for spec in component["inputs"])
        outputs = ", ".join(f"{spec['name']} {_shape(spec)}" for spec in component["outputs"])
        parity = component.get("parity")
        difference = "" if parity is None else f"{parity:.1e}"
        text += f"| {name} | {inputs} | {outputs} | {component.get('gflop_per_sample') or ''} | {difference} |\n"
    text += f"\nSkills: {', '.join(manifest['skills'])}.\n\n## Training\n\n"
    text += f"Preset `{training['preset']}`, exported at commit `{training['commit']}`. "
    text += "Scenes with seeds below 100000 were trained on.\n\n"
    text += "| stage | minutes | steps | samples | data | commit |\n|---|---|---|---|---|---|\n"
    for stage, entry in training["stages"].items():
        calls = entry.get("calls", [])
        data, commits = (_distinct(call.get(key) for call in calls) for key in ("data", "commit"))
        minutes = f"{entry['seconds'] / 60:.1f}"
        text += f"| {stage} | {minutes} | {entry['steps']} | {entry['samples']} | {data} | {commits} |\n"
    text += "\n## Measured on scenes that were not trained on\n\n| stage | quantity | value |\n|---|---|---|\n"
    for stage, values in training["metrics"].items():
        for quantity, value in _flat(values):
            text += f"| {stage} | {quantity} | {value:.4g} |\n"
    return text + "\n" + _TAIL


def _distinct(values: Iterable[str | None]) -> str:
    return "; ".join(dict.fromkeys(value[:40] for value in values if value))


def _shape(spec: dict[str, Any]) -> str:
    return f"({', '.join(str(axis) for axis in spec['shape'])})"


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, float]]:
    pairs: list[tuple[str, float]] = []
    for name, value in values.items():
        pairs += _flat(value, f"{prefix}{name} / ") if isinstance(value, dict) else [(prefix + name, value)]
    return pairs
