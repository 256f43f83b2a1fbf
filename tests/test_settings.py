"""Settings: what a run was told, as one value."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from limner.errors import UsageError
from limner.settings import Settings

SOURCE = Path(__file__).parents[1] / "src" / "limner"


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(search="fast", start="0:02", person="3", roi="1,2,30,40", output="there"),
        Settings(tutorial=True, line_color="#010203", threshold=0.3),
    ],
)
def test_it_travels(settings: Settings) -> None:
    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301 - our own
    assert copy.deepcopy(settings) == settings
    assert copy.copy(settings) == settings
    assert replace(settings) == settings
    assert hash(replace(settings)) == hash(settings)


def test_it_does_not_change() -> None:
    settings = Settings()
    with pytest.raises(FrozenInstanceError):
        settings.track = False  # type: ignore[misc]
    other = replace(settings, smooth=False)
    assert (settings.smooth, other.smooth) == (True, False)


@pytest.mark.parametrize(
    ("settings", "recorded"),
    [
        (Settings(), {"track": True, "smooth": True}),
        # What only bears on how it looks is not in the recording.
        (Settings(boxes=True, style="neon", trails=1, overwrite=True, threads=2), {}),
        (Settings(track=False), {"track": False, "smooth": False}),
        (Settings(smooth=False), {"smooth": False}),
        (Settings(start=1, end="0:02"), {"start": 1.0, "end": 2.0}),
        (Settings(max_people=2, person="largest"), {"max_people": 2, "person": "largest"}),
        (Settings(search="fast"), {"search": "fast"}),
        (Settings(model_options={"net_size": "432"}), {"net_size": (432,)}),
        (
            Settings(tutorial=True),
            {"tutorial": True, "track": False, "smooth": False, "decode": "highest"},
        ),
    ],
)
def test_the_recording_holds_what_bears_on_the_numbers(
    settings: Settings, recorded: dict[str, object]
) -> None:
    assert settings.recorded() == {"track": True, "smooth": True} | recorded


@pytest.mark.parametrize("name", ["searchh", "most_people"])
def test_an_unknown_name_is_refused_with_all_that_are_known(name: str) -> None:
    with pytest.raises(UsageError, match=f"unknown option '{name}': expected output, .*search"):
        Settings(**{name: 1})  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=f"unknown option '{name}'"):
        Settings(model_options={name: 1})  # type: ignore[misc]


def test_few_files_know_the_tutorial() -> None:
    """It is a mode of the program; what carries it out is kept together."""
    knowing = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if "tutorial" in path.read_text("utf-8").lower()
    }
    assert knowing == {
        "settings.py",
        "pipeline/render.py",
        "drawing/tutorial.py",
        "models/openpose/highest.py",
    }
