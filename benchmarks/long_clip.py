"""Does a clip ten times as long take ten times the time, and the same memory?

Runs limner on a clip and on the clip repeated, in turns, each in a process of its own, and
prints seconds per frame after the start-up (a third run on a tenth of a second of the clip
says what that is) and the peak memory.

    python benchmarks/long_clip.py CLIP [--times 10] [--rounds 1]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from time import perf_counter

import av

from limner.media.probe import probe

# Runs limner, then prints the peak memory of the process, bytes.
RUN = """
import json, resource, sys
from limner.cli import main
try:
    main()
except SystemExit as stop:
    assert not stop.code, stop.code
unit = 1 if sys.platform == "darwin" else 1024
print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit), file=sys.stderr)
"""


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        long = repeat(arguments.clip, folder / f"long{arguments.clip.suffix}", arguments.times)
        counts = [probe(path).frame_count or 1 for path in (arguments.clip, long)]
        run(arguments.clip, folder)
        for number in range(arguments.rounds):
            start, _ = run(arguments.clip, folder, "--end", "0.1")
            (short_s, short_b), (long_s, long_b) = run(arguments.clip, folder), run(long, folder)
            each = [(short_s - start) / counts[0], (long_s - start) / counts[1]]
            print(
                f"round {number + 1}: start-up {start:.2f} s, then {each[0] * 1e3:.1f} and "
                f"{each[1] * 1e3:.1f} ms per frame for {counts[0]} and {counts[1]} frames "
                f"(ratio {each[1] / each[0]:.2f}); peak memory {short_b / 1e6:.0f} and "
                f"{long_b / 1e6:.0f} MB (ratio {long_b / short_b:.2f})",
                flush=True,
            )


def repeat(clip: Path, target: Path, times: int) -> Path:
    """Write the clip's streams again and again, without re-encoding, into one file."""
    with av.open(str(target), "w") as output:
        streams: dict[int, av.stream.Stream] = {}
        offset = Fraction(0)
        for _ in range(times):
            begins, ends = [Fraction(0)], [Fraction(0)]
            with av.open(str(clip)) as source:
                for stream in (*source.streams.video, *source.streams.audio):
                    if stream.index not in streams:
                        streams[stream.index] = output.add_stream_from_template(stream)
                for packet in source.demux():
                    if packet.dts is None or packet.pts is None or packet.time_base is None:
                        continue
                    base = packet.time_base
                    begins.append(packet.dts * base)
                    ends.append((packet.pts + (packet.duration or 0)) * base)
                    packet.pts += int(offset / base)
                    packet.dts += int(offset / base)
                    packet.stream = streams[packet.stream.index]
                    output.mux(packet)
            # Images that others are predicted from are stored ahead of their time.
            offset += max(ends) - min(begins)
    return target


def run(clip: Path, folder: Path, *options: str) -> tuple[float, int]:
    """Run limner in a process of its own; return its seconds and peak memory in bytes."""
    command = [sys.executable, "-c", RUN, str(clip), "-o", str(folder / "out"), "--overwrite"]
    start = perf_counter()
    done = subprocess.run([*command, *options], check=True, capture_output=True, text=True)
    return perf_counter() - start, json.loads(done.stderr.splitlines()[-1])


if __name__ == "__main__":
    main()
