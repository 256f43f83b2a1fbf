"""Cameras that are calibrated with a checkerboard, drawn as a known lens shows it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from limner.core.arrays import Doubles, Image
from limner.core.info import InputInfo
from limner.errors import UsageError
from limner.motion.scale.checkerboard import Checkerboard, calibrate
from limner.recording.metres import Given, reference_for, scaled
from support.clips import Clip, make
from support.scenes import View, Walker, film, found, truth

SIZE = (640, 480)
VIEW = View(height=1.8, focal=540, lens=(-0.2, 0.05, 0.001, -0.0005), size=SIZE, pitch=12)
BOARD = Checkerboard(8, 5, 0.05)
FILM = InputInfo("film.mp4", *SIZE)
# Where the board is held, and how it is tilted about its x and its y.
HELD = [
    ((0.0, 0.0, 0.9), (25, 0)),
    ((-0.25, 0.1, 0.9), (0, 30)),
    ((0.25, -0.1, 0.9), (-25, 10)),
    ((0.2, 0.15, 0.8), (20, -30)),
    ((-0.2, -0.15, 0.8), (-20, -25)),
    ((-0.3, 0.2, 1.0), (30, 20)),
    ((0.3, 0.2, 1.0), (-30, 20)),
    ((0.3, -0.2, 1.0), (15, -35)),
    ((-0.3, -0.2, 1.0), (35, 5)),
    ((0.0, 0.1, 0.7), (-10, 25)),
]


def held(place: Sequence[float], tilt: Sequence[float]) -> Image:
    a, b = np.radians(tilt)
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    return VIEW.board(BOARD.columns, BOARD.rows, 0.05, about_y @ about_x, np.array(place))


def on_floor(place: tuple[float, float], turned: float = 20) -> Image:
    """The board on the floor before the camera, its rows turned by some degrees."""
    turn = np.radians(turned)
    board = np.array(
        [[np.cos(turn), np.sin(turn), 0], [np.sin(turn), -np.cos(turn), 0], [0, 0, -1]]
    )
    middle = VIEW.turn @ np.array([*place, 0.0]) + VIEW.shift
    return VIEW.board(BOARD.columns, BOARD.rows, 0.12, VIEW.turn @ board, middle)


@pytest.fixture(scope="module")
def images() -> list[Image]:
    return [held(*each) for each in HELD]


@pytest.fixture(scope="module")
def folder(images: list[Image], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("board")
    for number, image in enumerate(images):
        cv2.imwrite(str(path / f"board_{number}.png"), image)
    return path


def grid() -> Doubles:
    """Pixels all over where the board was."""
    return (
        np.stack(np.meshgrid(np.arange(80, 570, 35), np.arange(60, 430, 30)), axis=-1)
        .reshape(-1, 2)
        .astype(np.float64)
    )


def test_the_lens_is_found(images: list[Image]) -> None:
    camera = calibrate(images, BOARD, "board")
    assert camera.size == SIZE
    assert camera.focal == pytest.approx(VIEW.focal, rel=0.01)
    assert not camera.placed
    straight = VIEW.rays(grid()) * VIEW.focal + VIEW.middle
    off = np.linalg.norm(camera.undistort(grid()) - straight, axis=1)
    bent = np.linalg.norm(grid() - straight, axis=1)
    assert bent.max() > 5
    assert np.median(off) < 1
    assert off.max() < 3


def test_a_folder_and_a_video_of_the_board(
    folder: Path, images: list[Image], tmp_path: Path
) -> None:
    def draw(number: int, width: int, height: int) -> Image:
        return images[number // 6]

    kind = Clip(width=SIZE[0], height=SIZE[1], frames=6 * len(images))
    clip = make(tmp_path / "board.mp4", kind, draw)
    for path in (folder, clip):
        reference = reference_for(FILM, height=1.75, calibration=path, checkerboard="8x5")
        camera = reference.camera
        assert camera is not None
        assert camera.focal == pytest.approx(VIEW.focal, rel=0.015)
        assert str(reference) == f"height 1.75, calibration {path.name}"


def test_a_board_on_the_floor_gives_metres(folder: Path, tmp_path: Path) -> None:
    """With nobody's height told."""
    path = tmp_path / "floor.png"
    cv2.imwrite(str(path), on_floor((0.2, 3.5)))
    walker = Walker(1.75, (-1.4, 5), speed=0.9, step=0.45)
    walk = film(VIEW, {1: walker})
    told: Given = {"calibration": folder, "checkerboard": "8x5:12cm", "floor": path}
    recording = scaled(walk, **told)
    there, known = found(recording, "hip"), truth(walker, recording, "hip")
    assert np.abs(there[:, 1] - known[:, 1]).max() < 0.08
    gone = there[-1, 0] - there[0, 0]
    assert gone == pytest.approx(known[-1, 0] - known[0, 0], rel=0.03)
    camera = reference_for(FILM, **told).camera
    assert camera is not None
    assert camera.place[2] == pytest.approx(VIEW.height, rel=0.03)
    # A calibration file knows the lens as well.
    (tmp_path / "Calib.toml").write_text(VIEW.toml(placed=False))
    file: Given = {
        "calibration": tmp_path / "Calib.toml",
        "checkerboard": "8x5:12cm",
        "floor": path,
    }
    known_lens = reference_for(FILM, **file).camera
    assert known_lens is not None
    assert known_lens.place[2] == pytest.approx(VIEW.height, rel=0.01)
    assert known_lens.roll == pytest.approx(0, abs=0.5)


