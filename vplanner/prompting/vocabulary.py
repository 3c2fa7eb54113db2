"""What the embedded prompter knows to name and to do, as stored beside its networks."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from vplanner.bundle import Bundle
from vplanner.errors import BundleError
from vplanner.types import Skill

Role = Literal["source", "target"]

ANY_COLOUR = "any"
COMMAND = "ok"


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


class Vocabulary(_Part):
    """Classes of the networks' outputs in order, and which combinations of them make sense."""

    kinds: tuple[str, ...]
    skills: tuple[Skill, ...]
    nouns: tuple[str, ...]
    colours: tuple[str, ...]
    vision_nouns: tuple[str, ...]
    vision_size: int
    words: tuple[str, ...]
    max_characters: int
    affordances: dict[Skill, Affordance]
    parts: dict[str, NamedParts]

    def point_of(self, noun: str, role: Role) -> str:
        """The visible thing that stands for a noun, such as `drawer_handle` for `drawer`."""
        parts = self.parts.get(noun)
        return noun if parts is None else getattr(parts, role)

    def inventory(self) -> str:
        """All nouns and colours, for people."""
        return f"{', '.join(self.nouns)} in {', '.join(c for c in self.colours if c != ANY_COLOUR)}"


def load_vocabulary(bundle: Bundle) -> Vocabulary:
    """Read the vocabulary of a bundle. Raises `BundleError` when it is missing or malformed."""
    path = bundle.path("prompter_vocabulary")
    try:
        return Vocabulary.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BundleError(f"{path}: {where}: {first['msg']}") from error
