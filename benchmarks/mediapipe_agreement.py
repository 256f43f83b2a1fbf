"""How far are limner's landmarks from those of Google's own implementation?

Runs MediaPipe's legacy Pose solution on images, in an environment of its own, and limner's
blazepose-full on the same images. Where MediaPipe finds a person, prints the distances
between the same person's 33 landmarks, relative to the person's box.

    python -m venv mp && mp/bin/pip install mediapipe==0.10.21
    python benchmarks/mediapipe_agreement.py --mediapipe mp/bin/python PICTURES...
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

import numpy as np

from limner import load_model
from limner.core.oks import body_sizes, oks_matrix
from limner.core.skeletons import BLAZEPOSE_33
from limner.media.image import read_image
from limner.runtime import Runtime

MEDIAPIPE = """
import json, sys
import cv2, mediapipe
with mediapipe.solutions.pose.Pose(static_image_mode=True, model_complexity=1) as pose:
    for path in sys.argv[1:]:
        image = cv2.imread(path)
        found = pose.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)).pose_landmarks
        height, width = image.shape[:2]
        landmarks = found.landmark if found else []
        points = [[p.x * width, p.y * height, p.visibility] for p in landmarks]
        print(json.dumps([path, points]))
"""


def main() -> None:
    """Print a table of distances."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mediapipe", required=True, help="a Python that has mediapipe 0.10.21")
    parser.add_argument("--search", default="fast")
    parser.add_argument("pictures", nargs="+", type=Path)
    arguments = parser.parse_args()
    command = [arguments.mediapipe, "-c", MEDIAPIPE, *map(str, arguments.pictures)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    model = load_model("blazepose-full", Runtime(), search=arguments.search)

    print(f"{'image':<18} {'box px':>7} {'median px':>9} {'median %':>9} {'90th %':>7} {'OKS':>6}")
    medians, missed, pooled = [], 0, []
    for line in answer.stdout.splitlines():
        path, points = json.loads(line)
        if not points:
            continue
        theirs = np.array(points, np.float32)[None, :, :2]
        ours = model.estimate([read_image(path)])[0]
        similarity = oks_matrix(theirs, ours.keypoints, BLAZEPOSE_33.sigmas)[0]
        if len(ours) == 0 or similarity.max() < 0.5:
            missed += 1
            best = similarity.max() if len(ours) else 0.0
            print(f"{Path(path).name:<18} another person, or none (best OKS {best:.2f})")
            continue
        apart = np.linalg.norm(ours.keypoints[similarity.argmax()] - theirs[0], axis=1)
        size = float(body_sizes(theirs)[0])
        medians.append(100 * np.median(apart) / size)
        pooled.append(100 * apart / size)
        print(
            f"{Path(path).name:<18} {size:7.0f} {np.median(apart):9.2f} {medians[-1]:9.2f} "
            f"{100 * np.quantile(apart, 0.9) / size:7.2f} {similarity.max():6.3f}"
        )
    print(
        f"{len(medians)} people: median over all landmarks {np.median(pooled):.2f} % of the box, "
        f"median image {np.median(medians):.2f} %, worst {max(medians):.2f} %; "
        f"another person or none in {missed}"
    )


if __name__ == "__main__":
    main()
