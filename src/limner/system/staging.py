"""Results under partial names of their own until all of them are whole, then under theirs.

The names are taken exclusively, so no two runs write into one file, nothing is written
through a link that somebody put there, and what an earlier run left stays.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

from limner.errors import OutputError
from limner.system.files import is_stream, refuse_existing, refuse_foreign, remove, sync, writing
from limner.system.locks import Lock, in_use, lock, release
from limner.system.scratch import scratch_folder

# The longest name that file systems take, in bytes.
_LONGEST_NAME = 255


def partial(path: Path, number: int = 1) -> Path:
    """Return a name for a result until it is whole: ``dance_pose.partial.mp4``.

    Args:
        path: the result.
        number: above 1 for ``dance_pose.partial-2.mp4``, where others are taken.
    """
    ending = f".partial{path.suffix}" if number == 1 else f".partial-{number}{path.suffix}"
    stem = path.stem
    while stem and len(os.fsencode(stem + ending)) > _LONGEST_NAME:
        stem = stem[:-1]
    return path.with_name(stem + ending)


class Staged:
    """The results of one run; they get their names together or not at all.

    While the run goes on it holds locks on its partial files, by which another run sees that
    the results are being made. Pipes and devices have no partial names.

    Attributes:
        overwrite: whether what is there already is replaced.
    """

    def __init__(self, results: Mapping[Path, str | None], *, overwrite: bool = False) -> None:
        """Take partial names for some results.

        Args:
            results: the results, with the pattern that the names in it match for each that is
                a folder, None for a file.
            overwrite: replace what is there already.

        Raises:
            OutputError: a result is there already, or is something else; another run is
                making it; its folder is missing, or the system refuses.
        """
        self.overwrite = overwrite
        self._entries = {path: entries for path, entries in results.items() if not is_stream(path)}
        self._places: dict[Path, Path] = {}
        self._locks: list[Lock | None] = []
        refuse_existing(self._entries, overwrite)
        for path, entries in self._entries.items():
            refuse_foreign(path, entries)
            if not path.parent.is_dir():
                raise OutputError(f"cannot write {path}: there is no folder {path.parent}")
        for number in count(1):
            try:
                self._take(number)
                return
            except FileExistsError:
                self._refuse_what_is_made(number)

    def place(self, path: Path) -> Path:
        """Return where to write a result: its partial name, or the pipe that it is."""
        return self._places.get(path, path)

    def commit(self) -> None:
        """Give all results their names; where that fails, none has its name.

        What is on the disk survives a loss of power from here on.

        Raises:
            OutputError: something has appeared under one of the names meanwhile, or the system
                refuses.
        """
        for path, place in self._places.items():
            with writing(path):
                sync(place)
        with ExitStack() as undo:
            asides = ExitStack()
            undo.push(asides)  # what was there before is removed last, if it is replaced
            for path, place in self._places.items():
                with writing(path):
                    undo.callback(_trying, self._publish(path, place, asides))
            undo.pop_all()
            asides.close()
        for folder in {path.parent for path in self._places}:
            _sync_folder(folder)
        self._places.clear()
        self._release()

    def abandon(self, keep: bool = False) -> list[Path]:
        """Leave the results under their partial names, or remove them.

        Args:
            keep: whether they hold something of use; what is empty is removed anyway.

        Returns:
            What was kept.
        """
        kept = []
        for place in self._places.values():
            with suppress(OSError):
                if keep and _holds_something(place):
                    kept.append(place)
                else:
                    remove(place)
        self._places.clear()
        self._release()
        return kept

    def _take(self, number: int) -> None:
        """Make all partial files of a number, or none.

        Raises:
            FileExistsError: one of them is there.
            OutputError: the system refuses.
        """
        try:
            for path, entries in self._entries.items():
                place = partial(path, number)
                self._make(path, place, folder=entries is not None)
                self._places[path] = place
                with suppress(OSError):
                    self._locks.append(lock(place))
        except BaseException:
            self.abandon()
            raise

    def _make(self, path: Path, place: Path, *, folder: bool) -> None:
        try:
            if folder:
                place.mkdir()
            else:
                os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            raise
        except OSError as problem:
            with writing(path):
                raise problem

    def _refuse_what_is_made(self, number: int) -> None:
        for path in self._entries:
            if in_use(partial(path, number)):
                raise OutputError(
                    f"{path} is being written by another run; wait until it has ended, or choose "
                    f"another place with --output"
                )

    def _publish(self, path: Path, place: Path, asides: ExitStack) -> Callable[[], object]:
        """Give a result its name; return what takes it back."""
        if not (self.overwrite and os.path.lexists(path)):
            try:
                _move_exclusively(place, path)
            except FileExistsError:
                raise OutputError(
                    f"{path} has appeared meanwhile, so it is not replaced; use --overwrite to "
                    f"replace it, or choose another place with --output"
                ) from None
            return lambda: path.rename(place)
        refuse_foreign(path, self._entries[path])
        # No system puts a folder in the place of another in one go, and what is replaced must
        # come back if another result fails; so it stands aside until all have their names.
        old = asides.enter_context(scratch_folder(path.parent)) / path.name
        _set_aside(path, old)
        try:
            place.replace(path)
        except BaseException:
            old.replace(path)
            raise

        def restore() -> None:
            path.rename(place)
            old.replace(path)

        return restore

    def _release(self) -> None:
        while self._locks:
            release(self._locks.pop())


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
    with together({path: entries}, overwrite=overwrite) as staged:
        yield staged.place(path)


@contextmanager
def together(results: Mapping[Path, str | None], *, overwrite: bool = False) -> Iterator[Staged]:
    """Stage results that get their names when the block ends, and are removed if it fails.

    Args:
        results: see `Staged`.
        overwrite: replace what is there already.

    Raises:
        OutputError: see `Staged`.
    """
    staged = Staged(results, overwrite=overwrite)
    try:
        yield staged
        staged.commit()
    finally:
        staged.abandon()


def _trying(do: Callable[[], object]) -> None:
    """Do what may fail where something has failed already."""
    with suppress(OSError):
        do()


def _move_exclusively(place: Path, path: Path) -> None:
    """Rename a file or folder; FileExistsError if something has the new name."""
    if sys.platform == "win32":
        place.rename(path)
    elif place.is_dir():
        path.mkdir()
        place.replace(path)  # in the place of an empty folder
    else:
        try:
            path.hardlink_to(place)
        except FileExistsError:
            raise
        except OSError:
            # Not every file system has hard links.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
            place.replace(path)
        else:
            place.unlink()


def _set_aside(path: Path, old: Path) -> None:
    """Keep what is replaced under another name; a file, where possible, under both."""
    try:
        os.link(path, old, follow_symlinks=False)
    except OSError:
        path.replace(old)


def _sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk, where the system can."""
    if sys.platform == "win32":
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _holds_something(place: Path) -> bool:
    try:
        return any(place.iterdir()) if place.is_dir() else place.stat().st_size > 0
    except OSError as problem:
        if problem.errno in (errno.ENOENT, errno.ENOTDIR):
            return False
        raise
