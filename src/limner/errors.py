"""Everything that limner raises on purpose.

    LimnerError                 base; the command line prints it as one sentence, exit code 1
    ├── UsageError              the request itself makes no sense, exit code 2
    ├── InputError              an input cannot be read
    ├── OutputError             a result cannot be written
    ├── RecordingError          a .jsonl recording cannot be used
    ├── ModelError              a network file is missing, damaged or of another kind
    │   └── DownloadError       a file could not be fetched
    └── BackendError            a runtime or device is not there or cannot run a network

A message is one sentence for the person at the keyboard: what went wrong, with which
file, what was expected and found, and what to do about it.
"""


class LimnerError(Exception):
    """Base of all errors limner raises on purpose.

    Attributes:
        exit_code: what the command line returns when this error ends it.
    """

    exit_code = 1


class UsageError(LimnerError):
    """The request itself makes no sense: an unknown name, a value out of range."""

    exit_code = 2


class InputError(LimnerError):
    """An input cannot be read."""


class OutputError(LimnerError):
    """A result cannot be written."""


class RecordingError(LimnerError):
    """A recording (.jsonl) cannot be read or lacks what was asked of it."""


class ModelError(LimnerError):
    """A network file is missing, damaged, or not of the kind it should be."""


class DownloadError(ModelError):
    """A file of a model or sample could not be fetched."""


class BackendError(LimnerError):
    """An inference runtime or a device is not available or cannot run a network."""
