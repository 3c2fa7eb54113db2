"""Every error that vplanner raises on purpose; the CLI turns each into one line and an exit code."""


class VPlannerError(Exception):
    """Base of all deliberate errors. The message names the bad value and the valid ones."""


class InputError(VPlannerError):
    """What the user gave (option, file, instruction) cannot be used."""


class BundleError(VPlannerError):
    """A bundle is missing, damaged, or of a schema that this version does not read."""


class ObservationError(VPlannerError):
    """An observation is malformed: wrong size or type, not finite, or a camera is missing."""


class PromptRefusedError(VPlannerError):
    """The instruction names nothing that can be done in the scene that the cameras show."""


class UnusableReplyError(PromptRefusedError):
    """A language model answered, but not with sub-goals that can be carried out."""


class PrompterError(VPlannerError):
    """A prompter outside this program cannot be used: its server is away, refuses, or takes too long."""


class OutOfMemoryError(VPlannerError):
    """The memory is too small for a network and its inputs; the message says what to ask for less of."""


class SafetyError(VPlannerError):
    """A command was not finite or left its limits; nothing was sent to the robot."""


class CalledOffError(VPlannerError):
    """Whoever asked for an episode does not want it any more; the message says why."""


class MissingDependencyError(VPlannerError):
    """An optional part is not installed; the message names the extra or the package that brings it."""


class StorageError(VPlannerError):
    """Writing results failed, for instance because the disk is full."""
