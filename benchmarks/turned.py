"""How well are turned people found? Average precision on labelled images turned by quarters.

Every image and its labels are turned clockwise by 0, 90, 180 and 270 degrees, as if the camera
had been held so, or the people lay, hung or stood on their heads.

    python benchmarks/turned.py IMAGES ANNOTATIONS.json [--model NAME] [--threads 1]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from limner import load_model
from limner.core.arrays import Doubles
from limner.evaluation.coco import evaluate_images
from limner.runtime import Runtime


def main() -> None:
    """Print a line for each quarter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("annotations", type=Path)
    parser.add_argument("--model", default="balanced")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    model = load_model(arguments.model, Runtime(threads=arguments.threads))
    dataset = json.loads(arguments.annotations.read_text(encoding="utf-8"))
    print(f"{arguments.model} on {len(dataset['images'])} images")
    for quarters in range(4):
        with tempfile.TemporaryDirectory() as folder:
            labels = turn_all(dataset, arguments.images, Path(folder), quarters)
            figures, _ = evaluate_images(model, Path(folder), labels)
        print(
            f"{90 * quarters:3} degrees: AP {figures.ap:.3f}, recall at OKS 0.5 "
            f"{figures.recall:.3f}, {figures.milliseconds:.0f} CPU ms an image",
            flush=True,
        )


def turn_all(dataset: dict[str, Any], images: Path, folder: Path, quarters: int) -> Path:
    """Write turned images and their annotations into a folder; return the annotations' path."""
    turned = json.loads(json.dumps(dataset))
    sizes = {}
    for entry in turned["images"]:
        # The pixels as they are, and none lost to another compression.
        image: Any = cv2.imread(str(images / entry["file_name"]), cv2.IMREAD_COLOR_BGR)
        sizes[entry["id"]] = (entry["width"], entry["height"])
        entry["file_name"] = f"{Path(entry['file_name']).stem}.png"
        if quarters % 2:
            entry["width"], entry["height"] = entry["height"], entry["width"]
        cv2.imwrite(str(folder / entry["file_name"]), np.rot90(image, -quarters))
    for annotation in turned["annotations"]:
        size = sizes[annotation["image_id"]]
        x, y, width, height = annotation["bbox"]
        corners = turn(np.array([[x, y], [x + width, y + height]], float), size, quarters)
        low, high = corners.min(axis=0), corners.max(axis=0)
        annotation["bbox"] = [*low.tolist(), *(high - low).tolist()]
        points = np.array(annotation["keypoints"], float).reshape(-1, 3)
        labelled = points[:, 2] > 0
        # COCO's coordinates of keypoints are indices of pixels.
        points[labelled, :2] = turn(points[labelled, :2] + 0.5, size, quarters) - 0.5
        annotation["keypoints"] = points.ravel().tolist()
        annotation.pop("segmentation", None)
    path = folder / "turned.json"
    path.write_text(json.dumps(turned), encoding="utf-8")
    return path


def turn(points: Doubles, size: tuple[int, int], quarters: int) -> Doubles:
    """Return (N, 2) places of an image of this size, turned clockwise with it."""
    width, height = size
    for _ in range(quarters):
        points = np.stack([height - points[:, 1], points[:, 0]], axis=1)
        width, height = height, width
    return points


if __name__ == "__main__":
    main()
