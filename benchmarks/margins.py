"""How often the truth lies within the 90 % margins of angles.

    python benchmarks/margins.py [--seeds 5]

A figure with known angles moves; noise is put on its keypoints, larger where scores are lower,
with outliers, drop-outs, and exchanged legs in the walk; all of it is cleaned, and its angles are
compared with the true ones. A row for each movement and rate, a column for each level of noise, in
parts of the body's size where the score is 0.5. Behind it, half the interval's width in the median.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.clean_angles import measured
from support.figures import MOVEMENTS

NOISE = (0.0025, 0.005, 0.0075, 0.01, 0.015)


def coverage(name: str, noise: float, seeds: int, rate: int = 30) -> tuple[float, float]:
    """Return the share of angles within their margins, and the margins' median."""
    pairs = [measured(name, noise, seed, rate) for seed in range(seeds)]
    off = np.concatenate([each for one, _ in pairs for each in one.values()])
    wide = np.concatenate([each for _, one in pairs for each in one.values()])
    known = ~np.isnan(off) & ~np.isnan(wide)
    return float((off[known] <= wide[known]).mean()), float(np.median(wide[known]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    print("| movement | rate | " + " | ".join(f"{noise:g}" for noise in NOISE) + " |")
    print("|---" * (2 + len(NOISE)) + "|")
    for name in MOVEMENTS:
        for rate in (30, 60):
            cells = [coverage(name, noise, seeds, rate) for noise in NOISE]
            shown = " | ".join(f"{share:.2f} (±{width:.1f})" for share, width in cells)
            print(f"| {name} | {rate} | {shown} |")


if __name__ == "__main__":
    main()
