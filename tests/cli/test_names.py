"""Whatever name the file system takes works, or gets its sentence before the first frame."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import limner as package
from support.cli_run import Limner, Run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows allows no such names")


def results(run: Run) -> list[str]:
    assert run.code == 0, run.err
    return [line for line in run.out.splitlines() if line.endswith((".mp4", ".png"))]


@pytest.mark.parametrize(
    "name",
    [
        "~walk.mp4",
        "~root.mp4",
        "take:1.mp4",
        "[a]{b}!.mp4",
        "-",
        " .mp4",
        "a\nb.mp4",
        "a\tb\x1b[31m.mp4",
        "%d.mp4",
        "w" * 236 + ".mp4",
        "\u00e9t\u00e9 \u202e\U0001f600.mp4",
    ],
)
def test_a_name_works_whatever_it_is(name: str, fake: Limner, clip: Path) -> None:
    clip.rename(name)
    # As the shell writes the name that would else be an option or standard input.
    typed = f"./{name}" if name.startswith("-") else name
    run = fake(typed)
    assert run.code == 0, run.err
    stem = Path(name).stem
    assert Path(f"{stem}_pose.mp4").is_file()
    assert len(package.load(Path(f"{stem}_pose.jsonl"))) == 30


@pytest.mark.parametrize("letter", ["\n", "\r", "\x1b[2J", "\x07"])
def test_control_characters_are_escaped_in_messages(letter: str, fake: Limner, clip: Path) -> None:
    clip.rename(f"a{letter}b.mp4")
    Path(f"bad{letter}.mp4").write_text("no video")
    run = fake(f"a{letter}b.mp4", f"bad{letter}.mp4")
    assert Path(f"a{letter}b_pose.mp4").is_file()
    assert not any(each in run.err.replace("\n", "") for each in "\r\x1b\x07")
    escaped = letter.encode("unicode_escape").decode()
    for line in run.err.splitlines():
        assert line.startswith((f"a{escaped}b.mp4", f"limner: bad{escaped}.mp4", "limner: 1 of 2"))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("~nobody-of-this-name/x.mp4", "no such file or folder"),
        ("c" * 300 + ".mp4", "File name too long"),
        ("c" * 300 + "/*.mp4", "File name too long"),
        ("w" * 250 + ".mp4", "File name too long"),
    ],
)
def test_a_bad_name_stops_no_other(bad: str, reason: str, fake: Limner, clip: Path) -> None:
    if len(bad) < 255 and "/" not in bad:
        shutil.copy(clip, bad)
    run = fake(bad, clip, "--no-video")
    assert run.code == 1
    assert run.out.split() == ["walk_pose.csv", "walk_pose.jsonl"]
    (said,) = [line for line in run.err.splitlines() if line.startswith("limner: ")]
    assert reason in said
    assert "internal" not in said


def test_a_closed_folder_stops_no_other(
    fake: Limner, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.stat

    def stat(path: Any, **options: bool) -> os.stat_result:
        # The tests may run as somebody for whom no folder is closed.
        if str(path).startswith("closed/"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, **options)

    Path("closed").mkdir()
    shutil.copy(clip, "closed/x.mp4")
    monkeypatch.setattr(os, "stat", stat)
    for bad in ("closed/x.mp4", "closed"):
        run = fake(bad, clip, "--no-video", "--overwrite")
        assert run.code == 1
        assert run.out.split() == ["walk_pose.csv", "walk_pose.jsonl"]
        assert f"limner: {bad}: cannot be read: Permission denied\n" in run.err
    run = fake(clip, "-o", "closed/results")
    assert run.code == 1
    assert "limner: cannot write closed/results/walk_pose.mp4: Permission denied" in run.err
    assert fake.model is not None
    assert fake.model.frames == list(range(30)) * 2


def test_brackets_in_the_folders_of_a_pattern(fake: Limner, clip: Path) -> None:
    for folder in ("cam[1]", "cam1", "cam2"):
        Path(folder).mkdir()
        shutil.copy(clip, f"{folder}/{folder[3:].strip('[]')}.mp4")
    assert results(fake("cam[1]/*.mp4")) == ["cam[1]/1_pose.mp4"]
    assert results(fake("cam[2]/*.mp4")) == ["cam2/2_pose.mp4"]
    assert results(fake(Path.cwd() / "cam[1]" / "[1].mp4", "--overwrite")) == [
        str(Path.cwd() / "cam[1]" / "1_pose.mp4")
    ]


@pytest.mark.parametrize("folder", ["run2.0", "2024.05.01", "out.d"])
def test_a_dot_in_the_folder_for_results(folder: str, fake: Limner, clip: Path) -> None:
    shutil.copy(clip, "b.mp4")
    for inputs in ([clip], [clip, Path("b.mp4")]):
        made = results(fake(*inputs, "-o", folder, "--overwrite"))
        assert made == [f"{folder}/{path.stem}_pose.mp4" for path in inputs]


def test_a_photo_and_a_video_of_one_name(fake: Limner, clip: Path) -> None:
    Path("dcim").mkdir()
    clip.rename("dcim/IMG_1.MOV")
    cv2.imwrite("dcim/IMG_1.JPG", np.full((120, 160, 3), 128, np.uint8))
    made = ["IMG_1_JPG_pose.png", "IMG_1_MOV_pose.mp4"]
    assert results(fake("dcim", "-o", "made")) == [f"made/{name}" for name in made]
    # Beside the inputs, and once more: what was made is no input.
    for _ in range(2):
        assert results(fake("dcim", "--overwrite")) == [f"dcim/{name}" for name in made]
    # Alone each keeps its plain name, and so it does where nothing would be replaced.
    assert results(fake("dcim/IMG_1.MOV", "-o", "alone")) == ["alone/IMG_1_pose.mp4"]
    assert results(fake("dcim", "-o", "only", "--format", "none")) == [
        "only/IMG_1_pose.png",
        "only/IMG_1_pose.mp4",
    ]


def test_one_name_in_two_folders(fake: Limner, clip: Path) -> None:
    for folder in ("cam1", "cam2"):
        Path(folder).mkdir()
        shutil.copy(clip, f"{folder}/t.mp4")
    made = [f"made/{folder}_t_pose.mp4" for folder in ("cam1", "cam2")]
    assert results(fake("cam1", "cam2", "-o", "made")) == made
    assert results(fake("cam1", "cam2")) == ["cam1/t_pose.mp4", "cam2/t_pose.mp4"]
