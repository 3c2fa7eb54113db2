"""Files that are old or new, never half."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def replace_text(path: Path, text: str) -> None:
    """Write a file in one go, so that no interruption leaves half of it. Raises `OSError` when it cannot be written."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def replace_json(path: Path, content: Any) -> None:
    """Write JSON in one go. Raises `OSError` when it cannot be written."""
    replace_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
