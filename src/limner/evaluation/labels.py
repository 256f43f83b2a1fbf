"""Labelled images: COCO's keypoint annotations and the images they speak of."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner.core.frame import Frame
from limner.core.skeletons import COCO_17
from limner.errors import InputError
from limner.media.image import read_image

if TYPE_CHECKING:
    from pycocotools.coco import COCO

_EXPECTED = "expected COCO keypoint annotations such as person_keypoints_val2017.json"


def load_labels(path: Path) -> COCO:
    """Read COCO keypoint annotations (https://cocodataset.org/#format-data).

    Raises:
        InputError: no such file, or not annotations of people's 17 keypoints.
    """
    from pycocotools.coco import COCO

    try:
        dataset = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot read the annotations: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path}: {_EXPECTED}, got a file that is not JSON") from error
    _check(path, dataset)
    labels = COCO()
    labels.dataset = dataset
    with contextlib.redirect_stdout(io.StringIO()):
        labels.createIndex()
    return labels


def _check(path: Path, dataset: Any) -> None:
    lists = ("images", "annotations", "categories")
    if not isinstance(dataset, dict) or any(
        not isinstance(dataset.get(name), list) for name in lists
    ):
        raise InputError(f"{path}: {_EXPECTED}, got JSON without {', '.join(lists)}")
    if not dataset["images"]:
        raise InputError(f"{path}: the annotations name no images")
    for image in dataset["images"]:
        if not isinstance(image, dict) or not {"id", "file_name"} <= image.keys():
            raise InputError(f"{path}: {_EXPECTED}, got an image without id or file_name")
    needed = {"id", "image_id", "category_id", "bbox", "area", "iscrowd", "keypoints"}
    for label in dataset["annotations"]:
        missing = needed - label.keys() if isinstance(label, dict) else needed
        if missing:
            raise InputError(
                f"{path}: {_EXPECTED}, got an annotation without {', '.join(sorted(missing))}"
            )
        if len(label["keypoints"]) != 3 * len(COCO_17):
            raise InputError(
                f"{path}: expected {3 * len(COCO_17)} keypoint values per person, got "
                f"{len(label['keypoints'])} in annotation {label['id']}"
            )


def image_paths(labels: COCO, folder: Path, annotations: Path) -> dict[int, Path]:
    """Return where each image of the annotations lies, by its id.

    Raises:
        InputError: an image is not in the folder.
    """
    paths = {image["id"]: folder / image["file_name"] for image in labels.dataset["images"]}
    missing = [path for path in paths.values() if not path.is_file()]
    if missing:
        raise InputError(
            f"{folder}: {len(missing)} of the {len(paths)} images that {annotations} names are "
            f"not there, first {missing[0].name}; give the folder that holds them with --images"
        )
    return paths


def read_labelled(path: Path, image: dict[str, Any]) -> Frame:
    """Read an image as it was labelled: its stored rows and columns, not turned by EXIF.

    Raises:
        InputError: not an image, or not of the size that its labels speak of.
    """
    frame = read_image(path, upright=False)
    labelled = (image.get("width", frame.width), image.get("height", frame.height))
    if labelled != (frame.width, frame.height):
        raise InputError(
            f"{path}: its labels are for {labelled[0]}x{labelled[1]} pixels, "
            f"the image has {frame.width}x{frame.height}"
        )
    return frame
