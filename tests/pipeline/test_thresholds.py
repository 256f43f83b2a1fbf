"""Scores are measured by what the model says of them, unless the user says otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import limner
from limner.media.inputs import expand
from limner.models import calibration
from limner.models.openpose import model as openpose
from limner.pipeline.annotate import annotate_input
from limner.settings import Settings
from support.cli_run import Limner
from support.people import FakeModel


class Shy(FakeModel):
    """A model whose scores, 0.9 throughout, mean less than most."""

    person_threshold = 0.95
    keypoint_threshold = 0.92


class Bold(FakeModel):
    """A model whose scores mean more than most."""

    person_threshold = 0.1
    keypoint_threshold = 0.05


def recorded(path: Path, model: FakeModel, **options: Any) -> limner.Recording:
    (source,) = expand([str(path)])
    made = annotate_input(source, model, Settings(format=("jsonl",), **options))
    return limner.load(made.paths[-1])


def test_what_the_networks_say() -> None:
    assert (calibration.PERSON_THRESHOLD, calibration.KEYPOINT_THRESHOLD) == (0.37, 0.6)
    assert (openpose.PERSON_THRESHOLD, openpose.KEYPOINT_THRESHOLD) == (0.15, 0.2)


def test_who_is_sure_is_the_models_to_say(clip: Path) -> None:
    assert recorded(clip, Bold(), video=False).people == (1,)
    assert recorded(clip, Shy(), video=False, overwrite=True).people == ()


@pytest.mark.parametrize(("model", "expected"), [(FakeModel(), 0.3), (Bold(), 0.05)])
def test_the_recording_says_the_threshold(clip: Path, model: FakeModel, expected: float) -> None:
    assert recorded(clip, model, video=False).header.threshold == expected
    own = recorded(clip, model, video=False, threshold=0.6, overwrite=True)
    assert own.header.threshold == 0.6
    none = recorded(clip, model, video=False, threshold=0, overwrite=True)
    assert none.header.threshold == 0


def test_net_sizes_on_the_command_line(fake: Limner, clip: Path) -> None:
    assert fake(clip, "--net-size", "368,656,960", "--flip").code == 0
    assert fake.settings[-1].model_options == {"net_size": (368, 656, 960), "flip": True}
    for text in ("", "big", "368,", "3.5"):
        refused = fake(clip, "--net-size", text)
        assert refused.code == 2
        assert "net-size: expected pixels such as 432" in refused.err
