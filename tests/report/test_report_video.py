"""Which video a report shows: only what the user names or what fits beside the recording."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from limner.api import annotate
from limner.core.info import CopyInfo, InputInfo
from limner.errors import InputError
from limner.export import export
from limner.recording.recording import Recording, load
from limner.report.page import report_file
from support import clips, people, walkers

COPY = CopyInfo("walk_pose.mp4")
BLURRED = CopyInfo("walk_pose.mp4", faces_blurred=True)
SMALL = clips.Clip(frames=12)


def record(
    path: Path, copy: CopyInfo | None = COPY, input_path: str = "walk.mp4", begin: int = 0
) -> Path:
    """Write the recording of 12 frames of a small video."""
    walk = walkers.recording(seconds=1)[begin : begin + 12]
    info = InputInfo(input_path, SMALL.width, SMALL.height, Fraction(30), 12, 0.4)
    header = replace(walk.header, input=info, copy=copy)
    export(Recording(header, walk.frames), "jsonl", path)
    return path


def video(path: Path, **options: Any) -> Path:
    return clips.make(path, replace(clips.FORMATS.get(f"h264{path.suffix}", SMALL), **options))


def media_of(page: Path) -> tuple[str, bytes | None]:
    """Return the address that the page shows, and what is embedded in it."""
    found = re.search(r'<(?:video|img) src="([^"]*)"', page.read_text())
    if found is None:
        return "", None
    inside = re.fullmatch(r"data:[^;]*;base64,(.*)", found[1], re.DOTALL)
    return found[1], base64.b64decode(inside[1]) if inside else None


def data_of(page: Path) -> Any:
    found = re.search(r'<script id="data"[^>]*>(.*?)</script>', page.read_text(), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


@pytest.mark.parametrize("ending", [".mp4", ".mov", ".mkv", ".avi", ".webm"])
@pytest.mark.parametrize("blurred", [False, True])
def test_the_copy_is_shown_whatever_its_kind(ending: str, blurred: bool, tmp_path: Path) -> None:
    name = {".webm": "vp9.webm", ".avi": "mpeg4.avi"}.get(ending, f"h264{ending}")
    clips.make(tmp_path / "walk.mp4", SMALL)  # the plain input lies beside it
    copy = clips.make(tmp_path / f"walk_pose{ending}", clips.FORMATS[name])
    source = record(tmp_path / "walk_pose.jsonl", CopyInfo(copy.name, blurred))
    written = report_file(source)
    assert f"walk_pose{ending}" in written.note
    assert media_of(written.path)[1] == copy.read_bytes()


def test_without_its_copy_a_run_that_hid_faces_shows_nothing(tmp_path: Path) -> None:
    plain = video(tmp_path / "walk.mp4")
    video(tmp_path / "walk_pose.mov")  # from another run
    for number, copy in enumerate((BLURRED, CopyInfo(None, faces_blurred=True))):
        source = record(tmp_path / "walk_pose.jsonl", copy)
        written = report_file(source, tmp_path / f"{number}.html")
        assert "the run hid faces" in written.note
        assert media_of(written.path) == ("", None)
        assert "There is no video to show." in written.path.read_text()
        with pytest.raises(InputError, match="the run hid faces, so its report shows nothing but"):
            report_file(source, tmp_path / "given.html", video=plain)
        assert not (tmp_path / "given.html").exists()
        source.unlink()


def test_an_input_under_another_name_is_not_taken_for_the_copy(tmp_path: Path) -> None:
    video(tmp_path / "person1.mp4")  # the plain input, renamed as the recording was
    written = report_file(record(tmp_path / "person1.jsonl", BLURRED))
    assert media_of(written.path) == ("", None)
    # The name that the run gave the copy is told.
    copy = video(tmp_path / "walk_pose.mp4")
    shown = report_file(tmp_path / "person1.jsonl", tmp_path / "b.html", video=copy)
    assert media_of(shown.path)[1] == copy.read_bytes()


def test_an_interrupted_run_that_hid_faces_does_not_show_an_older_copy(tmp_path: Path) -> None:
    video(tmp_path / "walk_pose.mp4")
    source = record(tmp_path / "walk_pose.partial.jsonl", BLURRED)
    assert media_of(report_file(source).path) == ("", None)
    half = video(tmp_path / "walk_pose.partial.mp4")
    shown = report_file(source, tmp_path / "b.html")
    assert media_of(shown.path)[1] == half.read_bytes()


def test_an_older_recording_shows_its_copy_and_never_the_input(tmp_path: Path) -> None:
    """It does not say whether faces were hidden."""
    video(tmp_path / "walk.mp4")
    source = record(tmp_path / "walk_pose.jsonl", None)
    assert media_of(report_file(source).path) == ("", None)
    same = record(tmp_path / "walk.jsonl", None)
    assert media_of(report_file(same).path) == ("", None)
    copy = video(tmp_path / "walk_pose.mp4", frames=12)
    shown = report_file(source, tmp_path / "b.html")
    assert media_of(shown.path)[1] == copy.read_bytes()


def test_the_input_is_shown_where_it_lies_beside_and_fits(tmp_path: Path) -> None:
    plain = video(tmp_path / "walk.mp4")
    source = record(tmp_path / "walk_pose.jsonl", CopyInfo(None))
    assert media_of(report_file(source).path)[1] == plain.read_bytes()


@pytest.mark.parametrize("kind", ["elsewhere", "above", "image", "short", "size", "text", "link"])
def test_a_file_that_a_header_names_stays_out(kind: str, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    here = tmp_path / "here"
    here.mkdir()
    secret = video(tmp_path / "private" / "secret.mp4")
    named = {"elsewhere": str(secret), "above": "../private/secret.mp4"}.get(kind, "secret.mp4")
    if kind == "image":
        named = "secret.png"
        import cv2

        cv2.imwrite(str(here / named), np.zeros((SMALL.height, SMALL.width, 3), np.uint8))
    elif kind == "short":
        video(here / named, frames=11)
    elif kind == "size":
        video(here / named, width=320)
    elif kind == "text":
        (here / named).write_text("a letter")
    elif kind == "link":
        (here / named).symlink_to(secret)
    source = record(here / "walk_pose.jsonl", CopyInfo(None), named)
    written = report_file(source)
    assert "no video that fits was found" in written.note
    assert media_of(written.path) == ("", None)


def test_of_a_measured_image_the_copy_is_shown(tmp_path: Path) -> None:
    import cv2

    walk = walkers.recording(seconds=1)[:1]
    info = InputInfo("walk.jpg", SMALL.width, SMALL.height)
    header = replace(walk.header, input=info, copy=CopyInfo("walk_pose.png"))
    source = tmp_path / "walk_pose.jsonl"
    export(Recording(header, walk.frames), "jsonl", source)
    cv2.imwrite(str(tmp_path / "walk_pose.png"), np.zeros((96, 160, 3), np.uint8))
    address, inside = media_of(report_file(source).path)
    assert address.startswith("data:image/png;")
    assert inside == (tmp_path / "walk_pose.png").read_bytes()
    with pytest.raises(InputError, match="expected an image, as what was measured is, got video"):
        report_file(source, tmp_path / "b.html", video=video(tmp_path / "other.mp4"))


def test_a_link_and_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = record(tmp_path / "walk_pose.jsonl")
    odd = video(tmp_path / "a b#c.mp4")
    named = report_file(source, tmp_path / "named.html", video=odd, embed=False)
    assert media_of(named.path)[0] == "a%20b%23c.mp4"
    copy = video(tmp_path / "walk_pose.mp4")
    (tmp_path / "sub").mkdir()
    linked = report_file(source, tmp_path / "sub" / "linked.html", embed=False)
    assert "keep the two together" in linked.note
    assert media_of(linked.path)[0] == "../walk_pose.mp4"
    monkeypatch.setattr("limner.report.page.EMBED_LIMIT", copy.stat().st_size - 1)
    large = report_file(source, tmp_path / "large.html")
    assert media_of(large.path)[0] == "walk_pose.mp4"
    monkeypatch.setattr("limner.report.page._PIECE", 3)
    small = report_file(source, tmp_path / "small.html", embed=True)
    assert media_of(small.path)[1] == copy.read_bytes()


@pytest.mark.parametrize("begin", [0, 5])
def test_the_page_runs_on_the_clock_of_the_copy(begin: int, tmp_path: Path) -> None:
    """A copy may begin later than its sound, and run at another rate than the input."""
    rate = Fraction(10)
    ticks = [round(90000 * (0.7 + n / 10)) for n in range(12)]
    video(tmp_path / "walk_pose.mp4", ticks=ticks, rate=rate, audio="aac")
    source = record(tmp_path / "walk_pose.jsonl", COPY, begin=begin)
    data = data_of(report_file(source).path)
    assert data["video_start"] == 0
    np.testing.assert_allclose(data["video"]["times"], 0.7 + np.arange(12) / 10, atol=2e-3)
    np.testing.assert_allclose(data["times"], (begin + np.arange(12)) / 30, atol=1e-4)


def test_of_a_part_the_input_is_shown_at_its_own_times(tmp_path: Path) -> None:
    plain = video(tmp_path / "walk.mp4", frames=30)
    source = record(tmp_path / "walk_pose.jsonl", CopyInfo(None), begin=10)
    for page in (report_file(source), report_file(source, tmp_path / "b.html", video=plain)):
        data = data_of(page.path)
        np.testing.assert_allclose(data["video"]["times"], data["times"], atol=2e-3)
        np.testing.assert_allclose(data["times"][0], 1 / 3, atol=1e-3)


def test_a_run_says_what_it_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video(tmp_path / "walk.mp4")
    monkeypatch.setattr("limner.api.open_model", lambda _: people.FakeModel())
    annotate(tmp_path / "walk.mp4", blur_faces=True, output_rate=10, style="neon", format="jsonl")
    copy = load(tmp_path / "walk_pose.jsonl").header.copy
    assert copy == CopyInfo(
        "walk_pose.mp4", faces_blurred=True, frame_rate=Fraction(10), style="neon"
    )
    data = data_of(report_file(tmp_path / "walk_pose.jsonl").path)
    np.testing.assert_allclose(data["video"]["times"], np.arange(12) / 10, atol=2e-3)
    annotate(tmp_path / "walk.mp4", video=False, format="jsonl", overwrite=True)
    assert load(tmp_path / "walk_pose.jsonl").header.copy == CopyInfo(None)
