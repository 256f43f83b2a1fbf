"""What runtimes raise of a network file that is damaged or odd, as one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from limner.errors import BackendError, LimnerError, ModelError


@contextmanager
def reading(path: Path, runtime: str) -> Iterator[None]:
    """Turn what a runtime raises while it reads a network into a sentence.

    Beside its own exceptions that may be anything: of names that are no UTF-8, of sizes that
    overflow, of memory.

    Raises:
        ModelError: the runtime raised something, or would crash on the file's name.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ModelError(
            f"{path}: the runtimes read no network whose name is not UTF-8; rename the file or "
            f"the folder it is in"
        ) from None
    try:
        yield
    except LimnerError:
        raise
    except Exception as error:
        raise ModelError(
            f"{path}: {runtime} cannot read it ({_in_short(error)}); expected a network, whole "
            f"and of the kind its ending {path.suffix} says"
        ) from error


@contextmanager
def running(path: Path, runtime: str, shape: tuple[int, ...]) -> Iterator[None]:
    """Turn what a runtime raises while it runs a network into a sentence.

    Raises:
        BackendError: the runtime raised something.
    """
    try:
        yield
    except LimnerError:
        raise
    except Exception as error:
        raise BackendError(
            f"{path}: {runtime} cannot run it on input of shape {shape} ({_in_short(error)})"
        ) from error


def _in_short(error: Exception) -> str:
    """Return the last line of what an exception says: the ones before say where it arose.

    OpenVINO says last how it could be extended, and before that which operations it lacks.
    """
    lines = [line.strip(" -") for line in str(error).splitlines() if line.strip()]
    lines = [line for line in lines if "Frontend Extension" not in line]
    return lines[-1][:200] if lines else type(error).__name__
