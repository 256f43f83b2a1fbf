"""The files a run makes: their names."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from limner.errors import OutputError
from limner.export.formats import find_format
from limner.media.inputs import IMAGE_ENDINGS, VIDEO_ENDINGS, Input
from limner.settings import Settings
from limner.system.files import STANDARD_OUTPUT, refuse_existing, refuse_foreign, writing
from limner.system.staging import Staged

_PARTIAL = re.compile(r"\.partial(-\d+)?$")


@dataclass(frozen=True)
class Outputs:
    """Where the results of one input go.

    Attributes:
        media: the annotated video or image, None if there is to be none.
        data: the data files that are written while the input is read, by format.
        later: the data files that are made from the whole recording, by format.
    """

    media: Path | None
    data: dict[str, Path]
    later: dict[str, Path]

    @property
    def made(self) -> list[Path]:
        """Of these, those that are files and not standard output."""
        return [path for path in self.paths if path != STANDARD_OUTPUT]

    @property
    def paths(self) -> list[Path]:
        """The files that are written while the input is read, the annotated one first."""
        return ([self.media] if self.media else []) + list(self.data.values())

    @property
    def names(self) -> set[Path]:
        """Every name that is taken by these results."""
        return {_resolved(path) for path in [*self.paths, *self.later.values()]}

    def check(self, source: Path, overwrite: bool) -> None:
        """See that writing would lose nothing.

        Raises:
            OutputError: a result is there already, would replace its own source, the system
                takes no such name, or its folder cannot be made.
        """
        if _resolved(source) in self.names:
            raise OutputError(f"{source}: not done, the result would replace its own source")
        for path in [*self.paths, *self.later.values()]:
            # A name that is too long, or below a closed folder.
            with writing(path), suppress(FileNotFoundError, NotADirectoryError):
                path.stat()
        existing = [path for path in self.paths if path.exists()]
        for path in self.later.values():
            # One of several people gets a name of their own.
            several = glob.glob(f"{glob.escape(str(path.with_suffix('')))}_person*{path.suffix}")
            existing += [path] * path.exists() + [Path(name) for name in sorted(several)]
        refuse_existing(existing, overwrite)
        if self.media is not None:
            refuse_foreign(self.media)
        for name, path in self.data.items():
            refuse_foreign(path, find_format(name).entries)
        for folder in {path.parent for path in self.paths}:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from error

    def stage(self, overwrite: bool) -> Staged:
        """Take the partial names of the files that are written while the input is read.

        Raises:
            OutputError: they cannot be had; see `Staged`.
        """
        results: dict[Path, str | None] = {} if self.media is None else {self.media: None}
        results |= {path: find_format(name).entries for name, path in self.data.items()}
        return Staged(results, overwrite=overwrite)


def targets(source: Input, settings: Settings) -> Outputs:
    """Name the results of an input: ``dance.mp4`` gives ``dance_pose.mp4`` and the data."""
    video = source.kind == "video"
    # An .mp4 cannot be transparent.
    ending = ".mov" if settings.background == "transparent" else ".mp4"
    media_name = f"{source.stem}_pose{ending if video else '.png'}"
    output = settings.output
    if output is None:
        media = source.path.with_name(media_name)
    elif is_one_file(output):
        media = output
    else:
        media = output / media_name
    formats = [find_format(name) for name in settings.format]
    paths = {each.name: media.with_name(media.stem + each.ending) for each in formats}
    return Outputs(
        media if settings.video else None,
        data={each.name: paths[each.name] for each in formats if each.streaming},
        later={each.name: paths[each.name] for each in formats if not each.streaming},
    )


def is_one_file(output: Path) -> bool:
    """Say whether a place for results is the annotated file itself, rather than a folder."""
    if output == STANDARD_OUTPUT:
        return True
    return output.suffix.lower() in VIDEO_ENDINGS | IMAGE_ENDINGS and not os.path.isdir(output)


def tell_apart(sources: Sequence[Input], settings: Settings) -> list[Input]:
    """Return the inputs of a run so that no two make results of the same name.

    Where two would, both get longer ones: ``IMG_1.JPG`` and ``IMG_1.MOV`` give
    ``IMG_1_JPG_pose.png`` and ``IMG_1_MOV_pose.mp4``, and ``a/t.mp4`` and ``b/t.mp4``, put into
    one folder, ``a_t_pose.mp4`` and ``b_t_pose.mp4``.
    """
    usable = [source for source in sources if source.error is None]
    names = {source.path: targets(source, settings).names for source in usable}
    uses = Counter(name for each in names.values() for name in each)
    alike: dict[str, list[Path]] = {}
    for path, taken in names.items():
        if any(uses[name] > 1 for name in taken):
            alike.setdefault(path.stem, []).append(path)
    stems: dict[Path, str] = {}
    for paths in alike.values():
        stems |= _distinct_stems(paths)
    return [replace(source, called=stems.get(source.path)) for source in sources]


def _distinct_stems(paths: Sequence[Path]) -> dict[Path, str]:
    """Return the shortest stems that differ: with the ending, folders' names, or both."""
    depth = max(len(path.parent.absolute().parts) for path in paths)
    for folders in range(depth):
        for ending in (False, True):
            stems = {path: _longer_stem(path, folders, ending) for path in paths}
            if len({stem.casefold() for stem in stems.values()}) == len(paths):
                return stems
    return {}


def _longer_stem(path: Path, folders: int, ending: bool) -> str:
    above = path.parent.absolute().parts[1:]
    name = path.name.replace(".", "_") if ending else path.stem
    return "_".join([*above[len(above) - folders :], name] if folders else [name])


def _resolved(path: Path) -> Path:
    """Return a path without links; what the system refuses to look up stays as it is."""
    return Path(os.path.realpath(path))


def is_output(path: Path, sources: Sequence[Input]) -> bool:
    """Say whether a file is what a run made, or half made, of one of the sources."""
    stem = _PARTIAL.sub("", path.stem).removesuffix("_drawn")
    if not stem.endswith("_pose"):
        return False
    origin = stem.removesuffix("_pose")
    # Beside an input of the same name, the ending is in the result's name.
    return any(
        origin in (source.stem, source.path.stem, _longer_stem(source.path, 0, ending=True))
        and source.path.parent == path.parent
        for source in sources
    )
