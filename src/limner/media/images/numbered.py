"""Numbered image files: ``img_%04d.png`` for img_0001.png, img_0002.png and so on."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

# As C's printf and FFmpeg write it: a number, filled up with zeros to so many digits.
_PLACE = re.compile(r"%(?:0(\d{1,2}))?d")
_DIGITS = re.compile(r"[0-9]+")


def is_pattern(path: Path) -> bool:
    """Say whether a path stands for numbered files: there is a ``%d`` in it, and no such file."""
    return _PLACE.search(path.name) is not None and not path.exists()


def series_name(pattern: Path) -> str:
    """Return what results of numbered files are named after: what the names have in common.

    >>> series_name(Path("walk/img_%04d.png")), series_name(Path("walk/%d.png"))
    ('img', 'walk')
    """
    before, _, after = _split(pattern)
    name = before.rstrip("_-. ") + Path(f"x{after}").stem[1:].rstrip("_-. ")
    return name or pattern.absolute().parent.name


def numbered_files(pattern: Path) -> list[tuple[int, Path]]:
    """Return the files a pattern stands for, with their numbers, in their order.

    Raises:
        OSError: the folder cannot be read.
    """
    before, width, after = _split(pattern)
    found = []
    for path in pattern.parent.iterdir():
        digits = path.name[len(before) : len(path.name) - len(after)]
        if not _DIGITS.fullmatch(digits):
            continue
        number = int(digits)
        if path.name == f"{before}{number:0{width}}{after}":
            found.append((number, path))
    return sorted(found)


def patterns(paths: Iterable[Path]) -> tuple[dict[Path, list[Path]], list[Path]]:
    """Return the patterns that files fall under.

    Of several numbers in a name the last one that differs counts the images; names that differ
    in another one belong to different series.

    Args:
        paths: of image files.

    Returns:
        The files of each pattern, and those that fall under none.
    """
    alike: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for path in paths:
        alike[path.parent, _DIGITS.sub("0", path.name)].append(path)
    series: dict[Path, list[Path]] = defaultdict(list)
    others = []
    for members in alike.values():
        runs = [list(_DIGITS.finditer(path.name)) for path in members]
        if not runs[0]:
            others += members
            continue
        differing = [
            place
            for place in range(len(runs[0]))
            if len({matches[place][0] for matches in runs}) > 1
        ]
        place = differing[-1] if differing else len(runs[0]) - 1
        shortest = min((matches[place][0] for matches in runs), key=len)
        filled = any(matches[place][0].startswith("0") for matches in runs) and len(shortest) > 1
        counter = f"%0{len(shortest)}d" if filled else "%d"
        for path, matches in zip(members, runs, strict=True):
            begin, end = matches[place].span()
            pattern = path.with_name(path.name[:begin] + counter + path.name[end:])
            before, width, after = _split(pattern)
            if path.name == f"{before}{int(matches[place][0]):0{width}}{after}":
                series[pattern].append(path)
            else:
                others.append(path)
    return dict(series), others


def _split(pattern: Path) -> tuple[str, int, str]:
    """Return what stands before the number in a pattern, its least digits, and what follows."""
    *_, place = _PLACE.finditer(pattern.name)
    return pattern.name[: place.start()], int(place[1] or 1), pattern.name[place.end() :]
