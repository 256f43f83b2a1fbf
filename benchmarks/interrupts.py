"""Do the video, the tables and the recording hold the same frames, whenever a run is ended?

Runs limner on a clip again and again, ends it at random moments by SIGINT, SIGTERM or SIGHUP
while other processes keep the machine busy, and compares what is left. Prints each run that is
wrong, and how many were interrupted at work, before it and after it.

    python benchmarks/interrupts.py CLIP [--runs 200] [--load 2] [--seed 0] [--end 3]
"""

from __future__ import annotations

import argparse
import collections
import csv
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from limner import load
from limner.media.read import VideoReader

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def main() -> None:
    """Print what went wrong, and the counts; exit with 1 if anything did."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--load", type=int, default=2, help="busy processes beside")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--end", default="3", help="seconds of the clip that are done")
    arguments = parser.parse_args()
    clip = arguments.clip.resolve()
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(arguments.load)
    ]
    draw = random.Random(arguments.seed)  # noqa: S311 - no secret
    counts: collections.Counter[str] = collections.Counter()
    wrong = 0
    try:
        begun = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            start(clip, Path(folder), arguments.end).communicate()
        whole = time.perf_counter() - begun
        for number in range(arguments.runs):
            moment, sent = draw.uniform(0.1, 1.0) * whole, draw.choice(SIGNALS)
            with tempfile.TemporaryDirectory() as folder:
                said, kind = interrupted(clip, Path(folder), arguments.end, moment, sent)
            counts[kind] += 1
            if said:
                wrong += 1
                print(f"run {number}, {sent.name} after {moment:.2f} s: {said}", flush=True)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    print(
        f"{arguments.runs} runs of {clip.name} ({whole:.1f} s whole) under {arguments.load} busy "
        f"processes: {', '.join(f'{count} {kind}' for kind, count in counts.items())}; "
        f"{wrong} with a difference"
    )
    sys.exit(bool(wrong))


def start(clip: Path, folder: Path, end: str) -> subprocess.Popen[str]:
    """Start a run."""
    command = [sys.executable, "-m", "limner", str(clip), "-o", str(folder), "--end", end]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def interrupted(
    clip: Path, folder: Path, end: str, moment: float, sent: signal.Signals
) -> tuple[str, str]:
    """End a run at a moment; return what is wrong with what is left, and when it was."""
    process = start(clip, folder, end)
    try:
        process.communicate(timeout=moment)
    except subprocess.TimeoutExpired:
        process.send_signal(sent)
    _, said = process.communicate(timeout=120)
    # Before the program has begun to listen, the signal ends Python itself.
    if process.returncode not in (0, 128 + sent, -sent):
        return f"exit code {process.returncode}: {said.splitlines()[-1:]}", "failed"
    names = [path.name for path in folder.iterdir()]
    if not names:
        return "", "before the first frame"
    finished = (folder / f"{clip.stem}_pose.jsonl").exists()
    ending = "" if finished else ".partial"
    stem = f"{clip.stem}_pose{ending}"
    if sorted(names) != sorted(f"{stem}.{kind}" for kind in ("csv", "jsonl", "mp4")):
        return f"left {names}", "failed"
    recording = load(folder / f"{stem}.jsonl")
    with VideoReader(folder / f"{stem}.mp4") as reader:
        frames = sum(1 for _ in reader)
    people = [(poses.index, int(i)) for poses in recording for i in poses.ids]
    with (folder / f"{stem}.csv").open(newline="") as file:
        rows = [(int(row["frame"]), int(row["person"])) for row in csv.DictReader(file)]
    kind = "after the last frame" if finished else "at work"
    if frames != len(recording) or rows != people:
        return f"{frames} frames in the video, {len(recording)} in the recording", kind
    if recording.complete != finished:
        return f"complete: {recording.complete}", kind
    return "", kind


if __name__ == "__main__":
    main()
