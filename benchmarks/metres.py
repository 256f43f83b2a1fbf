"""How true metres are: scenes of known scale, floor and lens, and the table of docs/metres.md.

PYTHONPATH=src:tests python benchmarks/metres.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from support.scenes import View, Walker, film, found, truth

SCENES = 30
LENS = (-0.18, 0.03, 0.001, -0.001)


def scene(random: np.random.Generator, lens: bool, pitch: float) -> tuple[View, Walker]:
    """Return a camera, and somebody who walks across its view for 3 seconds."""
    view = View(
        height=random.uniform(0.8, 2.2),
        focal=1500 if not lens else 1200,
        lean=random.uniform(-8, 8),
        pitch=pitch,
        lens=LENS if lens else (0, 0, 0, 0),
    )
    away = random.uniform(5, 9)
    return view, Walker(random.uniform(1.4, 2.0), (-0.3 * away, away), speed=0.2 * away)


def errors(told: str, noise: float, lens: bool = False, pitch: float = 0.0) -> list[float]:
    """Return how far off scale (%), angle (degrees) and places (cm: median, 95 %) are."""
    random = np.random.default_rng(1)
    scales, angles, places = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "Calib.toml"
        for _ in range(SCENES):
            view, walker = scene(random, lens, pitch)
            file.write_text(view.toml(placed="placed" in told))
            given: dict[str, Any] = {}
            if "height" in told:
                given["height"] = walker.height
            if "distance" in told:
                ends = np.array([[-1.0, walker.start[1], 0.6], [1.0, walker.start[1], 0.6]])
                given["distance"] = "2m:" + ",".join(map(str, view.pixels(ends).ravel()))
            if "calibration" in told:
                given["calibration"] = file
            recording = film(view, {1: walker}, noise=noise).scaled(**given)
            scale = recording.header.scale
            assert scale is not None
            plane, known = scale.plane(1), walker.start[1] / view.focal
            scales.append(abs(plane.metres_per_pixel / known - 1) * 100)
            angles.append(abs((scale.floor_angle or 0) - view.lean))
            there, real = found(recording, "hip"), truth(walker, recording, "hip")
            if "placed" in told:  # its place counts from where the person stood
                there[:, 0] += np.median(real[:, 0] - there[:, 0])
            places.append(np.linalg.norm(there - real, axis=1) * 100)
    off = np.concatenate(places)
    return [float(np.median(scales)), float(np.median(angles)), *np.percentile(off, [50, 95])]


def main() -> None:
    """Print the table."""
    print("| told | noise, px | scale, % | floor angle, degrees | hips, cm: median | 95 % |")
    print("|---|---|---|---|---|---|")
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("height", "a height", {}),
        ("distance", "a distance", {}),
        ("height", "a height, through a bent lens", {"lens": True}),
        ("height calibration", "the same, with its calibration", {"lens": True}),
        ("placed calibration", "a calibration with a place, the same lens", {"lens": True}),
        ("height", "a height, camera 15 degrees down", {"pitch": 15.0}),
        ("placed calibration", "a calibration with a place, 15 degrees down", {"pitch": 15.0}),
    ]
    for told, words, how in rows:
        for noise in (0.0, 2.0):
            found = errors(told, noise, **how)
            print(
                f"| {words} | {noise:g} | {found[0]:.1f} | {found[1]:.2f} | "
                f"{found[2]:.1f} | {found[3]:.1f} |"
            )


if __name__ == "__main__":
    main()
