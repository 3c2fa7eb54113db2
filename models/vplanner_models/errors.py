"""Errors of training and export: what the user can mend, and the one that says an exported file is wrong."""


class TrainingInputError(ValueError):
    """A run, data set, picture or bundle folder that was given cannot be used; the message says what would be right."""


class ParityError(RuntimeError):
    """An exported network does not compute what the trained one computes; nothing was written."""
