"""What a command costs before the first frame is done, beside what it may cost.

Runs `limner --help`, and a command that ends after the first frame, each in a process of its
own, and prints the CPU time (user and system) and the wall time. Below them stands what the
libraries alone take to be imported. The networks are compiled before, so this is every start
but the first.

    python benchmarks/startup.py CLIP [--rounds 9]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

# What is to be held, CPU seconds.
BOUNDS = {"limner --help": 0.3, "the first frame": 2.0}
LIBRARIES = "import numpy, cv2, av, openvino"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        first_frame = [str(arguments.clip), "--start", "0", "--end", "0.001", "-o", folder]
        commands = {
            "limner --help": ["-m", "limner", "--help"],
            "the first frame": ["-m", "limner", *first_frame, "--overwrite"],
            LIBRARIES: ["-c", LIBRARIES],
        }
        for command in commands.values():
            # Compiles what is not compiled yet, Python's own files among it.
            measure(command)
        costs = {name: [measure(commands[name])] for name in commands}
        for _ in range(arguments.rounds - 1):
            # In turns, so that a busy moment of the machine falls on all of them.
            for name, command in commands.items():
                costs[name].append(measure(command))
    print(f"{'seconds, median (range)':<34}{'CPU':<22}{'wall':<22}CPU bound")
    for name, rounds in costs.items():
        cells = "".join(f"{spread(list(values)):<22}" for values in zip(*rounds, strict=True))
        print(f"{name:<34}{cells}{BOUNDS.get(name, '')}")


def measure(command: list[str]) -> tuple[float, float]:
    """Return the CPU and wall seconds of Python with these arguments.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    # As it runs where it is installed: with Python's files compiled once.
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    before, begun = os.times(), perf_counter()
    subprocess.run([sys.executable, *command], env=environment, capture_output=True, check=True)
    wall, after = perf_counter() - begun, os.times()
    cpu = after.children_user - before.children_user + after.children_system
    return cpu - before.children_system, wall


def spread(values: list[float]) -> str:
    """Return the median and the range."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
