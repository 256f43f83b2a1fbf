"""MoveNet MultiPose: made-up outputs with known people, its sizes, and the real network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner import load_model
from limner.core.arrays import Floats, Image
from limner.core.frame import Frame
from limner.core.skeletons import COCO_17
from limner.core.steps import run
from limner.errors import ModelError, UsageError
from limner.media.image import read_image
from limner.models.catalogue import catalogue
from limner.models.movenet import multipose
from limner.models.movenet.multipose import MultiPose, fit
from limner.models.sizes import Size
from limner.models.store import ensure
from limner.runtime import Running, Runtime
from support.material import not_there


@pytest.fixture(scope="module")
def files() -> list[Path]:
    try:
        return ensure(catalogue().model("movenet-multipose").files)
    except ModelError as error:
        not_there(f"needs movenet-multipose: {error}")


class Answer:
    """A network that always gives the same people, and remembers what it was given."""

    backend, device, precision = "none", "none", "f32"

    def __init__(self, people: Floats) -> None:
        self.people = people
        self.given: list[Floats] = []
        self.sizes: list[Size | None] = []

    def __call__(self, batch: Floats) -> dict[str, Floats]:
        self.given.append(batch)
        return {"out": self.people}

    def start(self, batch: Floats) -> Running:
        answer = self(batch)
        return lambda: answer


def model(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, max_people: int | None = None
) -> MultiPose:
    """Return the model with a made-up network, whose scores are left as they are."""

    class Networks:
        at_once = 1

        def __init__(self, path: Path, runtime: Runtime) -> None:
            pass

        def load(self, size: Size | None, *, repeated: bool = False) -> Answer:
            answer.sizes.append(size)
            return answer

    monkeypatch.setattr(multipose, "SizedNetworks", Networks)
    # Any file that is there.
    return MultiPose([Path(__file__)], max_people=max_people, calibration=None)


def people(*scores: float) -> Floats:
    """Return (1, 6, 56) an output: keypoints that tell who and which, and people's scores."""
    found = np.zeros((1, 6, 56), np.float32)
    for person, score in enumerate(scores):
        keypoints = np.empty((17, 3))
        keypoints[:, 0] = 0.1 * person + 0.01  # y
        keypoints[:, 1] = np.arange(17) / 20  # x
        keypoints[:, 2] = (np.arange(17) + person) / 30
        found[0, person, :51] = keypoints.ravel()
        found[0, person, -1] = score
    return found


def test_people_are_where_the_network_says_best_first(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answer(people(0.3, 0.8, 0.5))
    frame = Frame(np.zeros((300, 512, 3), np.uint8), 7, 0.25)
    (poses,) = model(monkeypatch, answer).estimate([frame])
    assert (len(poses), poses.index, poses.time, poses.skeleton) == (3, 7, 0.25, COCO_17)
    assert poses.person_scores == pytest.approx([0.8, 0.5, 0.3])
    # The image of 512x300 is 256x150 in an input of 256x160.
    for place, person in enumerate((1, 2, 0)):
        expected = np.stack(
            [np.arange(17) / 20 * 512, np.full(17, (0.1 * person + 0.01) * 320)], axis=1
        )
        np.testing.assert_allclose(poses.keypoints[place], expected, atol=1e-3)
        np.testing.assert_allclose(poses.scores[place], (np.arange(17) + person) / 30, atol=1e-6)


def test_who_is_nobody_and_who_is_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answer(people(0.019, 0.8, 0.5, 0.6))
    frame = Frame(np.zeros((256, 256, 3), np.uint8))
    assert len(model(monkeypatch, answer).estimate([frame])[0]) == 3
    (best,) = model(monkeypatch, answer, max_people=2).estimate([frame])
    assert best.person_scores == pytest.approx([0.8, 0.6])
    (none,) = model(monkeypatch, Answer(people())).estimate([frame])
    assert none.keypoints.shape == (0, 17, 2)


def test_what_the_network_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """RGB from 0 to 255 in the upper left, black beside it."""
    image: Image = np.empty((200, 512, 3), np.uint8)
    image[:] = (200, 150, 100)
    image[100:140, 200:240] = 255  # 50 to 70 and 100 to 120 at half the size
    answer = Answer(people())
    model(monkeypatch, answer).estimate([Frame(image)])
    (batch,) = answer.given
    assert batch.shape == (1, 128, 256, 3)
    assert batch.dtype == np.float32
    white = np.argwhere((batch[0] == 255).all(axis=2))
    assert (white.min(axis=0).tolist(), white.max(axis=0).tolist()) == ([50, 100], [69, 119])
    assert batch[0, 40, 128].tolist() == [200, 150, 100]
    assert batch[0, 97, 250].tolist() == [200, 150, 100]
    assert batch[0, 104, 128].tolist() == [0, 0, 0]


def test_a_video_has_networks_for_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answer(people(0.5))
    tested = model(monkeypatch, answer)
    frame = Frame(np.zeros((300, 512, 3), np.uint8))
    tested.estimate([frame])
    assert answer.sizes[-1] is None
    (seen,) = run([frame], tested.session())
    assert answer.sizes[-1] == (256, 160)
    assert len(seen.people) == 1


@given(st.integers(1, 8000), st.integers(1, 8000), st.sampled_from([256, 288, 320, 384, 448, 512]))
def test_the_whole_image_lies_in_the_input(width: int, height: int, net_size: int) -> None:
    (across, down), scale = fit(width, height, net_size)
    assert max(across, down) == net_size
    assert across % 32 == down % 32 == 0
    for side, room in ((width, across), (height, down)):
        assert side / scale <= room * (1 + 1e-9)
        assert room - side / scale < 32


@pytest.mark.parametrize("net_size", [0, 100, 224, 300, 544, 2048, (256, 384), -256])
def test_sizes_that_it_does_not_take(net_size: int | tuple[int, ...]) -> None:
    match = r"net size .*: expected one multiple of 32 from 256 to 512 pixels for MoveNet MultiPose"
    with pytest.raises(UsageError, match=match):
        MultiPose([Path(__file__)], net_size=net_size)


def test_no_people_are_wanted() -> None:
    with pytest.raises(UsageError, match="max people 0: expected 1 or more"):
        MultiPose([Path(__file__)], max_people=0)


def test_another_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Answer(np.zeros((1, 1, 17, 3), np.float32))
    with pytest.raises(ModelError, match=r"expected 6 people of 56 numbers out, got \(1, 1, 17"):
        model(monkeypatch, answer).estimate([Frame(np.zeros((9, 9, 3), np.uint8))])


def test_the_real_network_sees_three_people(files: list[Path], shared: Path) -> None:
    """At every size, and the same in a video as in an image."""
    frame = read_image(shared / "data/images/p3.jpg")
    found = []
    for net_size in (256, 384):
        tested = load_model("movenet-multipose", Runtime(threads=1), net_size=net_size)
        (poses,) = tested.estimate([frame])
        shown = poses[poses.person_scores >= tested.info.person_threshold]
        assert len(shown) == 3
        order = np.argsort(shown.keypoints[:, 0, 0])
        found.append(shown[order])
    sure = np.minimum(found[0].scores, found[1].scores) > 0.8
    apart = np.linalg.norm(found[0].keypoints - found[1].keypoints, axis=2)[sure]
    assert np.median(apart) < 0.02 * frame.height
    # One network in two shapes: fixed for a video, any for an image.
    tested = load_model("movenet-multipose", Runtime(threads=1))
    (seen,) = run([frame], tested.session())
    np.testing.assert_allclose(
        seen.people.keypoints[:3], tested.estimate([frame])[0].keypoints[:3], atol=3
    )
