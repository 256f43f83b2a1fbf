"""Files, images, arrays and pipes are read in the same way."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from limner.core.arrays import Image
from limner.core.frame import Frame
from limner.core.steps import run
from limner.errors import InputError
from limner.media.image import write_image
from limner.media.read import VideoReader
from limner.media.sources import open_source
from limner.media.sources.image import ImageSource
from limner.pipeline.steps import track_and_clean
from limner.settings import Settings
from support.clips import Clip, make
from support.people import FakeModel


def images(count: int, size: tuple[int, int] = (120, 160)) -> Iterator[Image]:
    for number in range(count):
        yield np.full((*size, 3), number, np.uint8)


def test_what_a_path_opens(tmp_path: Path) -> None:
    write_image(tmp_path / "one.png", Frame(next(images(1))))
    make(tmp_path / "clip.mp4", Clip(frames=4, width=160, height=120))
    with open_source(tmp_path / "one.png") as image:
        assert isinstance(image, ImageSource)
        assert (image.still, image.repeatable, image.frame_count) == (True, True, 1)
        assert (image.input.width, image.input.height, image.input.frame_count) == (160, 120, 1)
        assert [frame.index for frame in image] == [0]
    with open_source(str(tmp_path / "clip.mp4"), start=0.05) as video:
        assert isinstance(video, VideoReader)
        assert (video.still, video.live, video.repeatable) == (False, False, True)
        assert video.input.path == str(tmp_path / "clip.mp4")
        assert [frame.index for frame in video] == [2, 3]


def test_arrays_are_frames_at_their_rate() -> None:
    with open_source(list(images(6)), rate=25, name="mine", start=0.04, end=0.2) as source:
        assert (source.input.path, source.input.frame_rate) == ("mine", Fraction(25))
        assert (source.still, source.live, source.repeatable) == (False, False, False)
        frames = list(source)
    assert [frame.index for frame in frames] == [1, 2, 3, 4]
    assert [frame.time for frame in frames] == pytest.approx([0.04, 0.08, 0.12, 0.16])
    assert [frame.image[0, 0, 0] for frame in frames] == [1, 2, 3, 4]


def test_a_generator_is_asked_only_for_what_is_taken() -> None:
    taken = []

    def counted() -> Iterator[Image]:
        for number, image in enumerate(images(1000)):
            taken.append(number)
            yield image

    source = open_source(counted())
    assert source.frame_count is None
    for frame in source:
        if frame.index == 3:
            break
    assert len(taken) == 4


def test_frames_keep_their_own_times() -> None:
    own = [Frame(image, 7 + n, 0.3 * n) for n, image in enumerate(images(3))]
    assert [(f.index, f.time) for f in open_source(own)] == [(7, 0.0), (8, 0.3), (9, 0.6)]


def test_people_are_followed_in_arrays() -> None:
    model = FakeModel()
    source = open_source(images(20))
    size = (source.input.width, source.input.height)
    people = track_and_clean(model.info, Settings(lag=0.5), source.input.frame_rate, size)
    seen = list(run(run(source, model.session()), people))
    assert [each.frame.index for each in seen] == list(range(20))
    assert [each.people.ids.tolist() for each in seen] == [[1]] * 20


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ([], "mine: there is no image in it"),
        ([np.zeros((4, 4, 3))], r"expected RGB arrays of 8 bits.* got float64 \(4, 4, 3\) at 0"),
        ([np.zeros((4, 4), np.uint8)], r"got uint8 \(4, 4\) at 0"),
        ([np.zeros((4, 4, 4), np.uint8)], r"got uint8 \(4, 4, 4\) at 0"),
        (["x.png"], "got <class 'str'> at 0"),
        (
            [*images(2), *images(1, (4, 4))],
            "of 160x120 as the first is, got one of 4x4 at 2",
        ),
    ],
)
def test_what_is_no_image(bad: list[Image], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        list(open_source(bad, name="mine"))


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        open_source(tmp_path / "none.mp4")
