"""The files a run makes: their names, and the partial names they have until they are whole."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from limner.errors import OutputError
from limner.export.formats import find_format
from limner.media.inputs import IMAGE_ENDINGS, VIDEO_ENDINGS, Input
from limner.media.sources.pipe import STANDARD_INPUT
from limner.settings import Settings
from limner.system.files import finish, partial, refuse_existing, refuse_foreign, remove


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
    def paths(self) -> list[Path]:
        """The files that are written while the input is read, the annotated one first."""
        return ([self.media] if self.media else []) + list(self.data.values())

    @property
    def names(self) -> set[Path]:
        """Every name that is taken by these results."""
        return {path.resolve() for path in [*self.paths, *self.later.values()]}

    def check(self, source: Path, overwrite: bool) -> None:
        """See that writing would lose nothing.

        Raises:
            OutputError: a result is there already, would replace its own source, or its
                folder cannot be made.
        """
        if source.resolve() in self.names:
            raise OutputError(f"{source}: not done, the result would replace its own source")
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

    def finish(self) -> None:
        """Give the partial files their final names.

        Raises:
            OutputError: the system refuses.
        """
        for path in self.paths:
            finish(path)

    def give_up(self, keep: bool) -> list[Path]:
        """Leave the partial files, or remove them where they hold nothing of use.

        Returns:
            The files that were kept.
        """
        kept = []
        for path in map(partial, self.paths):
            if not path.exists():
                continue
            if keep:
                kept.append(path)
            else:
                remove(path)
        return kept


def targets(source: Input, settings: Settings) -> Outputs:
    """Name the results of an input: ``dance.mp4`` gives ``dance_pose.mp4`` and the data."""
    video = source.kind == "video"
    # An .mp4 cannot be transparent.
    ending = ".mov" if settings.background == "transparent" else ".mp4"
    stem = "stdin" if source.path == STANDARD_INPUT else source.stem
    media_name = f"{stem}_pose{ending if video else '.png'}"
    output = settings.output
    if output is None:
        media = source.path.with_name(media_name)
    elif output.suffix.lower() in VIDEO_ENDINGS | IMAGE_ENDINGS and not output.is_dir():
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


def is_output(path: Path, sources: Sequence[Input]) -> bool:
    """Say whether a file is what a run made, or half made, of one of the sources."""
    stem = path.stem.removesuffix(".partial")
    if not stem.endswith("_pose"):
        return False
    origin = stem.removesuffix("_pose")
    return any(source.stem == origin and source.path.parent == path.parent for source in sources)
