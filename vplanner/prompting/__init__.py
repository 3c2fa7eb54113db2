"""Prompters: they turn words and pictures into grounded sub-goals."""

from vplanner.prompting.embedded import EmbeddedPrompter

__all__ = ["EmbeddedPrompter"]
