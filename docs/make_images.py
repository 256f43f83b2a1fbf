"""Make the pictures in docs/images with the tool itself: python docs/make_images.py."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cv2

import limner
from limner.media.read import VideoReader
from limner.models.catalogue import DEMO_CLIP, catalogue
from limner.models.store import ensure

IMAGES = Path(__file__).parent / "images"
# Both people are in full view here: one waves on the roof, one walks.
MOMENT = 2.2
WIDTH = 1200


def main() -> None:
    """Annotate the start of the demo clip, and keep one frame of the result."""
    (clip,) = ensure([catalogue().files[DEMO_CLIP]])
    with tempfile.TemporaryDirectory() as folder:
        # What is written at a moment depends on the frames that follow it, too.
        result = limner.annotate(clip, output=folder, end=MOMENT + 1)
        with VideoReader(result.paths[0], start=MOMENT) as reader:
            image = next(iter(reader)).image
    height = round(image.shape[0] * WIDTH / image.shape[1])
    small = cv2.resize(image, (WIDTH, height), interpolation=cv2.INTER_AREA)
    IMAGES.mkdir(exist_ok=True)
    path = IMAGES / "demo.jpg"
    bgr = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(path), bgr, [cv2.IMWRITE_JPEG_QUALITY, 82, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    print(f"{path}, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
