"""The table in docs/media.md says what really comes out."""

from __future__ import annotations

import sys

import av
import pytest

from support import media_table as table


def test_the_documented_table_is_true() -> None:
    if sys.platform != "linux" or int(av.__version__.split(".")[0]) != 18:
        pytest.skip("the table was made with PyAV 18 on Linux; other builds have other codecs")
    page = table.PAGE.read_text(encoding="utf-8")
    documented = page.split(table.BEGIN)[1].split(table.END)[0]
    assert table.table() == documented, "run: PYTHONPATH=tests python -m support.media_table"
