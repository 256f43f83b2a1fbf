"""What a frame costs in every stage, and how near the whole comes to that bound.

Measures the CPU time of each stage alone, one thread, then the wall and CPU time of the whole
pipeline, loading the networks included, with the process set up as the command line's. The
bound is the sum of the stages divided by the cores. Where the whole takes more CPU time than
the sum, the cores slow each other down or somebody else has them; where its wall time is more
than its CPU time divided by the cores, cores are idle.

    python benchmarks/stages.py CLIP [--max-people 1] [--rounds 3]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import TypeVar

from limner.cli.startup import spare_the_process

spare_the_process()
# ruff: noqa: E402 - before numpy is loaded
import cv2

from limner import Settings
from limner.core.info import InputInfo
from limner.core.steps import run
from limner.export import open_writer
from limner.media.inputs import Input
from limner.media.read import VideoReader
from limner.media.write import VideoWriter
from limner.pipeline.annotate import annotate_input
from limner.pipeline.opening import open_model
from limner.pipeline.render import Render, annotators_for
from limner.pipeline.steps import track_and_clean
from limner.recording.header import Header
from limner.system.cores import usable_cores

T = TypeVar("T")


def main() -> None:
    """Print the costs and the ratio."""
    cv2.setNumThreads(1)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--max-people", type=int)
    parser.add_argument("--model", default="balanced")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    settings = Settings(
        model=arguments.model, max_people=arguments.max_people, threads=1, overwrite=True
    )
    cores = usable_cores()
    rounds = [measure(arguments.clip, settings, cores) for _ in range(arguments.rounds)]
    print(f"{'CPU ms per frame':<20}" + "".join(f"{name:>11}" for name in rounds[0]))
    for one in rounds:
        print(" " * 20 + "".join(f"{value:11.2f}" for value in one.values()))
    ratios = [one["ratio"] for one in rounds]
    print(
        f"wall time over bound: median {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}), {cores} cores"
    )


def measure(clip: Path, settings: Settings, cores: int) -> dict[str, float]:
    """Return milliseconds per frame: CPU of each stage, bound, CPU and wall of all; the ratio."""
    costs, count = measure_stages(clip, settings)
    with tempfile.TemporaryDirectory() as folder:
        start, used = perf_counter(), process_time()
        whole = replace(settings, output=Path(folder, "whole"), threads=None)
        annotate_input(Input(clip, "video"), open_model(whole), whole)
        wall, used = perf_counter() - start, process_time() - used
    bound = sum(costs.values()) / cores
    result = {name: cost / count * 1e3 for name, cost in costs.items()}
    result |= {"sum": sum(result.values()), "bound": bound / count * 1e3}
    result |= {"whole": used / count * 1e3, "wall": wall / count * 1e3}
    return result | {"ratio": wall / bound}


def measure_stages(clip: Path, settings: Settings) -> tuple[dict[str, float], int]:
    """Return CPU seconds of each stage alone, and the number of frames.

    All frames are in memory meanwhile.
    """
    costs: dict[str, float] = {}

    def timed(name: str, work: Callable[[], T]) -> T:
        start = process_time()
        result = work()
        costs[name] = process_time() - start
        return result

    model = open_model(settings)
    with VideoReader(clip, threads=1) as reader:
        rate, width, height = reader.info.frame_rate, reader.width, reader.height
        frames = timed("decode", lambda: list(reader))
    seen = timed("estimate", lambda: list(run(frames, model.session())))
    step = track_and_clean(model.info, settings, rate, (width, height))
    people = timed("people", lambda: list(run(seen, step)))
    annotators = annotators_for(settings, model.info)

    def draw() -> None:
        render = Render(annotators)
        for each in people:
            render.push(each)

    timed("draw", draw)
    header = Header(InputInfo(str(clip), width, height, rate), model.info.skeleton, (model.info,))
    with tempfile.TemporaryDirectory() as folder:

        def data() -> None:
            with (
                open_writer("csv", Path(folder, "a.csv"), header) as csv,
                open_writer("jsonl", Path(folder, "a.jsonl"), header) as jsonl,
            ):
                for each in people:
                    csv.write(each.people)
                    jsonl.write(each.people)

        def encode() -> None:
            with VideoWriter(
                Path(folder, "a.mp4"), width=width, height=height, frame_rate=rate, threads=1
            ) as writer:
                for each in people:
                    writer.write(each.frame)

        timed("data", data)
        timed("encode", encode)
    return costs, len(people)


if __name__ == "__main__":
    main()
