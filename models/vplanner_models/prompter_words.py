"""The words of the prompter in both languages, as its vocabulary file stores them."""

from __future__ import annotations

from functools import lru_cache

from vplanner_models import prompter_words_en, prompter_words_zh

STRANGE_NOUN = "strange_noun"
LISTS = {"en": prompter_words_en, "zh": prompter_words_zh}


@lru_cache(maxsize=512)
def words_of(language: str, word_class: str) -> tuple[str, ...]:
    """The words of a class, such as `noun:cube`; also by its last part, as in `cube` or `put`."""
    if word_class == STRANGE_NOUN:
        return tuple(LISTS[language].STRANGE.split("|"))
    lists = LISTS[language].WORDS
    for name in (word_class, *(f"{kind}:{word_class}" for kind in ("as", "noun", "colour"))):
        if name in lists:
            return tuple(lists[name].split("|"))
    raise KeyError(f"{language} has no words of class {word_class!r}")


def lexicon() -> dict[str, list[str]]:
    """All words by class, each once: a word that two lists have belongs to the first."""
    taken: set[str] = set()
    found: dict[str, list[str]] = {}
    for language, lists in LISTS.items():
        for word_class in (*lists.WORDS, STRANGE_NOUN):
            words = [word for word in words_of(language, word_class) if word not in taken]
            taken.update(words)
            found.setdefault(word_class, []).extend(words)
    return {word_class: list(dict.fromkeys(words)) for word_class, words in found.items()}


def plain_words() -> list[str]:
    """Common English words that are no misspellings of others."""
    return sorted(set(prompter_words_en.PLAIN.split()))
