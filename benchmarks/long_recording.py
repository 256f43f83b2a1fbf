"""The memory that the commands need for a long recording: hours, hundreds of identities.

    python benchmarks/long_recording.py
    python benchmarks/long_recording.py --frames 30000 --ids 379 --at-once 8

Makes such a recording, runs every command that reads one, each in a process of its own, and
prints its peak memory, its time and the size of what it wrote.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from limner.core.info import CopyInfo, InputInfo, ModelInfo
from limner.core.poses import Poses, boxes_around
from limner.core.skeletons import BLAZEPOSE_33
from limner.export import open_writer
from limner.recording.header import Header

COMMANDS = (
    ("report", "{recording}", "-o", "{out}.html"),
    ("export", "{recording}", "--format", "csv", "--angles", "-o", "{out}"),
    ("export", "{recording}", "--format", "parquet,coco,mot-challenge", "-o", "{out}"),
    ("export", "{recording}", "--format", "csv", "--person", "1", "-o", "{out}"),
    ("export", "{recording}", "--format", "trc,opensim-mot", "-o", "{out}"),
    ("plot", "{recording}", "-o", "{out}.png"),
    ("eval", "--recording", "{recording}", "--timeline", "{out}.png", "--json", "{out}.json"),
)


def make(path: Path, frames: int, ids: int, at_once: int) -> None:
    """Write a recording in which people come and go, `at_once` of them at a time."""
    random = np.random.default_rng(0)
    count = len(BLAZEPOSE_33)
    body = random.uniform(-0.5, 0.5, (count, 3)).astype(np.float32)
    info = InputInfo("long.mp4", 1920, 1080, None, frames, frames / 30)
    header = Header(
        info,
        BLAZEPOSE_33,
        (ModelInfo("made-up", BLAZEPOSE_33),),
        {"threshold": 0.3},
        CopyInfo(None),
    )
    stay = max(frames * at_once // ids, 1)
    begins = np.arange(ids) * max(frames - stay, 0) // max(ids - 1, 1)
    with open_writer("jsonl", path, header) as writer:
        for index in range(frames):
            there = np.flatnonzero((begins <= index) & (index < begins + stay))
            swing = np.sin(index / 8 + there)[:, None, None].astype(np.float32)
            metres = body * (1 + 0.3 * swing) + random.normal(0, 0.01, (len(there), count, 3))
            points = (metres[..., :2] * 300 + 500 + 20 * there[:, None, None]).astype(np.float32)
            writer.write(
                Poses(
                    BLAZEPOSE_33,
                    keypoints=points,
                    scores=np.full((len(there), count), 0.9, np.float32),
                    person_scores=np.full(len(there), 0.9, np.float32),
                    boxes=boxes_around(points),
                    ids=there + 1,
                    index=index,
                    time=index / 30,
                    keypoints_3d=metres.astype(np.float32),
                    raw_keypoints=points + 1,
                )
            )


def measure(command: list[str]) -> tuple[float, float]:
    """Run a command; return the peak of its memory in MB, and its seconds."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "limner", *command], stdout=subprocess.DEVNULL, env=os.environ
    )
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"limner {' '.join(command)}: failed")
    kilobytes = used.ru_maxrss if sys.platform != "darwin" else used.ru_maxrss / 1024
    return kilobytes / 1024, time.perf_counter() - begun


def size(folder: Path) -> float:
    """Return the megabytes of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def main() -> None:
    """Make the recording, run the commands, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=30_000)
    parser.add_argument("--ids", type=int, default=379)
    parser.add_argument("--at-once", type=int, default=8)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        recording = Path(folder) / "long.jsonl"
        make(recording, asked.frames, asked.ids, asked.at_once)
        megabytes = recording.stat().st_size / 1e6
        print(
            f"{asked.frames} frames, {asked.ids} ids, {asked.at_once} at once: {megabytes:.0f} MB"
        )
        for number, words in enumerate(COMMANDS):
            out = Path(folder) / f"out{number}" / "o"
            out.mkdir(parents=True)
            command = [word.format(recording=recording, out=out) for word in words]
            peak, seconds = measure(command)
            shown = " ".join(word.format(recording="long.jsonl", out="o") for word in words)
            print(f"{peak:6.0f} MB {seconds:6.1f} s {size(out.parent):7.1f} MB written  {shown}")


if __name__ == "__main__":
    main()
