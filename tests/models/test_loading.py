"""Models by name and by path: what is known is run as it should be, whatever it is called."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from limner.errors import ModelError, UsageError
from limner.media.image import read_image
from limner.models.blazepose.search import SEARCHES
from limner.models.catalogue import catalogue
from limner.models.families import FAMILIES, MODEL_OPTIONS, ModelOptions, Search
from limner.models.loading import _LOADERS, load_model
from limner.models.openpose import OpenPose, Preprocess
from limner.models.openpose.highest import HighestPoints
from limner.models.store import matches
from limner.pipeline.opening import open_model
from limner.settings import Settings


@pytest.fixture(scope="module")
def graphs(shared: Path) -> Path:
    return shared / "models/openpose-mobilenet-v2-small"


def test_a_known_network_is_run_as_the_catalogue_says(
    graphs: Path, shared: Path, tmp_path: Path
) -> None:
    renamed = tmp_path / "my network.pb"
    shutil.copy(graphs / "graph_opt.pb", renamed)
    frame = read_image(shared / "data/images/p3.jpg")
    model = load_model(str(renamed))
    assert model.info.name == "openpose-mobilenet-v2-small"
    assert [network.file for network in model.info.networks] == ["my network.pb"]
    as_trained = OpenPose([renamed], name="small", preprocess=Preprocess("bgr", 0, 1))
    expected = as_trained.estimate([frame])[0]
    assert len(expected) >= 3
    np.testing.assert_array_equal(model.estimate([frame])[0].keypoints, expected.keypoints)


def test_an_unknown_network_gets_the_tutorials_pixels(graphs: Path, shared: Path) -> None:
    path = graphs / "graph_opt_368.pb"
    frame = read_image(shared / "data/images/p3.jpg")
    model = load_model(str(path))
    assert model.info.name == str(path)
    as_the_tutorial = OpenPose([path], name="any", preprocess=Preprocess("rgb", 127.5, 1))
    expected = as_the_tutorial.estimate([frame])[0]
    assert len(expected)
    np.testing.assert_array_equal(model.estimate([frame])[0].keypoints, expected.keypoints)


def test_contents_are_compared_not_names(graphs: Path, tmp_path: Path) -> None:
    (small,) = catalogue().model("openpose-mobilenet-v2-small").files
    whole = graphs / "graph_opt.pb"
    assert matches(small, whole)
    assert not matches(small, graphs / "graph_opt_368.pb")
    changed = tmp_path / "graph_opt.pb"
    content = bytearray(whole.read_bytes())
    content[1000] ^= 1
    changed.write_bytes(content)
    assert not matches(small, changed)
    changed.write_bytes(whole.read_bytes()[:-1])
    assert not matches(small, changed)
    with pytest.raises(ModelError, match="cannot be read"):
        matches(small, tmp_path / "missing.pb")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("blazepose-full", {"net_size": (432,)}, "net-size: model blazepose-full has no such"),
        (
            "balanced",
            {"flip": True},
            "flip: model balanced has no such option; it has search; those with --flip: "
            "openpose-mobilenet-thin",
        ),
        ("blazepose-full", {"flip": True}, "flip: model blazepose-full has no such option"),
        (
            "openpose-mobilenet-thin",
            {"search": "fast"},
            "search: model openpose-mobilenet-thin has no such option; it has decode, flip, "
            "net-size",
        ),
    ],
)
def test_what_a_model_cannot_do_is_refused_before_it_is_fetched(
    name: str,
    options: dict[str, Any],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIMNER_CACHE", str(tmp_path))
    with pytest.raises(UsageError, match=message):
        load_model(name, **options)
    assert list(tmp_path.iterdir()) == []


def test_options_reach_the_network(graphs: Path, shared: Path) -> None:
    frame = read_image(shared / "data/images/p3.jpg")
    path = str(graphs / "graph_opt.pb")
    model = load_model(path, net_size=(256, 368), flip=True, max_people=2)
    assert isinstance(model, OpenPose)
    rows, columns, _ = model.maps(frame).shape
    assert max(rows, columns) == 368 // 8
    assert len(model.estimate([frame])[0]) == 2
    with pytest.raises(UsageError, match="net size 0: expected 64 to 2048 pixels"):
        load_model(path, net_size=(0,))
    with pytest.raises(UsageError, match="net size 100000: expected 64 to 2048 pixels"):
        load_model(path, net_size=(432, 100000))
    with pytest.raises(UsageError, match=r"takes images of 368x368 only, .*leave the net size"):
        load_model(str(graphs / "graph_opt_368.pb"), net_size=(432,))


def test_the_highest_points_are_had_of_any_openpose_network(graphs: Path) -> None:
    model = load_model(str(graphs / "graph_opt.pb"), decode="highest")
    assert isinstance(model, HighestPoints)
    assert model.info.name == "openpose-mobilenet-v2-small"
    assert model.info.keypoint_threshold == 0.2
    fixed = load_model(str(graphs / "graph_opt_368.pb"), decode="highest", threshold=0.1)
    assert fixed.info.name == str(graphs / "graph_opt_368.pb")
    assert fixed.info.keypoint_threshold == 0.1
    everyone = load_model(str(graphs / "graph_opt.pb"), decode="fields", threshold=0.1)
    assert isinstance(everyone, OpenPose)
    assert everyone.info.keypoint_threshold == 0.6
    assert isinstance(
        load_model(str(graphs / "graph_opt.pb"), decode="highest", max_people=3), HighestPoints
    )


def test_the_highest_points_are_those_of_one_network(graphs: Path) -> None:
    with pytest.raises(ModelError, match="expected one network file for OpenPose, got 2"):
        HighestPoints([graphs / "graph_opt.pb"] * 2, name="two")
    with pytest.raises(UsageError, match="threshold 2: expected 0 to 1"):
        HighestPoints([graphs / "graph_opt.pb"], name="two", threshold=2)


@pytest.mark.parametrize(
    ("options", "said"),
    [({"flip": True}, "without flip"), ({"flip": True, "net_size": 432}, "without net-size, flip")],
)
def test_what_the_highest_points_cannot_do_is_refused_before_anything_is_fetched(
    options: ModelOptions, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIMNER_CACHE", str(tmp_path))  # and nothing is in it
    with pytest.raises(UsageError, match=f"decode: the highest points are those .*, {said}"):
        load_model("openpose-mobilenet-thin", decode="highest", **options)  # type: ignore[misc]
    assert not any(tmp_path.iterdir())


def test_the_tutorial_takes_no_other_network(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="tutorial: expected an OpenPose network, and model blaz"):
        Settings(tutorial=True, model="blazepose-full")
    with pytest.raises(ModelError, match=r"gone.pb: no such network file"):
        open_model(Settings(tutorial=True, model=tmp_path / "gone.pb"))
    with pytest.raises(UsageError, match="unknown model 'openpose-thin'"):
        open_model(Settings(tutorial=True, model="openpose-thin"))


def test_options_are_read_as_on_the_command_line(graphs: Path, shared: Path) -> None:
    frame = read_image(shared / "data/images/p3.jpg")
    model = load_model(str(graphs / "graph_opt.pb"), net_size="256,368")
    assert isinstance(model, OpenPose)
    rows, columns, _ = model.maps(frame).shape
    assert max(rows, columns) == 368 // 8
    with pytest.raises(UsageError, match="search: expected fast, normal, thorough or mediapipe"):
        load_model("blazepose-full", search="hopeful")  # type: ignore[arg-type]


def test_each_family_has_its_options_and_what_loads_it() -> None:
    assert FAMILIES.keys() == _LOADERS.keys() == {m.family for m in catalogue().models.values()}
    assert get_args(Search) == tuple(SEARCHES)
    assert ModelOptions.__annotations__.keys() == MODEL_OPTIONS.keys()
    for name, option in MODEL_OPTIONS.items():
        # One name means one thing, whichever family has it.
        for family in FAMILIES.values():
            assert family.get(name, option) == option
