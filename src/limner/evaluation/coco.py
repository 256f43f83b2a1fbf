"""COCO keypoint evaluation (AP, AR) on labelled images, through pycocotools."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from limner.core.oks import best_first
from limner.core.poses import Poses
from limner.core.skeletons import COCO_17
from limner.evaluation.labels import image_paths, load_labels, read_labelled
from limner.models.base import Model

if TYPE_CHECKING:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

PERSON = 1  # COCO's category
# Pixels: the heights between which recall is told apart.
HEIGHTS = (0, 64, 128, 256, np.inf)
# The order of pycocotools' figures, AP first, then AR.
_WHICH = ("", "_50", "_75", "_medium", "_large")

Result = dict[str, Any]


@dataclass(frozen=True)
class Recall:
    """The share of labelled people who were found at OKS 0.5.

    Attributes:
        height: which people, by the height of their labelled box: ``<64``, ``64-128``...
        people: how many there are.
        recall: from 0 to 1; None where there are none.
    """

    height: str
    people: int
    recall: float | None


@dataclass(frozen=True)
class ImageFigures:
    """How well a model finds people and their keypoints. None where nothing can be measured.

    AP and AR are means over OKS 0.50, 0.55 ... 0.95 (https://cocodataset.org/#keypoints-eval),
    medium people cover 32² to 96² pixels, large ones more.

    Attributes:
        model: its name.
        images: how many there were, those without people included.
        people: labelled people with at least one keypoint.
        found: poses the model returned.
        ap: average precision.
        ap_50: at OKS 0.5.
        ap_75: at OKS 0.75.
        ap_medium: of medium people.
        ap_large: of large people.
        ar: average recall.
        ar_50: at OKS 0.5.
        ar_75: at OKS 0.75.
        ar_medium: of medium people.
        ar_large: of large people.
        recall: at OKS 0.5, of everyone.
        recall_by_height: at OKS 0.5, by the height of the person.
        milliseconds: mean CPU time per image, of all threads; without reading the file.
        milliseconds_median: the same, median.
    """

    model: str
    images: int
    people: int
    found: int
    ap: float | None
    ap_50: float | None
    ap_75: float | None
    ap_medium: float | None
    ap_large: float | None
    ar: float | None
    ar_50: float | None
    ar_75: float | None
    ar_medium: float | None
    ar_large: float | None
    recall: float | None
    recall_by_height: tuple[Recall, ...]
    milliseconds: float | None = None
    milliseconds_median: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as JSON has them."""
        return asdict(self)


def evaluate_images(
    model: Model,
    images: Path,
    annotations: Path,
    *,
    max_people: int | None = None,
    watch: Callable[[Sequence[Any]], Iterable[Any]] = iter,
) -> tuple[ImageFigures, list[Result]]:
    """Run a model over every image of an annotations file and score what it finds.

    Args:
        model: of any skeleton; its poses are mapped to COCO-17.
        images: the folder of the images.
        annotations: COCO keypoint annotations.
        max_people: how many poses of an image to keep, the surest; None for all. (COCO
            itself looks at the 20 surest.)
        watch: wraps the list of images, to show progress.

    Returns:
        The figures, and the results as COCO's results format has them.

    Raises:
        InputError: annotations or an image cannot be read.
    """
    labels = load_labels(annotations)
    paths = image_paths(labels, images, annotations)
    entries = labels.dataset["images"]
    # The first run of a network pays for its preparation; it is not measured.
    model.estimate([read_labelled(paths[entries[0]["id"]], entries[0])])

    results: list[Result] = []
    seconds = []
    for entry in watch(entries):
        frame = read_labelled(paths[entry["id"]], entry)
        start = time.process_time()
        (poses,) = model.estimate([frame])
        seconds.append(time.process_time() - start)
        results += coco_results(poses[best_first(poses)[:max_people]], entry["id"])
    figures = score(
        labels,
        results,
        model=model.info.name,
        milliseconds=float(np.mean(seconds) * 1e3),
        milliseconds_median=float(np.median(seconds) * 1e3),
    )
    return figures, results


def coco_results(poses: Poses, image_id: int) -> list[Result]:
    """Return people as COCO's results format has them.

    A keypoint that is missing is 0, 0, 0 there. COCO's coordinates are indices of pixels, so
    they are half a pixel less than limner's, which count from the outer corner.
    """
    poses = poses.to(COCO_17)
    values = np.dstack([poses.keypoints - 0.5, poses.scores]).astype(float)
    values[np.isnan(values).any(axis=2)] = 0
    return [
        {
            "image_id": image_id,
            "category_id": PERSON,
            "keypoints": np.round(person, 4).ravel().tolist(),
            "score": round(float(score), 6),
        }
        for person, score in zip(values, poses.person_scores, strict=True)
    ]


def score(
    labels: COCO,
    results: Sequence[Result],
    *,
    model: str = "",
    milliseconds: float | None = None,
    milliseconds_median: float | None = None,
) -> ImageFigures:
    """Score results against labels with pycocotools.

    Args:
        labels: from `load_labels`.
        results: in COCO's results format.
        model: the model's name.
        milliseconds: its mean CPU time.
        milliseconds_median: its median CPU time.
    """
    evaluation = _evaluate(labels, results)
    # pycocotools says -1 where there is nothing to measure.
    stats = [None if value < 0 else float(value) for value in evaluation.stats]
    names = [f"{kind}{which}" for kind in ("ap", "ar") for which in _WHICH]
    recalls = _recalls(labels, evaluation)
    return ImageFigures(
        model=model,
        images=len(labels.dataset["images"]),
        people=recalls[0].people,
        found=len(results),
        **dict(zip(names, stats, strict=True)),
        recall=recalls[0].recall,
        recall_by_height=tuple(recalls[1:]),
        milliseconds=milliseconds,
        milliseconds_median=milliseconds_median,
    )


def _evaluate(labels: COCO, results: Sequence[Result]) -> COCOeval:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        if results:
            # pycocotools adds areas and ids to what it is given.
            found = labels.loadRes([dict(result) for result in results])
        else:
            found = COCO()
            found.dataset = {**labels.dataset, "annotations": []}
            found.createIndex()
        evaluation = COCOeval(labels, found, "keypoints")
        evaluation.params.catIds = [PERSON]
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def _recalls(labels: COCO, evaluation: COCOeval) -> list[Recall]:
    """Return the recall at OKS 0.5 of everyone, then by height."""
    # One entry per area range and image; the first range is "all", the first OKS 0.5.
    entries = evaluation.evalImgs[: len(evaluation.params.imgIds)]
    heights, found = [], []
    for entry in entries:
        if entry is None:
            continue
        counted = ~np.asarray(entry["gtIgnore"], bool)
        heights += [labels.anns[i]["bbox"][3] for i in np.array(entry["gtIds"])[counted].tolist()]
        found += (entry["gtMatches"][0] > 0)[counted].tolist()
    height, hit = np.array(heights, float), np.array(found, bool)

    def recall(name: str, low: float, high: float) -> Recall:
        chosen = hit[(height >= low) & (height < high)]
        return Recall(name, len(chosen), float(chosen.mean()) if len(chosen) else None)

    bands = list(pairwise(HEIGHTS))
    return [recall("all", 0, np.inf)] + [recall(_band(*band), *band) for band in bands]


def _band(low: float, high: float) -> str:
    if low == 0:
        return f"<{high:g}"
    return f">{low:g}" if np.isinf(high) else f"{low:g}-{high:g}"
