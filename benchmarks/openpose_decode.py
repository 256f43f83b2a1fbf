"""Time OpenPose's decoding against its network, for 1, 5 and 20 people in a mosaic.

    python benchmarks/openpose_decode.py graph_opt.pb PICTURE

The mosaic repeats the image's surest person. CPU time of one thread, the median
of many runs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from limner.core.arrays import Image
from limner.core.frame import Frame
from limner.models.openpose import PERSON_THRESHOLD, OpenPose, Preprocess
from limner.models.openpose.decode import decode
from limner.runtime import Runtime


def main() -> None:
    """Print a row per number of people."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("image", type=Path)
    parser.add_argument("--net-size", type=int, default=656)
    parser.add_argument("--color", choices=["rgb", "bgr"], default="bgr")
    parser.add_argument("--mean", type=float, default=0.0)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    model = OpenPose(
        [arguments.model],
        Runtime(threads=1),
        name="benchmark",
        preprocess=Preprocess(arguments.color, arguments.mean),
        net_size=arguments.net_size,
    )
    person = surest_person(model, np.asarray(cv2.imread(str(arguments.picture)), np.uint8))
    print("people  found  network ms  decode ms  share")
    for count, columns in ((1, 1), (5, 5), (20, 10)):
        frame = Frame(mosaic(person, count, columns))
        maps = model.maps(frame, repeated=True)
        found = int((decode(maps)[2] > PERSON_THRESHOLD).sum())
        network = cpu_ms(lambda frame=frame: model.maps(frame, repeated=True), 10)
        decoding = cpu_ms(lambda maps=maps: decode(maps), 50)
        share = f"{decoding / network:.1%}"
        print(f"{count:6}{found:7}{network:12.1f}{decoding:11.2f}{share:>7}")


def surest_person(model: OpenPose, bgr: Image) -> Image:
    """Return the part of an image with the person found best, RGB."""
    image = np.ascontiguousarray(bgr[..., ::-1])
    x1, y1, x2, y2 = model.estimate([Frame(image)])[0].boxes[0].astype(int)
    margin = (y2 - y1) // 10
    return image[max(y1 - margin, 0) : y2 + margin, max(x1 - margin, 0) : x2 + margin]


def mosaic(person: Image, count: int, columns: int, size: tuple[int, int] = (1280, 720)) -> Image:
    """Return a grey image with the person so many times."""
    width, height = size
    rows = -(-count // columns)
    scale = min(width / columns / person.shape[1], height / rows / person.shape[0])
    small = cv2.resize(person, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = np.full((height, width, 3), 128, np.uint8)
    for number in range(count):
        x = number % columns * width // columns
        y = number // columns * height // rows
        picture[y : y + small.shape[0], x : x + small.shape[1]] = small[: height - y, : width - x]
    return picture


def cpu_ms(run: Callable[[], object], rounds: int) -> float:
    """Return the median CPU time of a call in milliseconds."""
    run()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return float(np.median(times)) * 1e3


if __name__ == "__main__":
    main()
