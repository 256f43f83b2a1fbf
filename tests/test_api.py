"""The public surface: what there is, that it is documented, and that it refuses nonsense."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import GeneratorType
from typing import Any

import numpy as np
import pytest

import limner
from limner.core.frame import Frame
from limner.errors import InputError, LimnerError, UsageError
from limner.media.image import write_image
from support.clips import Clip, make
from support.people import FakeModel


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("limner.api.open_model", lambda settings: FakeModel())
    return make(tmp_path / "walk.mp4", Clip(frames=30))


def test_the_public_names() -> None:
    """They are those of the stub, each the very object of the module it names."""
    stub = ast.parse(Path(limner.__file__).with_suffix(".pyi").read_text())
    homes = {
        name.name: f"limner.{line.module}"
        for line in stub.body
        if isinstance(line, ast.ImportFrom)
        for name in line.names
    }
    assert {"annotate", "estimate", "load", "Recording", "LimnerError"} <= homes.keys()
    assert sorted(limner.__all__) == sorted(dir(limner)) == sorted(homes)
    for name, home in homes.items():
        assert getattr(limner, name) is getattr(import_module(home), name)
    with pytest.raises(AttributeError, match="attribute dance"):
        limner.dance  # type: ignore[attr-defined]  # noqa: B018


def test_importing_it_loads_nothing_heavy() -> None:
    script = "import sys, limner; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "limner" in loaded
    assert not loaded & {"av", "cv2", "numpy", "openvino", "scipy", "typer", "limner.api"}


def public(name: str) -> list[tuple[str, Any]]:
    """Return a public name and, of a class, the public methods it adds."""
    value = getattr(limner, name)
    if not inspect.isclass(value) or value.__module__.split(".")[0] != "limner":
        return [(name, value)] if callable(value) else []
    members = [
        (f"{name}.{member}", getattr(value, member))
        for member in vars(value)
        if not member.startswith("_") and callable(getattr(value, member))
    ]
    return [(name, value), *members]


@pytest.mark.parametrize(
    ("name", "value"), [pair for name in sorted(limner.__all__) for pair in public(name)]
)
def test_every_public_name_is_documented(name: str, value: Any) -> None:
    text = inspect.getdoc(value)
    assert text
    assert text[0].isupper() or text.startswith("`")
    own = inspect.isclass(value) and not issubclass(value, LimnerError)
    if inspect.isfunction(value) and value.__module__ == "limner.api":
        assert "Args:" in text
        assert "Raises:" in text
    if own and value.__dataclass_fields__ if hasattr(value, "__dataclass_fields__") else False:
        for field in value.__dataclass_fields__:
            if not field.startswith("_"):
                assert f"{field}:" in text, f"{name}.{field} is not described"


@pytest.mark.parametrize("name", ["annotate", "estimate", "load", "load_model"])
def test_every_public_function_is_typed(name: str) -> None:
    signature = inspect.signature(getattr(limner, name))
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty


def test_annotate(clip: Path, tmp_path: Path) -> None:
    made = limner.annotate(str(clip), output=str(tmp_path / "out"), format="csv, jsonl")
    assert [path.name for path in made.paths] == [
        "walk_pose.mp4",
        "walk_pose.csv",
        "walk_pose.jsonl",
    ]
    assert (made.frames, made.people) == (30, 1)
    assert limner.load(made.paths[2]).keypoints.shape == (30, 1, 17, 2)


def test_estimate_is_lazy(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = limner.estimate(clip, lag=0.1, smooth=False)
    assert isinstance(frames, GeneratorType)
    first = next(frames)
    assert (first.index, first.time) == (0, 0.0)
    frames.close()


def test_estimate_sees_every_frame(clip: Path) -> None:
    assert [poses.index for poses in limner.estimate(clip)] == list(range(30))


def test_estimate_a_picture(clip: Path, tmp_path: Path) -> None:
    write_image(tmp_path / "shot.png", Frame(np.zeros((90, 120, 3), np.uint8)))
    (poses,) = limner.estimate(tmp_path / "shot.png")
    assert poses.ids.tolist() == [1]


@pytest.mark.parametrize("function", [limner.annotate, limner.estimate])
class TestNonsense:
    def call(self, function: Any, path: Path | str, **options: Any) -> None:
        result = function(path, **options)
        if inspect.isgenerator(result):
            list(result)

    def test_an_unknown_option(self, function: Any, clip: Path) -> None:
        with pytest.raises(UsageError, match="unknown option 'colour': expected output, overwrite"):
            self.call(function, clip, colour="red")

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"threshold": 2}, "threshold: expected 0 to 1, got 2"),
            ({"max_people": 0}, "max-people: expected 1 or more, got 0"),
            ({"lag": -1}, "lag: expected 0 seconds or more, got -1"),
            ({"start": -1}, "start: expected 0 seconds or more, got -1"),
            ({"start": 2, "end": 1}, r"end: expected later than the start \(2 s\), got 1 s"),
            ({"threads": 0}, "threads: expected 1 or more, got 0"),
            ({"labels": "shoes"}, "labels: expected"),
            ({"format": "pdf"}, "there is no format 'pdf'"),
            ({"format": (), "video": False}, "nothing to write"),
        ],
    )
    def test_options_out_of_range(
        self, function: Any, clip: Path, options: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(UsageError, match=message):
            self.call(function, clip, **options)

    def test_no_such_file(self, function: Any, clip: Path) -> None:
        with pytest.raises(InputError, match=r"nowhere.mp4: no such file"):
            self.call(function, "nowhere.mp4")


def test_annotate_is_for_one_input(clip: Path) -> None:
    make(clip.with_name("second.mp4"), Clip(frames=3))
    with pytest.raises(UsageError, match="expected one video or image, got a folder or pattern"):
        limner.annotate(clip.parent)
