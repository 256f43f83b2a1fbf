"""What does looking for people cost in a video, beside following those already found?

Prints CPU milliseconds per frame, one thread: for following everyone, and for searching the
tiles that are due and looking at whoever is found in them. The first frame, which is
searched whole, is told apart.

    python benchmarks/search.py CLIP [--search normal]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import process_time
from typing import Any

from limner import load_model
from limner.media.read import VideoReader
from limner.models.blazepose import model as blazepose
from limner.runtime import Runtime


def main() -> None:
    """Print the two costs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--search", default="normal")
    arguments = parser.parse_args()
    model = load_model("blazepose-full", Runtime(threads=1), search=arguments.search)
    searching: list[float] = []
    take_up = blazepose.BlazePoseFollower._take_up

    def timed(*values: Any) -> Any:
        start = process_time()
        result = take_up(*values)
        searching[-1] += process_time() - start
        return result

    blazepose.BlazePoseFollower._take_up = timed  # type: ignore[method-assign]
    follower = model.follow()
    everything = []
    with VideoReader(arguments.clip) as reader:
        for frame in reader:
            searching.append(0.0)
            start = process_time()
            follower.estimate(frame)
            everything.append(process_time() - start)
    count = len(everything) - 1
    search = sum(searching[1:]) / count * 1e3
    total = sum(everything[1:]) / count * 1e3
    print(
        f"{arguments.search}: first frame {everything[0] * 1e3:.0f} ms; then following "
        f"{total - search:.1f} ms, searching {search:.1f} ms per frame (at most "
        f"{max(searching[1:]) * 1e3:.0f} ms in one), {count + 1} frames"
    )


if __name__ == "__main__":
    main()
