"""An option has one name, one meaning and one default, from Python and on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from limner.errors import UsageError
from limner.models.families import MODEL_OPTIONS
from limner.settings import OPTIONS, Options, Settings
from support.cli_run import Limner

# What is typed behind an option, and what Python would say; None: a switch that is turned.
GIVEN: dict[str, tuple[str | None, Any]] = {
    "output": ("made", Path("made")),
    "overwrite": (None, True),
    "format": ("jsonl,coco", ("jsonl", "coco")),
    "angles": (None, True),
    "angles_auto": (None, True),
    "flags": (None, True),
    "video": (None, False),
    "audio": (None, False),
    "output_rate": ("30000/1001", "30000/1001"),
    "input_rate": ("240", 240),
    "codec": ("mpeg4", "mpeg4"),
    "quality": ("7", 7),
    "start": ("0:01", 1.0),
    "end": ("1:30", "1:30"),
    "sequence": ("30000/1001", "30000/1001"),
    "max_megapixels": ("20.5", 20.5),
    "max_people": ("3", 3),
    "person": ("2", 2),
    "roi": ("1,2,30,40", (1, 2, 30, 40)),
    "ignore_still": (None, True),
    "threshold": ("0.4", 0.4),
    "track": (None, False),
    "smooth": (None, False),
    "lag": ("0.25", 0.25),
    "height": ("1=1.75,2=168", {1: 1.75, 2: 1.68}),
    "distance": ("2.5m:410,880,1240,885", "2.5:410,880,1240,885"),
    "calibration": ("Calib.toml", Path("Calib.toml")),
    "checkerboard": ("9x6:30mm", "9x6:3cm"),
    "floor": ("floor.jpg", Path("floor.jpg")),
    "boxes": (None, True),
    "show_flags": (None, True),
    "labels": ("ids,angles", "ids,angles"),
    "style": ("neon", "neon"),
    "background": ("black", "black"),
    "blur_faces": (None, True),
    "trails": ("0.5", 0.5),
    "model": ("openpose-mobilenet-thin", "openpose-mobilenet-thin"),
    "search": ("thorough", "thorough"),
    "net_size": ("368,656", (368, 656)),
    "flip": (None, True),
    "decode": ("highest", "highest"),
    "backend": ("opencv", "opencv"),
    "device": ("gpu", "gpu"),
    "threads": ("2", 2),
    "tutorial": (None, True),
    "line_color": ("#010203", "#010203"),
    "dot_color": ("#010203", "#010203"),
    "text_color": ("#010203", "#010203"),
}
ONLY_TUTORIAL = {"line_color", "dot_color", "text_color"}


@pytest.fixture
def typed(limner: Limner, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what gives the settings that a command line stands for."""
    heard: list[Settings] = []

    def run_all(inputs: Sequence[str], settings: Settings, verbose: bool = False) -> int:
        heard.append(settings)
        return 0

    monkeypatch.setattr("limner.cli.run.run_all", run_all)

    def parse(*words: str) -> Settings:
        done = limner("clip.mp4", *words)
        assert done.code == 0, done.err
        return heard[-1]

    return parse


def test_there_is_one_list_of_names() -> None:
    names = {field.name for field in fields(Settings)} - {"model_options"}
    assert set(OPTIONS) == names | set(MODEL_OPTIONS)
    assert set(Options.__annotations__) == names | {"model_options"} | set(MODEL_OPTIONS)
    assert set(GIVEN) == set(OPTIONS)
    assert not set(MODEL_OPTIONS) & names


def test_the_defaults_are_the_same(typed: Any) -> None:
    assert typed() == Settings()


@pytest.mark.parametrize("name", GIVEN)
def test_each_can_be_given_either_way(name: str, typed: Any) -> None:
    text, value = GIVEN[name]
    dashed = name.replace("_", "-")
    words = [f"--{dashed}", *([] if text is None else [text])]
    if text is None and value is False:
        words = [f"--no-{dashed}"]
    preset = {"tutorial": True} if name in ONLY_TUTORIAL else {}
    if preset:
        words.append("--tutorial")
    from_python = Settings(**{name: value}, **preset)  # type: ignore[arg-type]
    assert typed(*words) == from_python
    assert from_python != Settings(**preset)  # type: ignore[arg-type]
    if text is not None:  # the text that is typed may be given in Python, too
        assert Settings(**{name: text}, **preset) == from_python  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "text"),
    [("start", "soon"), ("roi", "1,2"), ("person", "everyone"), ("threshold", "2"), ("lag", "-1")],
)
def test_what_makes_no_sense_is_said_in_the_same_words(
    name: str, text: str, limner: Limner
) -> None:
    said = limner("clip.mp4", f"--{name}={text}")
    assert said.code == 2
    with pytest.raises(UsageError) as caught:
        Settings(**{name: text})  # type: ignore[arg-type]
    assert said.err.strip() == f"limner: {caught.value}"


SNIPPETS = [
    ('limner.annotate("a.mp4", overwrite=True, start="1:30", search="fast")', None),
    ('limner.annotate("a.mp4", model_options={"search": "thorough"})', None),
    ('list(limner.estimate("a.mp4", max_people=2, smooth=False))', None),
    ('limner.annotate("a.mp4", overwrit=True)', 'Unexpected keyword argument "overwrit"'),
    ('limner.annotate("a.mp4", overwrite="yes")', 'expected "bool"'),
    ('limner.annotate("a.mp4", formats="csv")', 'Unexpected keyword argument "formats"'),
    ('limner.estimate("a.mp4", most_people=2)', 'Unexpected keyword argument "most_people"'),
]


def test_type_checkers_know_the_options(tmp_path: Path) -> None:
    mypy = pytest.importorskip("mypy.api")
    lines = ["import limner", *(code for code, _ in SNIPPETS)]
    snippet = tmp_path / "snippet.py"
    snippet.write_text("\n".join(lines) + "\n")
    config = Path(__file__).parents[1] / "pyproject.toml"
    said, trouble, _ = mypy.run(
        [
            str(snippet),
            "--config-file",
            str(config),
            "--no-error-summary",
            "--follow-imports=silent",
        ]
    )
    assert trouble == ""
    for number, (_, expected) in enumerate(SNIPPETS, start=2):
        errors = [line for line in said.splitlines() if f":{number}: error" in line]
        assert len(errors) == (expected is not None), said
        if expected is not None:
            assert expected in errors[0]
