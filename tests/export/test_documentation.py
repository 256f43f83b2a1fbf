"""docs/formats.md says what the code does."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from limner.cli.export import export
from limner.export import FORMATS

TEXT = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()


def test_every_format_is_in_the_table_with_its_ending() -> None:
    for name, found in FORMATS.items():
        assert f"| `{name}` | `dance_pose{found.ending}{'/' * found.folder}` |" in TEXT


def test_every_option_named_exists_and_the_other_way_round() -> None:
    named = set(re.findall(r"--([a-z]+(?:-[a-z]+)*)", TEXT))
    options = {
        name.replace("_", "-")
        for name in inspect.signature(export).parameters
        if name != "recording"
    }
    elsewhere = {"embed", "link", "show", "no-metres", "no-flags", "video", "blur-faces", "style"}
    assert named - elsewhere <= options
    assert options - named == {"output"}
