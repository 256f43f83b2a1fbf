"""How much faster is drawing a recording anew than annotating its video? Whole commands in turns.

Each round runs `limner CLIP` and then `limner draw` on what that recorded, asked for the same, so
that both write the same video. Prints the seconds of both and the median ratio with its spread.

    python benchmarks/redraw.py CLIP [--limner "--max-people 1"] [--rounds 3]
"""

from __future__ import annotations

import argparse
import shlex
import statistics
import sys
import tempfile
from pathlib import Path

from peers import run


def main() -> None:
    """Print one line a round, and the median ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--limner", default="", help="more options for annotating")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    limner = [sys.executable, "-m", "limner"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        annotate = [*limner, str(arguments.clip), "-o", name, "--overwrite"]
        annotate += shlex.split(arguments.limner)
        recording = folder / f"{arguments.clip.stem}_pose.jsonl"
        draw = [*limner, "draw", str(recording), "--video", str(arguments.clip), "--overwrite"]
        ratios = []
        for number in range(arguments.rounds):
            whole, again = run(annotate), run(draw)
            ratios.append(whole / again)
            print(
                f"round {number + 1}: annotating {whole:.1f} s, drawing {again:.1f} s, "
                f"ratio {ratios[-1]:.2f}",
                flush=True,
            )
        copies = [path.read_bytes() for path in sorted(folder.glob("*_pose*.mp4"))]
        print(f"the same bytes: {'yes' if copies[0] == copies[1] else 'NO'}")
    print(f"median ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
