"""Does what was done play, whenever a run is killed, and what does that cost?

Runs limner on a clip again and again, kills it (SIGKILL) at random moments, and compares the
partial video with the partial recording, which says how many frames were done. Prints each run
whose video does not play or ends more than two seconds before, and how long whole runs take to
finish their video: to put its index at the front and to read it back.

    python benchmarks/kills.py CLIP [--runs 21] [--rounds 3] [--seed 0]
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from limner.errors import InputError
from limner.media.read import VideoReader
from limner.recording.reader import read_frames

# Seconds of video that may be missing at the end: a fragment, and what the encoder holds.
ALLOWED = 2.0

# Runs limner, then prints the seconds of the whole and those of finishing the video.
TIMED = """
import json, sys, time
begun = time.perf_counter()
import limner.media.write as write
spent = 0.0
def timed(work):
    def run(*arguments):
        global spent
        begun = time.perf_counter()
        work(*arguments)
        spent += time.perf_counter() - begun
    return run
write.put_index_first, write.check = timed(write.put_index_first), timed(write.check)
from limner.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
print(json.dumps([time.perf_counter() - begun, spent]), file=sys.stderr)
"""


def main() -> None:
    """Print what does not play, the counts and the cost; exit with 1 if anything does not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    clip = arguments.clip.resolve()
    with VideoReader(clip) as reader:
        frames = sum(1 for _ in reader)
    costs = [whole_run(clip) for _ in range(arguments.rounds)]
    draw = random.Random(arguments.seed)  # noqa: S311 - no secret
    failing, missing = 0, []
    for number in range(arguments.runs):
        after = draw.randrange(frames // 10, frames)
        with tempfile.TemporaryDirectory() as folder:
            done, played = killed(clip, Path(folder), after)
        missing.append(done - played)
        if done - played > ALLOWED:
            failing += 1
            print(f"run {number}: {done:.1f} s were done, and {played:.1f} s play", flush=True)
    print(
        f"killed: {failing} of {arguments.runs} failing on {clip.name}; the video ends "
        f"{statistics.median(missing):.1f} s before the recording (median), "
        f"{max(missing):.1f} s at most"
    )
    shares = [spent / whole for whole, spent in costs]
    print(
        f"finishing the video takes {statistics.median(shares):.2%} of a run's time (median of "
        f"{arguments.rounds}), {statistics.median(spent for _, spent in costs):.3f} s"
    )
    sys.exit(bool(failing))


def whole_run(clip: Path) -> tuple[float, float]:
    """Return the seconds of a whole run, and those of finishing its video."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", TIMED, str(clip), "-o", folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    whole, spent = json.loads(done.stderr.splitlines()[-1])
    return whole, spent


def killed(clip: Path, folder: Path, after: int) -> tuple[float, float]:
    """Kill a run when so many frames are done; return the seconds done and those that play."""
    command = [sys.executable, "-m", "limner", str(clip), "-o", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    recording = folder / f"{clip.stem}_pose.partial.jsonl"
    while process.poll() is None and lines(recording) <= after:
        time.sleep(0.01)
    process.kill()
    process.wait()
    return recorded(recording), shown(folder / f"{clip.stem}_pose.partial.mp4")


def lines(path: Path) -> int:
    """Return how many lines a file has, 0 if it is not there."""
    try:
        return path.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def recorded(path: Path) -> float:
    """Return the seconds that a recording holds; 0 where there is none yet."""
    if not path.exists() or not path.stat().st_size:
        return 0.0
    with read_frames(path) as frames:
        return max((poses.time for poses in frames), default=0.0)


def shown(path: Path) -> float:
    """Return the seconds that a video shows; 0 where it does not play yet."""
    try:
        with VideoReader(path) as reader:
            return max(frame.time for frame in reader)
    except InputError:
        return 0.0


if __name__ == "__main__":
    main()
