"""Is a score what it says? Of the keypoints and people at each score, how many are right.

A keypoint is right within COCO's tolerance (a keypoint similarity of 0.5 or more), a person where
OKS with somebody labelled is 0.5 or more. Keypoints are compared for people at whom the pose
mostly lies (OKS of 0.2), where they are labelled. Prints both tables, what is shown at the model's
own thresholds, and the logistic function that would calibrate the scores further.

    python benchmarks/calibration.py IMAGES ANNOTATIONS.json [--model NAME] [--threads 1]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize

from limner import load_model
from limner.core.arrays import Doubles, Floats
from limner.core.poses import Poses
from limner.core.skeletons import COCO_17
from limner.evaluation.labels import image_paths, load_labels, read_labelled
from limner.runtime import Runtime

_RIGHT, _AT_LEAST = 0.5, 0.2


class Judged(NamedTuple):
    """Scores, and whether what they were given to is right."""

    scores: list[float]
    right: list[bool]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("annotations", type=Path)
    parser.add_argument("--model", default="balanced")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    model = load_model(arguments.model, Runtime(threads=arguments.threads))
    labels = load_labels(arguments.annotations)
    paths = image_paths(labels, arguments.images, arguments.annotations)
    keypoints, people = Judged([], []), Judged([], [])
    labelled = 0
    for entry in labels.dataset["images"]:
        (poses,) = model.estimate([read_labelled(paths[entry["id"]], entry)])
        annotations = labels.loadAnns(labels.getAnnIds(imgIds=[entry["id"]]))
        labelled += sum(one["num_keypoints"] > 0 for one in annotations)
        judge(poses.to(COCO_17), annotations, keypoints, people)
    print(f"{arguments.model}: {labelled} labelled people")
    for name, judged in (("keypoints", keypoints), ("people", people)):
        print_table(name, np.array(judged.scores), np.array(judged.right))
    shown = np.array(people.scores) >= model.info.person_threshold
    right = np.array(people.right)[shown]
    print(
        f"shown from {model.info.person_threshold:g} on: {shown.sum()} people, "
        f"{right.mean():.2f} of them rightly posed, which are {right.sum() / labelled:.2f} of all"
    )


def judge(poses: Poses, annotations: list[Any], keypoints: Judged, people: Judged) -> None:
    """Add everyone in an image, and their keypoints, to those who were judged."""
    taken: set[int] = set()
    for person in np.argsort(-poses.person_scores):
        alike = {
            number: similarity(poses.keypoints[person], annotation)
            for number, annotation in enumerate(annotations)
            if annotation["num_keypoints"] > 0 and number not in taken
        }
        means = {number: float(np.nanmean(values)) for number, values in alike.items()}
        best = max(means, key=lambda number: means[number], default=None)
        oks = 0.0 if best is None else means[best]
        if best is not None and oks >= _RIGHT:
            taken.add(best)
        elif in_a_crowd(poses.keypoints[person], annotations):
            continue  # perhaps right, but nobody said where the joints are
        people.scores.append(float(poses.person_scores[person]))
        people.right.append(oks >= _RIGHT)
        if best is not None and oks >= _AT_LEAST:
            known = np.isfinite(alike[best]) & np.isfinite(poses.scores[person])
            keypoints.scores.extend(poses.scores[person][known].tolist())
            keypoints.right.extend((alike[best][known] >= _RIGHT).tolist())


def similarity(points: Floats, annotation: dict[str, Any]) -> Doubles:
    """Return (17,) COCO's keypoint similarities; NaN where nothing is labelled."""
    labels = np.array(annotation["keypoints"], float).reshape(-1, 3)
    # COCO's coordinates are indices of pixels.
    apart = ((points - 0.5 - labels[:, :2]) ** 2).sum(axis=1)
    values = np.exp(-apart / (8 * np.square(COCO_17.sigmas) * annotation["area"]))
    return np.where(labels[:, 2] > 0, np.nan_to_num(values), np.nan)


def in_a_crowd(points: Floats, annotations: list[Any]) -> bool:
    """Whether somebody is where people are marked whose joints are not labelled."""
    x, y = np.nanmean(points, axis=0).tolist()
    boxes = [one["bbox"] for one in annotations if one["num_keypoints"] == 0 or one["iscrowd"]]
    return any(
        left - 0.1 * width <= x <= left + 1.1 * width
        and top - 0.1 * height <= y <= top + 1.1 * height
        for left, top, width, height in boxes
    )


def print_table(name: str, scores: Doubles, right: Doubles) -> None:
    """Print how many are right in each tenth of the scores, and what would fit better."""
    print(f"{name}: score, how many, mean score, share that is right")
    for low in np.arange(10) / 10:
        at = (scores >= low) & (scores < low + 0.1 + (low > 0.85) * 1e-6)
        if at.any():
            mean, share = scores[at].mean(), right[at].mean()
            print(f"  {low:.1f} to {low + 0.1:.1f}  {at.sum():5}  {mean:.2f}  {share:.2f}")
    error = abs(scores.mean() - right.mean())
    slope, offset = fit(scores, right)
    print(f"  all  {len(scores)}, apart {error:.3f}; Calibration({slope:.2f}, {offset:.2f}) fits")


def fit(scores: Doubles, right: Doubles) -> tuple[float, float]:
    """Return the logistic function of the log-odds that makes the labels likeliest."""
    inside = np.clip(scores, 1e-4, 1 - 1e-4)
    odds = np.log(inside / (1 - inside))

    def loss(parameters: Doubles) -> float:
        exponents = parameters[0] * odds + parameters[1]
        return float(np.mean(np.logaddexp(0, exponents) - right * exponents))

    slope, offset = minimize(loss, [1.0, 0.0]).x.tolist()
    return slope, offset


if __name__ == "__main__":
    main()
