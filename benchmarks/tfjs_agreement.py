"""Do TensorFlow.js's own runtime and limner's reading of its models give the same numbers?

Cuts the middle out of images, runs the networks on it in float32 through OpenVINO, and through
@tensorflow/tfjs under Node.js, which npm installs into a temporary folder. Prints the largest
difference for each network and image. What is compared are the outputs as they are: places from 0
to 1, scores, and NanoDet's distributions.

    python benchmarks/tfjs_agreement.py IMAGE [IMAGE...]
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from limner.core.arrays import Floats
from limner.core.region import Region
from limner.media.image import read_image
from limner.models.catalogue import catalogue
from limner.models.store import ensure
from limner.runtime import Runtime, load_network

# Each network's input: its side, whether it takes whole numbers, and channels before rows.
NETWORKS = {
    "movenet-lightning": (192, True, False),
    "movenet-thunder": (256, True, False),
    "movenet-multipose": (256, True, False),
    "nanodet": (416, False, True),
}
SCRIPT = Path(__file__).with_suffix(".mjs")


def main() -> None:
    """Print a line for each network and image."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="+", type=Path)
    arguments = parser.parse_args()
    files = catalogue().files
    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder))
        for name, (side, whole, channels_first) in NETWORKS.items():
            model, _ = ensure([files[f"{name}.json"], files[f"{name}.bin"]])
            network = load_network(model, Runtime(threads=1))
            for path in arguments.images:
                values = middle(path, side, whole=whole)
                ours = network.start(values)()
                given = values.transpose(0, 3, 1, 2) if channels_first else values
                theirs = in_node(Path(folder), model, given, whole=whole)
                apart = max(difference(output, theirs) for output in ours.values())
                print(f"{name}, {path.name}: {len(theirs)} outputs, at most {apart:.1e} apart")


def install(folder: Path) -> None:
    """Put TensorFlow.js and what runs a model by it into a folder."""
    shutil.copy(SCRIPT, folder)
    subprocess.run(
        [program("npm"), "install", "--silent", "--no-audit", "--no-fund", "@tensorflow/tfjs"],
        cwd=folder,
        check=True,
    )


def program(name: str) -> str:
    """Return where a program is."""
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed; it comes with Node.js")
    return found


def middle(path: Path, side: int, *, whole: bool) -> Floats:
    """Return (1, side, side, 3) the middle of an image, as the networks take it."""
    frame = read_image(path)
    square = Region.square(frame.width / 2, frame.height / 2, max(frame.width, frame.height))
    batch = frame.crops([square], (side, side)).astype(np.float32)
    return batch if whole else (batch - np.float32(110)) / np.float32(58)


def in_node(folder: Path, model: Path, values: Floats, *, whole: bool) -> list[Floats]:
    """Return what TensorFlow.js gives."""
    given, out = folder / "values.bin", folder / "out.json"
    given.write_bytes(np.ascontiguousarray(values).tobytes())
    shape = ",".join(map(str, values.shape))
    kind = "int32" if whole else "float32"
    command = [program("node"), SCRIPT.name, str(model), str(given), shape, kind, str(out)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    results: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    return [np.array(each["values"], np.float32).reshape(each["shape"]) for each in results]


def difference(ours: Floats, theirs: list[Floats]) -> float:
    """Return how far an output is from the one of theirs that it is nearest to."""
    same = [other for other in theirs if other.shape == ours.shape]
    return min(float(np.abs(ours - other).max()) for other in same)


if __name__ == "__main__":
    main()
