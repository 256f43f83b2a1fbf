"""limner plot and limner report take their options to what they make."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from support.cli_run import Limner


@pytest.fixture
def recording(fake: Limner, clip: Path) -> str:
    assert fake(clip).code == 0
    return "walk_pose.jsonl"


def test_plot(fake: Limner, recording: str) -> None:
    run = fake("plot", recording, "--show", "nose_x", "--dpi", "50", "--width", "100")
    assert (run.code, run.out) == (0, "walk_pose_plot.png\n"), run.err
    picture = cv2.imread("walk_pose_plot.png")
    assert picture is not None
    assert picture.shape[1] == pytest.approx(100 / 25.4 * 50, abs=4)
    refused = fake("plot", recording, "--show", "nose_x")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    again = fake(
        *("plot", recording, "--show", "nose_x", "--overwrite", "--person", "1"),
        *("--start", "0.2", "--end", "0.6", "--dpi", "50", "--output", "walk_pose_plot.png"),
    )
    assert again.code == 0, again.err
    later = cv2.imread("walk_pose_plot.png")
    assert later is not None
    assert later.shape != picture.shape or (later != picture).any()
    assert fake("plot", recording, "--person", "7", "--output", "x.png").code == 2


def test_report(fake: Limner, recording: str) -> None:
    run = fake("report", recording, "--show", "nose_x", "--link", "--output", "linked.html")
    assert (run.code, run.out) == (0, "linked.html\n"), run.err
    run = fake("report", recording, "--embed", "--video", "walk.mp4", "--output", "whole.html")
    assert run.code == 0, run.err
    sizes = [Path(name).stat().st_size for name in ("linked.html", "whole.html")]
    assert sizes[0] + Path("walk.mp4").stat().st_size < sizes[1]
    assert fake("report", recording, "--output", "whole.html").code == 1
    assert fake("report", recording, "--output", "whole.html", "--overwrite").code == 0
