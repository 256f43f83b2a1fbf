"""Nobody who was found is left out without a word: the result says how many, and why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limner.core.arrays import Floats
from limner.media.inputs import Input
from limner.pipeline.annotate import annotate_input
from limner.settings import Settings
from support.clips import Clip, make
from support.people import FakeModel, one_walker


def two(frame: int, width: int, height: int) -> list[Floats]:
    """Return somebody who walks, and the same person half as large beside."""
    (walker,) = one_walker(frame, width, height)
    return [walker, walker * np.float32(0.4)]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make(tmp_path / "walk.mp4", Clip(frames=40, width=160, height=120))


@pytest.mark.parametrize(
    ("options", "left_out"),
    [
        ({}, []),
        ({"max_people": 1}, ["1 not asked for"]),
        ({"roi": (0, 0, 1, 1)}, ["2 not asked for"]),
    ],
)
def test_who_is_not_asked_for(clip: Path, options: dict[str, object], left_out: list[str]) -> None:
    settings = Settings(output=clip.parent / "made", video=False, **options)  # type: ignore[arg-type]
    result = annotate_input(Input(clip), FakeModel(two), settings)
    assert result.left_out == left_out
    assert result.people + sum(int(each.split()[0]) for each in left_out) == 2
