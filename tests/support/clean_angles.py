"""Angles of movements whose truth is known, after noise and cleaning."""

from __future__ import annotations

from typing import Any

import numpy as np

from limner.cleaning import Cleaner
from limner.core.arrays import Doubles
from limner.core.skeletons import BLAZEPOSE_33
from limner.motion import angles, margins
from limner.motion.definitions import ANGLES
from support.figures import MOVEMENTS, as_poses, spoil

PERIODS = {angle.name: angle.period for angle in ANGLES}


def measured(
    name: str, noise: float, seed: int, rate: int = 30, **faults: Any
) -> tuple[dict[str, Doubles], dict[str, Doubles]]:
    """Return the errors of a cleaned movement's angles, and their margins, in degrees."""
    times = np.arange(5 * rate) / rate
    truth = MOVEMENTS[name](times)
    swaps = 2 if name == "walk" else 0
    clip = spoil(times, truth, np.random.default_rng(seed), jitter=noise, swaps=swaps, **faults)
    cleaner = Cleaner(BLAZEPOSE_33, lag=rate // 3)
    frames = [each for poses in as_poses(clip) for each in cleaner.push(poses)]
    frames += cleaner.flush()
    points, spread, flags, scores = (
        np.concatenate([getattr(poses, what) for poses in frames])
        for what in ("keypoints", "errors", "flags", "scores")
    )
    found = angles(points, BLAZEPOSE_33, times=times, facing="right")
    true = angles(truth, BLAZEPOSE_33, times=times, facing="right")
    wide = margins(points, BLAZEPOSE_33, spread, times, flags=flags, scores=scores)
    off = {}
    for angle, period in PERIODS.items():
        if angle in wide:
            away = found[angle] - true[angle]
            off[angle] = np.abs(away - period * np.rint(away / period))
    return off, wide
