"""What does looking for people cost in a video, beside following those already found?

Notes which squares of which frames are searched, and at whom the search has to look, then
does that again alone. Prints CPU milliseconds per frame of the whole and of the search. The
first frame, which is searched whole, is told apart.

    python benchmarks/search.py CLIP [--model balanced]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Any

from limner import load_model
from limner.core.frame import Frame
from limner.core.region import Region
from limner.media.read import VideoReader
from limner.models.base import LIVE
from limner.models.topdown import Crop
from limner.runtime import Runtime


def main() -> None:
    """Print the two costs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--model", default="balanced")
    arguments = parser.parse_args()
    model: Any = load_model(arguments.model, Runtime(threads=1))
    session: Any = model.session(LIVE)
    find, begin = model.find, model.pose.start
    searched: list[list[Region]] = []
    looked_at: list[list[Crop]] = []

    def noted_find(frame: Frame, squares: Sequence[Region], *threshold: Any) -> Any:
        searched[-1] += squares
        return find(frame, squares, *threshold)

    def noted_start(crops: Sequence[Crop]) -> Any:
        looked_at[-1] += [crop for crop in crops if crop.detected is not None]
        return begin(crops)

    with VideoReader(arguments.clip) as reader:
        frames = list(reader)
    model.find, model.pose.start = noted_find, noted_start
    everything = []
    for frame in frames:
        searched.append([])
        looked_at.append([])
        start = process_time()
        session.push(frame)
        everything.append(process_time() - start)
    model.pose.start = begin
    searching = []
    for frame, squares, crops in zip(frames, searched, looked_at, strict=True):
        start = process_time()
        find(frame, squares)()
        begin(crops)()
        searching.append(process_time() - start)
    count = len(frames) - 1
    print(
        f"{arguments.model}: first frame {everything[0] * 1e3:.0f} ms; then "
        f"{sum(everything[1:]) / count * 1e3:.1f} ms per frame, of which searching "
        f"{sum(searching[1:]) / count * 1e3:.1f} ms "
        f"({sum(map(len, searched[1:])) / count:.2f} squares and "
        f"{sum(map(len, looked_at[1:])) / count:.2f} looks at new people), {len(frames)} frames"
    )


if __name__ == "__main__":
    main()
