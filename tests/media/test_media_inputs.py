"""Inputs: files, folders and globs; single images."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from limner.core.frame import Frame
from limner.errors import InputError, OutputError
from limner.media.image import read_image, write_image
from limner.media.inputs import expand
from limner.media.probe import probe
from support.clips import Clip, make, picture, white_corner


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    image = Frame(picture(1, 160, 96))
    for name in ("frame10.png", "frame2.jpg", "frame1.png"):
        write_image(tmp_path / name, image)
    make(tmp_path / "clip.mp4", Clip(frames=2))
    (tmp_path / "notes.txt").write_text("nothing to see")
    (tmp_path / ".hidden.png").write_bytes(b"x")
    return tmp_path


def names(inputs: list[str]) -> list[tuple[str, str]]:
    sources = expand(inputs)
    assert [source.error for source in sources] == [None] * len(sources)
    return [(source.path.name, source.kind) for source in sources]


def test_folder(folder: Path) -> None:
    assert names([str(folder)]) == [
        ("clip.mp4", "video"),
        ("frame1.png", "image"),
        ("frame2.jpg", "image"),
        ("frame10.png", "image"),
    ]


def test_globs_and_files(folder: Path) -> None:
    assert [name for name, _ in names([str(folder / "frame*")])] == [
        "frame1.png",
        "frame2.jpg",
        "frame10.png",
    ]
    clip = str(folder / "clip.mp4")
    assert names([clip, str(folder / "*.mp4"), clip]) == [("clip.mp4", "video")]


def test_brackets_in_a_name_are_no_pattern(folder: Path) -> None:
    odd = folder / "take [2].mp4"
    (folder / "clip.mp4").rename(odd)
    assert names([str(odd)]) == [("take [2].mp4", "video")]


def test_content_decides_without_a_known_ending(folder: Path) -> None:
    clip, image = folder / "clip", folder / "image.dat"
    (folder / "clip.mp4").rename(clip)
    (folder / "frame1.png").rename(image)
    assert names([str(clip), str(image)]) == [("clip", "video"), ("image.dat", "image")]


def test_one_bad_input_does_not_hide_the_others(folder: Path) -> None:
    empty = folder / "empty.mp4"
    empty.touch()
    nothing = folder / "nothing"
    nothing.mkdir()
    sources = expand(
        [
            "no/such.mp4",
            str(empty),
            str(nothing),
            str(folder / "*.webm"),
            str(folder / "notes.txt"),
            str(folder / "clip.mp4"),
        ]
    )
    messages = [str(source.error or "") for source in sources]
    assert messages[0].endswith("such.mp4: no such file or folder")
    assert messages[1].endswith("empty.mp4: the file is empty (0 bytes)")
    assert messages[2].endswith("this folder has no video or image directly inside it")
    assert messages[3].endswith("no video or image matches this pattern")
    assert messages[4].endswith("notes.txt: this is neither a video nor an image")
    assert messages[5] == ""
    assert all(isinstance(source.error, InputError) for source in sources[:5])


def test_nothing_at_all() -> None:
    assert expand([]) == []


# EXIF orientation: which corner of the stored image is at the top left when displayed,
# and whether width and height change places (Exif 2.3, tag 0x0112).
ORIENTATIONS = {
    1: "top left",
    2: "top right",
    3: "bottom right",
    4: "bottom left",
    5: "top left",
    6: "top right",
    7: "bottom right",
    8: "bottom left",
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_exif_orientation(tmp_path: Path, orientation: int) -> None:
    done, data = cv2.imencode(".jpg", picture(0, 160, 96)[..., ::-1])
    assert done
    tag = bytes([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0])
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + tag + b"\0\0\0\0"
    segment = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    path = tmp_path / "turned.jpg"
    path.write_bytes(data.tobytes()[:2] + segment + data.tobytes()[2:])
    frame = read_image(path)
    assert (frame.width, frame.height) == ((96, 160) if orientation >= 5 else (160, 96))
    assert white_corner(frame.image) == ORIENTATIONS[orientation]
    info = probe(path)
    assert (info.kind, info.width, info.height) == ("image", frame.width, frame.height)
    stored = read_image(path, upright=False)
    assert (stored.width, stored.height) == (160, 96)
    assert white_corner(stored.image) == ORIENTATIONS[1]


@pytest.mark.parametrize(
    "image",
    [
        np.full((6, 8), 100, np.uint8),
        np.full((6, 8), 100 * 257, np.uint16),
        np.full((6, 8, 3), 100 * 257, np.uint16),
        np.full((6, 8, 4), 100, np.uint8),
    ],
    ids=["grey", "grey 16", "rgb 16", "alpha"],
)
def test_kinds_of_pixels(tmp_path: Path, image: np.ndarray) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), image)
    frame = read_image(path)
    assert frame.image.shape == (6, 8, 3)
    assert frame.image.dtype == np.uint8
    assert np.all(frame.image == 100)


def test_written_pictures_read_back(tmp_path: Path) -> None:
    image = picture(5, 160, 96)
    path = tmp_path / "größe.png"
    write_image(path, Frame(image))
    assert np.array_equal(read_image(path).image, image)


def test_bad_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with pytest.raises(InputError, match="no such file"):
        read_image(path)
    path.write_text("text")
    with pytest.raises(InputError, match=r"a\.png: this is not an image that can be read"):
        read_image(path)
    path.write_bytes(b"")
    with pytest.raises(InputError, match="0 bytes"):
        read_image(path)
    with pytest.raises(OutputError, match=r"ending '\.doc'"):
        write_image(tmp_path / "a.doc", Frame(picture(0, 8, 8)))
    with pytest.raises(OutputError, match="cannot write"):
        write_image(tmp_path / "none" / "a.png", Frame(picture(0, 8, 8)))


def test_real_pictures(shared: Path) -> None:
    sources = expand([str(shared / "data" / "images")])
    assert [source.path.name for source in sources] == sorted(
        source.path.name for source in sources
    )
    for source in sources:
        assert source.kind == "image"
        assert read_image(source.path).image.min() < 255
