"""How fast is limner beside a peer? Whole commands in turns, start-up included.

Each round runs the peer's script and then limner on the same clip, so that both meet the
same machine. limner writes H.264 with audio, CSV and JSONL. Prints frames per second of
both, and the median ratio with its spread.

    python benchmarks/peers.py CLIP --peer "mp/bin/python mediapipe_legacy.py {clip} {out}"
    python benchmarks/peers.py CLIP --peer "..." --limner "--max-people 1" --rounds 5
"""

from __future__ import annotations

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from limner.media.probe import probe


def main() -> None:
    """Print one line a round, and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--peer", required=True, help="command with {clip} and {out}")
    parser.add_argument("--limner", default="", help="more options for limner")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    frames = probe(arguments.clip).frame_count or 1
    with tempfile.TemporaryDirectory() as folder:
        peer = shlex.split(arguments.peer.format(clip=arguments.clip, out=Path(folder, "peer.mp4")))
        limner = [sys.executable, "-m", "limner", str(arguments.clip), "-o", folder, "--overwrite"]
        limner += shlex.split(arguments.limner)
        run(limner)  # once without counting, so that both find their files warm
        run(peer)
        ratios = []
        for number in range(arguments.rounds):
            theirs, ours = run(peer), run(limner)
            ratios.append(theirs / ours)
            print(
                f"round {number + 1}: peer {frames / theirs:5.1f} frames/s, "
                f"limner {frames / ours:5.1f} frames/s, ratio {ratios[-1]:.2f}",
                flush=True,
            )
    print(
        f"median ratio {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}, {len(ratios)} rounds)"
    )


def run(command: list[str]) -> float:
    """Run a command; return its seconds."""
    # As it runs where it is installed: with Python's files compiled once.
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    start = perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return perf_counter() - start


if __name__ == "__main__":
    main()
