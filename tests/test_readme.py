"""The documents are executed: Python blocks run, commands parse, links and the repository map are true."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
import tyro

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("models/*.md"), *ROOT.glob("benchmarks/*.md")]
)


def blocks(document: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)


def shell_words(program: str) -> list[list[str]]:
    """Arguments of every call of `program` in the shell blocks of all documents."""
    calls = []
    for document in DOCUMENTS:
        for block in blocks(document, "bash"):
            for line in block.replace("\\\n", " ").splitlines():
                for command in line.partition(" #")[0].split("&&"):
                    words = shlex.split(command)
                    if words and Path(words[0]).name == program:
                        calls.append(words[1:])
    return calls


def prose(document: Path) -> str:
    return re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose(document))
    missing = [t for t in targets if "://" not in t and not (document.parent / t).exists()]
    assert not missing


def test_anchors_of_links_exist() -> None:
    for document in DOCUMENTS:
        for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", prose(document)):
            headings = re.findall(r"^#+ (.+)$", ((document.parent / target) if target else document).read_text(), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}, (document, anchor)


def test_make_verbs_of_the_documents_exist() -> None:
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    called = {word for words in shell_words("make") for word in words if "=" not in word}
    assert called
    assert called <= verbs


def test_commands_of_the_documents_parse() -> None:
    from vplanner.cli import Command

    calls = shell_words("vplanner")
    assert {_name_of(command) for command in get_args(Command)} <= {words[0] for words in calls}
    for words in calls:
        tyro.cli(Command, args=words)


def _name_of(command: Any) -> str:
    return str(get_args(command)[0].__name__).lower()


@pytest.mark.parametrize("code", blocks(ROOT / "README.md", "python"))
def test_python_of_the_readme_runs(code: str, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Error" not in done.stdout, "the episode failed on the way: " + done.stdout


def test_repository_map_lists_what_is_there() -> None:
    spec = importlib.util.spec_from_file_location("repository_map", ROOT / "scripts" / "repository_map.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.written() == module.render(), "run `make format`"
