"""What the embedded prompter knows to name and to do, as stored beside its networks."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from vplanner.bundle import Bundle
from vplanner.errors import BundleError
from vplanner.types import Skill

Role = Literal["source", "target"]

ANY_COLOUR = "any"
VOCABULARY_VERSION = 2


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Affordance(_Part):
    """Nouns that a skill can act on, and towards; without `targets` the skill is about its source alone."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]


class NamedParts(_Part):
    """The points that stand for a noun as source and as target."""

    source: str
    target: str


class Lexicon(_Part):
    """Words by class, such as `noun:cube` or `as:push`, and common words that are no misspellings of these."""

    classes: dict[str, tuple[str, ...]]
    plain: tuple[str, ...]


class Vocabulary(_Part):
    """Classes of the networks' outputs in order, the words it knows, and which combinations make sense."""

    version: Literal[2]
    kinds: tuple[str, ...]
    roles: tuple[str, ...]
    begins: tuple[str, ...]
    skills: tuple[Skill, ...]
    nouns: tuple[str, ...]
    colours: tuple[str, ...]
    vision_nouns: tuple[str, ...]
    vision_size: int
    most_tokens: int
    buckets: int
    affordances: dict[Skill, Affordance]
    parts: dict[str, NamedParts]
    lexicon: Lexicon

    def point_of(self, noun: str, role: Role) -> str:
        """The visible thing that stands for a noun, such as `drawer_handle` for `drawer`."""
        parts = self.parts.get(noun)
        return noun if parts is None else getattr(parts, role)

    def inventory(self) -> str:
        """All nouns and colours, for people."""
        return f"{', '.join(self.nouns)} in {', '.join(c for c in self.colours if c != ANY_COLOUR)}"


def load_vocabulary(bundle: Bundle) -> Vocabulary:
    """Read the vocabulary of a bundle. Raises `BundleError` when it is missing, malformed or of another version."""
    path = bundle.path("prompter_vocabulary")
    try:
        content = json.loads(path.read_bytes())
        version = content.get("version", 1) if isinstance(content, dict) else None
        if version != VOCABULARY_VERSION:
            raise BundleError(
                f"{path}: the prompter's vocabulary has version {version}; this version of vplanner reads "
                f"{VOCABULARY_VERSION}: train prompter_text and export again"
            )
        return Vocabulary.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BundleError(f"{path}: {where}: {first['msg']}") from error
    except ValueError as error:
        raise BundleError(f"{path}: not readable as JSON ({error})") from error
