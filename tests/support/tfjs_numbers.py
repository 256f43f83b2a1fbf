"""What TensorFlow.js itself computes of a drawn figure: numbers for a test to compare with.

They are stored in tests/runtime/tfjs_numbers.json, a few of each output of each network. To write
them anew, with Node.js:

    PYTHONPATH=src:tests python -m support.tfjs_numbers
"""

from __future__ import annotations

import json
import runpy
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from limner.core.arrays import Floats
from limner.models.catalogue import catalogue
from limner.models.store import ensure

STORED = Path(__file__).parents[1] / "runtime" / "tfjs_numbers.json"
NETWORKS = {
    "movenet-lightning": 192,
    "movenet-thunder": 256,
    "movenet-multipose": 256,
    "nanodet": 416,
}
"""The networks, and the side of each one's input, pixels."""

# How many numbers of each output are stored, and how many people MultiPose's are of: its others
# are guesses of hardly any score, in an order that hangs on the last digits.
_OF_EACH, _PEOPLE = 12, 1


def figure(name: str) -> Floats:
    """Return a drawn figure before a slope of grey, as the network of a name takes it.

    Drawn by whole numbers alone, so that it is the same everywhere. (1, side, side, 3).
    """
    side = NETWORKS[name]
    y, x = np.mgrid[:side, :side] * 1000 // side
    image = np.stack([60 + x // 12, 90 + y // 16, 120 + (x + y) // 25], axis=2)
    # Head, trunk, arms and legs: ellipses by their middle and half axes, in thousandths.
    for across, down, half_x, half_y, color in (
        (500, 180, 60, 80, (224, 172, 140)),
        (500, 400, 100, 160, (180, 40, 50)),
        (380, 400, 30, 150, (224, 172, 140)),
        (620, 400, 30, 150, (224, 172, 140)),
        (450, 700, 45, 190, (40, 50, 110)),
        (550, 700, 45, 190, (40, 50, 110)),
    ):
        inside = ((x - across) * half_y) ** 2 + ((y - down) * half_x) ** 2 < (half_x * half_y) ** 2
        image[inside] = color
    values = image[None].astype(np.float32)
    return (values - np.float32(110)) / np.float32(58) if name == "nanodet" else values


def chosen(output: Floats) -> dict[int, float]:
    """Return some of an output's numbers by their places: evenly spread, and the largest."""
    flat = output[:, :_PEOPLE].ravel() if output.shape[1:] == (6, 56) else output.ravel()
    places = [*np.linspace(0, flat.size - 1, _OF_EACH - 1).astype(int), flat.argmax()]
    return {int(place): round(float(flat[place]), 5) for place in places}


def main() -> None:
    """Write the numbers."""
    benchmark = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "tfjs_agreement.py"))
    files = catalogue().files
    numbers: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        benchmark["install"](folder)
        for network in NETWORKS:
            model, _ = ensure([files[f"{network}.json"], files[f"{network}.bin"]])
            values = figure(network)
            whole, channels_first = (benchmark["NETWORKS"][network])[1:]
            given = values.transpose(0, 3, 1, 2) if channels_first else values
            numbers[network] = [
                {"shape": output.shape, "numbers": chosen(output)}
                for output in benchmark["in_node"](folder, model, given, whole=whole)
            ]
    STORED.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
