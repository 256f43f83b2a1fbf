"""What cleaning does to the error, the delay and the shaking, and what it costs.

    python benchmarks/cleaning.py [--lag 10]

Generated movements with known truth, spoilt as estimators do it: jitter of 0.75 % of the
body's size where the score is 0.5, 1 % outliers, drop-outs, and swapped legs in the walk.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from limner.cleaning import Cleaner
from limner.core.poses import Poses, boxes_around
from support.figures import MOVEMENTS, Clip, as_poses, body_size, spoil, walk

SEEDS = 5


def clean(frames: list[Poses], lag: int) -> list[Poses]:
    """Run all frames through a cleaner."""
    cleaner = Cleaner(frames[0].skeleton, lag=lag)
    return [poses for frame in frames for poses in cleaner.push(frame)] + cleaner.flush()


def figures(clip: Clip, lag: int) -> tuple[float, float, float, float]:
    """Error raw and clean in % of the body's size, delay in frames, shaking clean / raw."""
    result = np.stack([poses.keypoints[0] for poses in clean(as_poses(clip), lag)])
    seen = ~np.isnan(clip.keypoints[..., 0])
    size = body_size(clip.truth) / 100

    def error(keypoints: np.ndarray) -> float:
        distances = np.linalg.norm(keypoints - clip.truth, axis=-1)[seen]
        return float(np.nanmean(distances) / size)

    def shake(keypoints: np.ndarray) -> float:
        return float(np.nanmean(np.linalg.norm(np.diff(keypoints, n=2, axis=0), axis=-1)))

    velocity = np.gradient(clip.truth, axis=0)
    delay = (np.nan_to_num(clip.truth - result) * velocity).sum() / (velocity**2).sum()
    return error(clip.keypoints), error(result), float(delay), shake(result) / shake(clip.keypoints)


def crowd(people: int, frames: int = 150) -> list[Poses]:
    """People who walk side by side."""
    times = np.arange(frames) / 30
    each = [
        as_poses(spoil(times, walk(times) + 40 * person, np.random.default_rng(person)), person + 1)
        for person in range(people)
    ]
    together = []
    for frame in zip(*each, strict=True):
        keypoints = np.concatenate([poses.keypoints for poses in frame])
        together.append(
            replace(
                frame[0],
                keypoints=keypoints,
                scores=np.concatenate([poses.scores for poses in frame]),
                person_scores=np.concatenate([poses.person_scores for poses in frame]),
                boxes=boxes_around(keypoints),
                ids=np.arange(1, people + 1),
                keypoints_3d=np.concatenate([keypoints, keypoints[..., :1]], axis=2) / 300,
            )
        )
    return together


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lag", type=int, default=10)
    lag = parser.parse_args().lag
    times = np.arange(180) / 30
    print("| movement | error raw, % of body | clean | less by | delay, frames | shaking left |")
    print("|---|---|---|---|---|---|")
    for name, movement in MOVEMENTS.items():
        swaps = 3 if name == "walk" else 0
        rows = [
            figures(spoil(times, movement(times), np.random.default_rng(seed), swaps=swaps), lag)
            for seed in range(SEEDS)
        ]
        raw, left, delay, shaking = np.mean(rows, axis=0)
        print(
            f"| {name} | {raw:.2f} | {left:.2f} | {1 - left / raw:.0%} | {delay:+.3f} "
            f"| {shaking:.0%} |"
        )
    print("\n| people | CPU ms per frame | per person |\n|---|---|---|")
    for people in (1, 2, 5, 10):
        frames = crowd(people)
        costs = []
        for _ in range(3):
            start = time.process_time()
            clean(frames, lag)
            costs.append((time.process_time() - start) / len(frames) * 1000)
        print(f"| {people} | {min(costs):.2f} | {min(costs) / people:.2f} |")


if __name__ == "__main__":
    main()