def test_one_image_will_do_where_it_tells_the_lens(images: list[Image]) -> None:
    facing = held((0, 0, 0.8), (0, 0))
    with pytest.raises(UsageError, match="does not tell the lens: in its 1 different views"):
        calibrate([facing], BOARD, "board")
    with pytest.raises(UsageError, match="in its 1 different views"):
        calibrate([facing] * 12, BOARD, "board")
    with pytest.raises(UsageError, match="hold it in ten or more ways"):
        calibrate([held((0, 0, 0.8), (5, 0))], BOARD, "board")
    with pytest.raises(UsageError, match="in its 2 different views"):
        calibrate([facing, held((0.2, 0.1, 0.9), (0, 0))], BOARD, "board")
    some = calibrate(images[:6], BOARD, "board")
    assert some.focal == pytest.approx(VIEW.focal, rel=0.03)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"checkerboard": "9x6"}, r"no checkerboard with 9x6 inner corners .* 10 images; count"),
        ({"checkerboard": None}, "give the checkerboard in it as well"),
        ({"checkerboard": "8"}, "such as 9x6, or 9x6:30mm"),
        ({"checkerboard": "2x2"}, "from 3 to 100 inner corners"),
        ({"checkerboard": "8x5:5"}, "such as 9x6, or 9x6:30mm"),
        ({"checkerboard": "8x5:2m"}, "at most 1 m"),
        ({"calibration": None}, "checkerboard: give the calibration as well"),
        ({"height": None}, "gives no metres by itself; give --height"),
        ({"floor": "FOLDER/board_0.png"}, "its squares must be known as well, such as 8x5:30mm"),
        ({"floor": "FOLDER/board_0.png", "checkerboard": "7x7:5cm"}, "no checkerboard with 7x7"),
    ],
)
def test_what_a_board_does_not_tell(folder: Path, told: Given, sentence: str) -> None:
    given: Given = {"height": 1.75, "calibration": folder, "checkerboard": "8x5", **told}
    if given.get("floor"):
        given["floor"] = str(given["floor"]).replace("FOLDER", str(folder))
    with pytest.raises(UsageError, match=sentence):
        reference_for(FILM, **given)


def test_images_of_another_size(folder: Path) -> None:
    other = InputInfo("film.mp4", 1920, 1080)
    with pytest.raises(UsageError, match="640x480 pixels, and the video has 1920x1080"):
        reference_for(other, height=1.75, calibration=folder, checkerboard="8x5")


def test_an_image_without_a_board(tmp_path: Path) -> None:
    path = tmp_path / "nothing.png"
    cv2.imwrite(str(path), np.full((480, 640, 3), 90, np.uint8))
    with pytest.raises(UsageError, match="inner corners is found in its 1 images"):
        reference_for(FILM, height=1.75, calibration=path, checkerboard="8x5")
