"""Files that are written: what may be replaced, and the partial names until they are whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from limner.errors import OutputError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's refusal to write into a sentence.

    Raises:
        OutputError: the disk is full, the folder is missing or may not be written, ...
    """
    try:
        yield
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise OutputError(
            f"cannot write {path}: {reason}; free some space or choose another place with --output"
        ) from problem


@contextmanager
def atomic(path: Path, *, overwrite: bool = False, entries: str | None = None) -> Iterator[Path]:
    """Lend a result's partial name; the result gets its own name when the block ends.

    If the block fails, what it wrote is removed, and what was there before is untouched. A
    pipe or a device is not replaced: its own name is lent.

    Args:
        path: the result, a file, or a folder where `entries` are given.
        overwrite: replace what is there already.
        entries: for a folder, the pattern that the names in it match.

    Yields:
        Where to write.

    Raises:
        OutputError: it is there already or is something else, its folder is missing, or the
            system refuses.
    """
    if _is_stream(path):
        yield path
        return
    refuse_existing([path], overwrite)
    refuse_foreign(path, entries)
    if not path.parent.is_dir():
        raise OutputError(f"cannot write {path}: there is no folder {path.parent}")
    place = partial(path)
    with writing(path):
        remove(place)
    try:
        yield place
        finish(path)
    except BaseException:
        remove(place)
        raise


def partial(path: Path) -> Path:
    """Return the name a result has until it is whole: ``dance_pose.partial.mp4``."""
    return path.with_name(f"{path.stem}.partial{path.suffix}")


def finish(path: Path) -> None:
    """Give a result that has its partial name its own, in place of what is there.

    Raises:
        OutputError: the system refuses.
    """
    place = partial(path)
    with writing(path):
        if not path.is_dir():
            place.replace(path)
            return
        # No system puts a folder in the place of another in one go. Removing takes its time and
        # may be interrupted, so what was there stands aside until the result has its name.
        with TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as aside:
            old = Path(aside) / path.name
            path.replace(old)
            try:
                place.replace(path)
            except BaseException:
                old.replace(path)
                raise


def refuse_existing(paths: Iterable[Path], overwrite: bool) -> None:
    """Refuse to replace what is there already, unless that was asked for.

    Raises:
        OutputError: something is there already; all of it is named.
    """
    existing = [str(path) for path in paths if path.exists() and not _is_stream(path)]
    if existing and not overwrite:
        are, them = ("is", "it") if len(existing) == 1 else ("are", "them")
        raise OutputError(
            f"{', '.join(existing)} {are} there already; use --overwrite to replace {them}"
        )


def refuse_foreign(path: Path, entries: str | None = None) -> None:
    """Refuse to replace anything but a result of the same kind, even where that was asked for.

    Args:
        path: a result to be.
        entries: for a folder, the pattern that the names in it match; None for a file.

    Raises:
        OutputError: a folder is in a file's place, a file in a folder's, or the folder holds
            something else.
    """
    if entries is None:
        wrong = "is a folder" if path.is_dir() else None
    elif path.is_dir():
        foreign = [entry.name for entry in path.iterdir() if not entry.match(entries)]
        wrong = f"holds something else ({foreign[0]})" if foreign else None
    else:
        wrong = "is a file" if path.exists() else None
    if wrong:
        raise OutputError(
            f"{path} {wrong}, so it is not replaced; choose another place with --output"
        )


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_stream(path: Path) -> bool:
    """Say whether there is a pipe or a device, such as ``/dev/stdout``."""
    return path.exists() and not path.is_file() and not path.is_dir()
