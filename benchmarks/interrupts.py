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
        with tempfile.TemporaryDirectory() as folder:
            start(clip, Path(folder), arguments.end).communicate()
            frames = len(load(Path(folder, f"{clip.stem}_pose.jsonl")))
        for number in range(arguments.runs):
            # However fast the machine is at the moment: some frames, and a moment more.
            moment = draw.randrange(frames), draw.uniform(0, 0.1)
            sent = draw.choice(SIGNALS)
            with tempfile.TemporaryDirectory() as folder:
                said, kind = interrupted(clip, Path(folder), arguments.end, moment, sent)
            counts[kind] += 1
            if said:
                wrong += 1
                print(f"run {number}, {sent.name} after {moment}: {said}", flush=True)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    print(
        f"{arguments.runs} runs of {clip.name} ({frames} frames) under {arguments.load} busy "
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


def lines(path: Path) -> int:
    """Return how many lines a file has, 0 if it is not there."""
    try:
        return path.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def interrupted(
    clip: Path, folder: Path, end: str, moment: tuple[int, float], sent: signal.Signals
) -> tuple[str, str]:
    """End a run at a moment; return what is wrong with what is left, and when it was.

    The moment is so many frames in the recording, and so many seconds more.
    """
    frames, seconds = moment
    process = start(clip, folder, end)
    growing = folder / f"{clip.stem}_pose.partial.jsonl"
    while process.poll() is None and frames and lines(growing) <= frames:
        time.sleep(0.001)
    time.sleep(seconds if frames else 5 * seconds)
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
