"""Damaged videos are read as far as they go, or refused in a sentence."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from support.fuzz_videos import SOURCES, check, runs


def test_damaged_videos(tmp_path: Path) -> None:
    for path in islice(runs(tmp_path), 6 * len(SOURCES)):
        check(path)
