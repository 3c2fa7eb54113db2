"""The prompter of the committed bundle, and scenes for it to look at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vplanner.backends import BackendConfig
from vplanner.bundle import Bundle, default_bundle_path, load_bundle
from vplanner.prompting import EmbeddedPrompter


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    path: Path = default_bundle_path() / "bundle.json"
    if not path.is_file() or "prompter_vision" not in json.loads(path.read_text())["components"]:
        pytest.skip(f"{path} has no prompter; train and export one first")
    return load_bundle(path.parent)


@pytest.fixture(scope="session")
def prompter(bundle: Bundle) -> EmbeddedPrompter:
    return EmbeddedPrompter(bundle, BackendConfig(threads=1))
