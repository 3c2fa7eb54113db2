"""Prompters: they turn words and pictures into grounded sub-goals."""

from vplanner.prompting.choice import choose_judge, choose_prompter, prompter_maker
from vplanner.prompting.embedded import EmbeddedPrompter
from vplanner.prompting.vlm import VlmLimits, VlmPrompter

__all__ = ["EmbeddedPrompter", "VlmLimits", "VlmPrompter", "choose_judge", "choose_prompter", "prompter_maker"]
