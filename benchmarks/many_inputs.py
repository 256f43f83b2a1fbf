"""Does memory stay flat over many inputs, in one command and in one Python process?

Annotates a clip again and again: N names of it in one command, and N calls of
`limner.annotate`. Prints the memory (resident set) and the threads after the 1st, the 2nd and the
last input, the highest, and what an input added after the second one. Linux only.

    python benchmarks/many_inputs.py CLIP [--inputs 25] [--end 1]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

# Prints megabytes and threads after every input.
MEASURE = """
import json, os, sys
def measure():
    pages = int(open("/proc/self/statm").read().split()[1])
    size = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    print(json.dumps([size, len(os.listdir("/proc/self/task"))]), flush=True)
"""
COMMAND = f"""{MEASURE}
import limner.cli.run as command
command.report = lambda result: measure()
from limner.cli import main
main()
"""
PYTHON = f"""{MEASURE}
import limner
end, folder, *clips = sys.argv[1:]
for clip in clips:
    limner.annotate(clip, end=float(end), output=folder)
    measure()
"""


def main() -> None:
    """Print what each way takes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--inputs", type=int, default=25)
    parser.add_argument("--end", default="1", help="seconds of the clip that are done")
    arguments = parser.parse_args()
    clip = arguments.clip.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clips = [folder / f"{number}{clip.suffix}" for number in range(arguments.inputs)]
        for each in clips:
            each.symlink_to(clip)
        names = [str(each) for each in clips]
        tell("command", run(COMMAND, *names, "-o", str(folder / "a"), "--end", arguments.end))
        (folder / "b").mkdir()
        tell("Python", run(PYTHON, arguments.end, str(folder / "b"), *names))


def run(script: str, *arguments: str) -> list[tuple[float, int]]:
    """Run a script that prints megabytes and threads; return them."""
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def tell(way: str, taken: list[tuple[float, int]]) -> None:
    """Print one way's memory and threads."""
    sizes, threads = zip(*taken, strict=True)
    each = (sizes[-1] - sizes[1]) / max(len(sizes) - 2, 1)
    print(
        f"{way}, {len(sizes)} inputs: {sizes[0]:.0f}, {sizes[1]:.0f} ... {sizes[-1]:.0f} MB, "
        f"at most {max(sizes):.0f} MB, {each:+.1f} MB an input; "
        f"{threads[0]} ... {threads[-1]} threads",
        flush=True,
    )


if __name__ == "__main__":
    main()
