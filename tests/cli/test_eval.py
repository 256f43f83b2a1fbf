"""limner eval takes its options to the measuring and prints what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.core.frame import Frame
from limner.media.image import write_image
from support.cli_run import Limner
from support.people import FakeModel, body


@pytest.fixture
def labelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An image of two people, with the labels of one, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pictures").mkdir()
    write_image(tmp_path / "pictures" / "1.png", Frame(np.zeros((120, 160, 3), np.uint8)))
    points = np.column_stack([body(40, 10, 100), np.full(17, 2)])
    person = {
        "id": 1,
        "image_id": 1,
        "category_id": 1,
        "iscrowd": 0,
        "area": 4000.0,
        "bbox": [25.0, 10.0, 30.0, 100.0],
        "num_keypoints": 17,
        "keypoints": points.ravel().tolist(),
    }
    labels = {
        "images": [{"id": 1, "file_name": "1.png", "width": 160, "height": 120}],
        "annotations": [person],
        "categories": [{"id": 1, "name": "person"}],
    }
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    return tmp_path


def test_accuracy_on_labelled_pictures(
    limner: Limner, labelled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    options = {"search": "thorough", "net_size": (368,), "flip": True}

    def load(name: str, runtime: Any, **options: Any) -> FakeModel:
        asked.append((name, runtime.backend, runtime.device, runtime.threads, options))
        return FakeModel(lambda *_: [body(40, 10, 100), body(120, 10, 100)])

    monkeypatch.setattr("limner.models.loading.load_model", load)
    run = limner(
        *("eval", "--images", "pictures", "--annotations", "labels.json"),
        *("--model", "some-model", "--search", "thorough", "--backend", "openvino"),
        *("--device", "cpu", "--threads", "1", "--max-people", "1"),
        *("--net-size", "368", "--flip", "--results", "results.json", "--json", "figures.json"),
    )
    assert run.code == 0, run.err
    assert asked == [("some-model", "openvino", "cpu", 1, options)]
    assert len(json.loads(Path("results.json").read_text())) == 1
    assert json.loads(Path("figures.json").read_text())
    assert "AP" in run.out


def test_steadiness_of_a_recording(fake: Limner, clip: Path) -> None:
    assert fake(clip, "--no-video").code == 0
    run = fake("eval", "--recording", "walk_pose.jsonl", "--timeline", "who.png")
    assert run.code == 0, run.err
    assert Path("who.png").stat().st_size > 1000
    assert run.out
    again = ["eval", "--recording", "walk_pose.jsonl", "--timeline", "who.png"]
    refused = fake(*again)
    assert refused.code != 0
    assert "who.png is there already; use --overwrite" in refused.err
    assert fake(*again, "--overwrite").code == 0


def test_nothing_to_measure_is_a_sentence(limner: Limner) -> None:
    run = limner("eval")
    assert (run.code, run.err.count("\n")) == (2, 1)
